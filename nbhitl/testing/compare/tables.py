"""HTML tables, as of a DataFrame: compared by the values of their cells."""

from html.parser import HTMLParser

from nbhitl.testing.compare.rules import Rules
from nbhitl.testing.compare.text import close


def same_table(stored: str, got: str, rules: Rules) -> bool:
    """Tell whether both are tables of the same values, with the same text around them, whatever their styles."""
    if "<table" not in stored or "<table" not in got:
        return False
    before, now = _Texts.of(rules.sanitised(stored)), _Texts.of(rules.sanitised(got))
    return [row for row, _ in before] == [row for row, _ in now] and all(
        close(one, other, rules.tolerance) for (_, one), (_, other) in zip(before, now, strict=True)
    )


Place = tuple[int, int, int]
"""Of a text: table, row, cell; zeros outside of any."""


class _Texts(HTMLParser):
    """Collects the texts of a page, each with the table, row and cell that it stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[Place, str]] = []
        self._place = [0, 0, 0]
        self._in_style = False

    @classmethod
    def of(cls, page: str) -> list[tuple[Place, str]]:
        parser = cls()
        parser.feed(page)
        parser.close()
        return parser.texts

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for target in (value for name, value in attrs if name in ("href", "src") and value):
            self.handle_data(target)
        if tag in (levels := {"table": 0, "tr": 1, "th": 2, "td": 2}):
            level = levels[tag]
            self._place[level] += 1
            self._place[level + 1 :] = [0] * (2 - level)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if (text := " ".join(data.split())) and not self._in_style:
            table, row, cell = self._place
            self.texts.append(((table, row, cell), text))
