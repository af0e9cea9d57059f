"""The progress of a run, as the page draws the progress: steps, texts of models, the log, bars and events."""

from typing import Literal

from typing_extensions import TypedDict  # pydantic reads typing.TypedDict only from Python 3.12 on

PIECES = 9
"""Number of pieces in which the end of a long text is kept; each new piece replaces the oldest piece."""


class StepEntry(TypedDict):
    """A node, for all runs of the node; ``again``: the code above an ``interrupt()`` ran anew for an answer."""

    kind: Literal["step"]
    node: str
    state: Literal["running", "done", "asking", "failed"]
    runs: int
    again: bool


class Bar(TypedDict):
    """A progress bar that a node draws through a ``StreamWriter``; ``total`` is ``None`` if unknown."""

    kind: Literal["bar"]
    label: str
    done: float
    total: float | None


class Spoken(TypedDict):
    """The text of a model, while the tokens come; of a long text ``text`` is the end."""

    kind: Literal["spoken"]
    node: str
    text: str


class Voice(TypedDict):
    """The node of the text in the pieces from the ``first`` on."""

    kind: Literal["voice"]
    node: str
    first: int


class Piece(TypedDict):
    """The ``nth`` piece of a text."""

    kind: Literal["piece"]
    nth: int
    text: str


class Progress(TypedDict):
    """The progress of a run, written by the kernel several times a second at most.

    ``events`` are the last custom events without bars, ``log`` is the end of printed and logged texts of nodes.
    """

    kind: Literal["progress"]
    steps: list[StepEntry]
    bars: list[Bar]
    events: list[str]
    spoken: list[Spoken]
    log: str
