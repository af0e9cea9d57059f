"""What gives the answers of a run: the notebook's record, a decision path, or what ``NBHITL_ANSWERS`` names."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from nbhitl.answers import ByNode, Record
from nbhitl.answers.answers_file import read_answers
from nbhitl.answers.notebook_file import LIVE, REPLAY, answers_named, recorded_answers
from nbhitl.model.run import Interrupt, Past
from nbhitl.protocol import RECORD_KEY, RecordEntry
from nbhitl.testing.runner.loading import Loaded
from nbhitl.testing.runner.paths import Path


class LeftOver(NamedTuple):
    """An answer that nothing asked for.

    Attributes
    ----------
    told
        Says so.
    gone
        The entry of the record, where its cell is gone: then there is no question to which it could belong.
    gone_calls
        Whether it tells of calls of models instead, of cells that are gone.
    """

    told: str
    gone: RecordEntry | None = None
    gone_calls: bool = False


class ReviewOf(NamedTuple):
    """Which review asks: with this key, of its execution of a cell the ``nth``; its card is in ``cell``."""

    key: str
    nth: int
    cell: str | None


class RunnerSource(Protocol):
    """Gives answers, each once.

    Attributes
    ----------
    client
        What the kernel is told of who answers: `LIVE`, or `REPLAY` where a review's own unattended answers come first.
    """

    client: str

    def found(self, past: Past, review: ReviewOf) -> list[RecordEntry]:
        """Note what the run of a review asked before it was found; return the entries that tell of it."""

    def may_run_again(self, review: ReviewOf) -> bool:
        """Tell whether it says that a step of this review that may have run already may be run again."""

    def take(self, interrupt: Interrupt, ordinal: int, review: ReviewOf) -> Any:
        """Return the answer to a question of a review.

        Raises
        ------
        NobodyThere, BadRecord
            If there is none, or none that can be read.
        """

    def left_over(self, is_excused: Callable[[RecordEntry], bool]) -> list[LeftOver]:
        """Return what nothing asked for, but recorded answers that nothing could ask for in this run."""


def source_of(loaded: Loaded, path: Path | None) -> RunnerSource:
    """Return what gives the answers: a decision path, else what ``NBHITL_ANSWERS`` names, else the record.

    Raises
    ------
    BadAnswersFile, BadRecord
        If ``NBHITL_ANSWERS`` names what cannot be read.
    """
    if path is not None:
        return FromPath(path)
    named = answers_named()
    if not named:
        return FromRecord(loaded, loaded.record, loaded.path.name)
    file = loaded.path.parent / named  # where the kernel looks for it
    if file.suffix == ".ipynb":
        return FromAnother(loaded, recorded_answers(file), file.name)
    return FromFile(read_answers(file))


class FromRecord:
    """Gives what a person answered earlier, as the kernel's own replay does."""

    client = REPLAY

    def __init__(self, loaded: Loaded, record: Iterable[RecordEntry], place: str) -> None:
        self._left, self._place = list(record), place
        self._cells = {name: cell.source for name, cell in zip(loaded.names, loaded.node.cells, strict=True)}
        self._records: dict[ReviewOf, Record] = {}

    def found(self, past: Past, review: ReviewOf) -> list[RecordEntry]:
        """Leave out the answers to settled questions, that of the very review before those of others."""
        record = self._record(review)
        record.found(past)
        return record.settled

    def _record(self, review: ReviewOf) -> Record:
        def is_mine(entry: RecordEntry) -> bool:
            return (entry["cell"], entry.get("review", 0)) == (review.cell, review.nth)

        return self._records.setdefault(review, Record(self._left, self._place, review.key, is_mine))

    def may_run_again(self, review: ReviewOf) -> bool:
        """Return ``False``: a record does not say it."""
        return False

    def take(self, interrupt: Interrupt, ordinal: int, review: ReviewOf) -> Any:
        """Return the recorded answer to the same question, that of the very review before those of others."""
        record = self._record(review)
        answer = record.take(interrupt, ordinal)
        if answer is None:
            raise record.why_none(interrupt, ordinal)
        return answer.value

    def left_over(self, is_excused: Callable[[RecordEntry], bool]) -> list[LeftOver]:
        """Return the entries that nothing asked for."""
        return [self._left_over(entry) for entry in self._left if not is_excused(entry)]

    def _left_over(self, entry: RecordEntry) -> LeftOver:
        source = self._cells.get(entry["cell"])
        cell = "a cell that is gone" if source is None else f"the cell {source.strip().partition(chr(10))[0]!r}"
        told = (
            f"LeftoverAnswers: nothing asked for the answer that {self._place} has recorded for node {entry['node']!r} "
            f"(question {entry['ordinal'] + 1} of its review in {cell}):\n"
            f"{entry['payload']}\n"
        )
        if source is None:
            return LeftOver(f"{told}Take it out of the notebook: pytest --nbhitl --nbhitl-update", entry)
        return LeftOver(
            f"{told}Run that cell again in JupyterLab and save, or remove the entry from the notebook's metadata, key "
            f"{RECORD_KEY + entry['cell']!r}."
        )


class FromAnother(FromRecord):
    """Gives what a person answered in another notebook, which may have asked more."""

    def left_over(self, is_excused: Callable[[RecordEntry], bool]) -> list[LeftOver]:
        """Return nothing."""
        return []


class FromFile:
    """Gives answers by node: those for the review's key, or those for all others, which stand under ``""``."""

    client = LIVE
    only_asked = True
    """Other notebooks may use the file as well: only of nodes that asked here is it known what is too much."""

    def __init__(self, answers: Mapping[str, ByNode]) -> None:
        self._answers = answers

    def found(self, past: Past, review: ReviewOf) -> list[RecordEntry]:
        """Leave out the answers to settled questions."""
        self._of(review).found(past)
        return []

    def may_run_again(self, review: ReviewOf) -> bool:
        """Tell whether the file says it for this review."""
        return self._of(review).may_run_again

    def _of(self, review: ReviewOf) -> ByNode:
        return self._answers.get(review.key, self._answers[""])

    def take(self, interrupt: Interrupt, ordinal: int, review: ReviewOf) -> Any:
        """Return the next answer for the node."""
        answers = self._of(review)
        answer = answers.take(interrupt, ordinal)
        if answer is None:
            raise answers.why_none(interrupt, ordinal)
        return answer.value

    def left_over(self, is_excused: Callable[[RecordEntry], bool]) -> list[LeftOver]:
        """Return the answers that nothing asked for."""
        left = [answers.left_over(only_asked=self.only_asked) for answers in self._answers.values()]
        return [LeftOver(f"LeftoverAnswers: {each}") for each in left if each is not None]


class FromPath(FromFile):
    """Gives the answers of a decision path."""

    only_asked = False

    def __init__(self, path: Path) -> None:
        super().__init__({"": ByNode(path.answers, f"the {path.where}", may_run_again=path.may_run_again)})
