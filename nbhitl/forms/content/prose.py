"""Texts: prose, Markdown if clearly recognised, program text, links; and the room that a payload has in the page."""

import re

from nbhitl.jsontext import DISPLAY_LIMIT, cut
from nbhitl.protocol import Content

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


HEAD = 3_000
"""Number of characters that are read to recognise a text."""

LANGUAGES = {
    **{key: key for key in ("css", "html", "javascript", "json", "markdown", "python", "sql", "typescript", "xml")},
    **dict.fromkeys(("bash", "shell", "shell_command", "command_line"), "bash"),
    **dict.fromkeys(("js",), "javascript"),
    **dict.fromkeys(("md",), "markdown"),
    **dict.fromkeys(("py", "python_code"), "python"),
    **dict.fromkeys(("sql_query", "query_sql"), "sql"),
    **dict.fromkeys(("yaml", "yml"), "yaml"),
}
"""Keys that name the language of their text."""

CODE_KEYS = {"code", "script", "snippet", "source_code"}
QUERY_KEYS = {"query", "statement", "queries"}

SQL = re.compile(
    r"\s*(?:select|insert|update|delete|with|create|alter|drop|merge|truncate)\b.*\S", re.IGNORECASE | re.DOTALL
)
PYTHON = re.compile(
    r"^(?:import \w[\w.]*(?: as \w+)?(?:, *\w[\w.]*(?: as \w+)?)*[ \t]*(?:[#;].*)?\r?$"
    r"|from \w[\w.]* import [\w(*]"
    r"|(?:async )?def \w+\("
    r"|class \w+(?:\([^)\n]*\))?:[ \t]*(?:#.*)?\r?$)",
    re.MULTILINE,
)
"""A line at the left margin that prose hardly has: a prose line may begin with "import duties on", or with "@ann"."""
SHEBANG = re.compile(r"#!\s*/\S*?(?:env )?(python|bash|sh|node)")
FENCE = re.compile(r"\s*```([\w+-]*)[^\n]*\n(.*?)\n?```\s*", re.DOTALL)
FENCED = re.compile(r"^```.*?(?:^```[ \t]*\r?$|\Z)", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"'`{}|\\^]+")

MARKDOWN = re.compile(
    r"^#{1,6} +\S"  # a heading
    r"|^```"
    r"|^\|.*\|[ \t]*\n\|[ :|-]+\|"  # a table's head
    r"|\[[^\]\n]+\]\((?:https?://|mailto:)"
    r"|(?<![\w*])\*\*[^\s*](?:[^*\n]*[^\s*])?\*\*(?![\w*])",  # bold
    re.MULTILINE,
)
ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)]) +\S", re.MULTILINE)


def language_of(text: str, key: str = "") -> str:
    """Return the language of a text: ``"markdown"``, ``"python"``, ``"sql"``, …; empty for prose."""
    key, head = key.lower(), text[:HEAD]
    if key in LANGUAGES:
        return LANGUAGES[key]
    if key in QUERY_KEYS:
        return "sql" if SQL.match(head) else ""
    if shebang := SHEBANG.match(head):
        return {"node": "javascript", "sh": "bash"}.get(shebang[1], shebang[1])
    if PYTHON.search(FENCED.sub("", head)):  # an explanation with a block of Python is no Python
        return "python"
    return "markdown" if is_markdown(head) else ""


def is_markdown(text: str) -> bool:
    """Tell whether a text is meant as Markdown; a doubtful text is not."""
    head = text[:HEAD]
    return bool(MARKDOWN.search(head)) or len(ITEM.findall(head)) > 1


def text_shown(text: str, room: Room, key: str = "") -> list[Content]:
    """Return the content for a text; ``key`` is the key of the text in the payload."""
    if room.limit == 0:
        return [{"kind": "prose", "text": room.text(text), "markdown": False}]
    if len(text) < HEAD and LINK.fullmatch(text):
        shown = room.text(text)
        return [{"kind": "link", "url": shown, "label": shown}]
    fence = FENCE.fullmatch(text) if len(text) < HEAD * 4 and "```" not in text.strip()[3:-3] else None
    if fence:
        return [{"kind": "code", "text": room.text(fence[2]), "language": fence[1].lower()}]
    language = language_of(text, key)
    if language in {"", "markdown"} and key.lower() not in CODE_KEYS:
        return [{"kind": "prose", "text": room.text(text), "markdown": language == "markdown"}]
    return [{"kind": "code", "text": room.text(text), "language": "" if language == "markdown" else language}]
