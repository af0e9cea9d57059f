"""What gives the answers of a run: the notebook's record, or a decision path."""

from collections.abc import Collection
from typing import Any, NamedTuple, Protocol

from nbhitl.answers import ByNode, Record
from nbhitl.protocol import RECORD_KEY, RecordEntry
from nbhitl.testing.loading import Loaded
from nbhitl.testing.paths import Path
from nbhitl.thread import Interrupt


class LeftOver(NamedTuple):
    """An answer that nothing asked for.

    Attributes
    ----------
    told
        Says so.
    gone
        The entry of the record, where its cell is gone: then there is no question to which it could belong.
    """

    told: str
    gone: RecordEntry | None = None


class Source(Protocol):
    """Gives answers, each once."""

    def take(self, interrupt: Interrupt, ordinal: int, key: str) -> Any:
        """Return the answer to a question.

        Raises
        ------
        NobodyThere, BadRecord
            If there is none, or none that can be read.
        """

    def left_over(self, skipped: Collection[str | None]) -> list[LeftOver]:
        """Return what nothing asked for; ``skipped`` are the ids of cells that were not executed on purpose."""


class FromRecord:
    """Gives what a person answered earlier, as the kernel's own replay does."""

    def __init__(self, loaded: Loaded) -> None:
        self._left = list(loaded.record)
        self._place = loaded.path.name
        self._cells = {cell.get("id"): cell.source for cell in loaded.node.cells}

    def take(self, interrupt: Interrupt, ordinal: int, key: str) -> Any:
        """Return the recorded answer to the same question."""
        record = Record(self._left, self._place, key)
        answer = record.take(interrupt, ordinal)
        if answer is None:
            raise record.why_none(interrupt, ordinal)
        return answer.value

    def left_over(self, skipped: Collection[str | None]) -> list[LeftOver]:
        """Return the entries that nothing asked for."""
        return [self._left_over(entry) for entry in self._left if entry["cell"] not in skipped]

    def _left_over(self, entry: RecordEntry) -> LeftOver:
        source = self._cells.get(entry["cell"])
        cell = "a cell that is gone" if source is None else f"the cell {source.strip().partition(chr(10))[0]!r}"
        told = (
            f"LeftoverAnswers: nothing asked for the answer that {self._place} has recorded for node {entry['node']!r} "
            f"(question {entry['ordinal'] + 1} of its review in {cell}):\n"
            f"{entry['payload']}\nanswer: {entry['answer']}\n"
        )
        if source is None:
            return LeftOver(f"{told}Take it out of the notebook: pytest --nbhitl --nbhitl-update", entry)
        return LeftOver(
            f"{told}Run that cell again in JupyterLab and save, or remove the entry from the notebook's metadata, key "
            f"{RECORD_KEY + entry['cell']!r}."
        )


class FromPath:
    """Gives the answers of a decision path."""

    def __init__(self, path: Path) -> None:
        self._answers = ByNode(path.answers, f"the {path.where}")

    def take(self, interrupt: Interrupt, ordinal: int, key: str) -> Any:
        """Return the next answer for the node."""
        answer = self._answers.take(interrupt, ordinal)
        if answer is None:
            raise self._answers.why_none(interrupt, ordinal)
        return answer.value

    def left_over(self, skipped: Collection[str | None]) -> list[LeftOver]:
        """Return the answers that nothing asked for."""
        left = self._answers.left_over()
        return [] if left is None else [LeftOver(f"LeftoverAnswers: {left}")]
