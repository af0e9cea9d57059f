"""Limits the part of a payload that is shown."""

from nbhitl.jsontext import DISPLAY_LIMIT, cut

CHARACTERS = 120_000
"""For all texts, cells and trees together."""

IMAGE_BYTES = 2_000_000
"""For all images together."""


class Room:
    """The remaining size for a payload."""

    def __init__(self) -> None:
        self.characters = CHARACTERS
        self.image_bytes = IMAGE_BYTES

    @property
    def limit(self) -> int:
        """Longest single text."""
        return max(0, min(DISPLAY_LIMIT, self.characters))

    def text(self, text: str, limit: int | None = None) -> str:
        """Return the beginning of a text that fits the remaining size."""
        shown = cut(text, self.limit if limit is None else min(limit, self.limit))
        self.characters -= len(shown)
        return shown

    def has_image(self, size: int) -> bool:
        """Tell whether an image of this many bytes fits; if so, take the size from the rest."""
        if size > self.image_bytes:
            return False
        self.image_bytes -= size
        return True
