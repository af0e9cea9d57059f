"""How much of a payload is shown."""

from nbhitl.jsontext import DISPLAY_LIMIT, cut

CHARACTERS = 120_000
"""Of all texts, cells and trees together."""

IMAGE_BYTES = 2_000_000
"""Of all images together."""


class Room:
    """The size that is left for a payload."""

    def __init__(self) -> None:
        self.characters = CHARACTERS
        self.image_bytes = IMAGE_BYTES

    @property
    def limit(self) -> int:
        """Most characters of a single text."""
        return max(0, min(DISPLAY_LIMIT, self.characters))

    def text(self, text: str, limit: int | None = None) -> str:
        """Return as much of a text as there is room for."""
        shown = cut(text, self.limit if limit is None else min(limit, self.limit))
        self.characters -= len(shown)
        return shown

    def has_image(self, size: int) -> bool:
        """Tell whether there is room for an image of so many bytes, and take it."""
        if size > self.image_bytes:
            return False
        self.image_bytes -= size
        return True
