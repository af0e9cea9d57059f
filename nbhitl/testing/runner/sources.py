"""Sources of a run's answers: the notebook's record, a decision path, or the file named by ``NBHITL_ANSWERS``."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from nbhitl.answers import Answer, ByNode, Record
from nbhitl.answers.answers_file import read_answers
from nbhitl.answers.claims import Claims
from nbhitl.answers.notebook_content import recorded_answers
from nbhitl.answers.notebook_file import LIVE, REPLAY, answers_named
from nbhitl.answers.precedence import AnswersFrom, first_of
from nbhitl.protocol import RECORD_KEY, RecordEntry
from nbhitl.runs.past import Past
from nbhitl.runs.run import Interrupt
from nbhitl.testing.runner.loading import Loaded
from nbhitl.testing.runner.paths import DecisionPath


class LeftOver(NamedTuple):
    """An unused answer.

    Attributes
    ----------
    told
        The message.
    gone
        The entry of the record, if the cell is deleted: then no question can use the answer.
    gone_calls
        Whether the message is about calls of models in deleted cells.
    """

    told: str
    gone: RecordEntry | None = None
    gone_calls: bool = False


class ReviewOf(NamedTuple):
    """Identifies a review: the key, the number within the execution of a cell, and the name of the card's cell."""

    key: str
    nth: int
    cell: str | None


class RunnerSource(Protocol):
    """Gives answers, each once.

    Attributes
    ----------
    client
        Told to the kernel: `LIVE`, or `REPLAY` where a review's own unattended answers take precedence.
    """

    client: str

    def found(self, past: Past, review: ReviewOf) -> list[RecordEntry]:
        """Note the questions that a run asked before the review found the run; return the entries of their answers."""

    def may_run_again(self, review: ReviewOf) -> bool:
        """Tell whether a step of this review that may have run already may be run again."""

    def take(self, interrupt: Interrupt, ordinal: int, review: ReviewOf) -> Answer:
        """Return the answer to a question of a review.

        Raises
        ------
        NobodyThere, BadRecord
            If there is no answer, or no readable answer.
        """

    def left_over(self, is_excused: Callable[[RecordEntry], bool]) -> list[LeftOver]:
        """Return the unused answers, without recorded answers whose question could not be asked in this run."""


def source_of(loaded: Loaded, path: DecisionPath | None) -> RunnerSource:
    """Return the source, by `nbhitl.answers.precedence`: a path, the file named by ``NBHITL_ANSWERS``, or the record.

    Raises
    ------
    BadAnswersFile, BadRecord
        If ``NBHITL_ANSWERS`` names a file that cannot be read.
    """
    named = answers_named()
    file = loaded.path.parent / named if named else None  # as the kernel resolves the name

    def of_the_file() -> RunnerSource | None:
        if file is None or file.suffix == ".ipynb":
            return None
        return FromFile(read_answers(file))

    def of_the_record() -> RunnerSource:
        if file is None:
            return FromRecord(loaded, loaded.record, loaded.path.name)
        return FromAnother(loaded, recorded_answers(file), file.name)

    finders: dict[AnswersFrom, Callable[[], RunnerSource | None]] = {
        "a decision path": lambda: None if path is None else FromPath(path),
        "a file of answers": of_the_file,
        "the record": of_the_record,
    }
    source = first_of(finders)
    assert source is not None, "a notebook has a record, if an empty one"
    return source


class FromRecord:
    """Gives the answers that a person gave earlier, as the kernel's own replay does."""

    client = REPLAY

    def __init__(self, loaded: Loaded, record: Iterable[RecordEntry], place: str) -> None:
        self._left, self._place = list(record), place
        self._cells = {name: cell.source for name, cell in zip(loaded.names, loaded.node.cells, strict=True)}
        self._records: dict[ReviewOf, Record] = {}

    def found(self, past: Past, review: ReviewOf) -> list[RecordEntry]:
        """Leave out the answers to settled questions, answers of this very review first."""
        record = self._record(review)
        before = len(record.settled)
        record.found(past)
        return record.settled[before:]

    def _record(self, review: ReviewOf) -> Record:
        if review not in self._records:
            claims = Claims(self._cells, () if review.cell is None else (review.cell,), review.nth)
            self._records[review] = Record(self._left, self._place, review.key, claims)
        return self._records[review]

    def may_run_again(self, review: ReviewOf) -> bool:
        """Return ``False``: a record has no such permission."""
        return False

    def take(self, interrupt: Interrupt, ordinal: int, review: ReviewOf) -> Answer:
        """Return the recorded answer to the same question, the answer of this very review first."""
        record = self._record(review)
        answer = record.take(interrupt, ordinal)
        if answer is None:
            raise record.why_none(interrupt, ordinal)
        return answer

    def left_over(self, is_excused: Callable[[RecordEntry], bool]) -> list[LeftOver]:
        """Return the unused entries."""
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
            return LeftOver(f"{told}Remove the answer from the notebook: pytest --nbhitl --nbhitl-update", entry)
        return LeftOver(
            f"{told}Run that cell again in JupyterLab and save, or remove the entry from the notebook's metadata, key "
            f"{RECORD_KEY + entry['cell']!r}."
        )


class FromAnother(FromRecord):
    """Gives the answers that a person gave in another notebook, which may have asked more."""

    def left_over(self, is_excused: Callable[[RecordEntry], bool]) -> list[LeftOver]:
        """Return nothing."""
        return []


class FromFile:
    """Gives answers by node: the answers under the review's key, or the answers for all other keys, under ``""``."""

    client = LIVE
    only_asked = True
    """Other notebooks may use the file as well: an answer counts as unused only if the node asked here."""

    def __init__(self, answers: Mapping[str, ByNode]) -> None:
        self._answers = answers

    def found(self, past: Past, review: ReviewOf) -> list[RecordEntry]:
        """Leave out the answers to settled questions."""
        self._of(review).found(past)
        return []

    def may_run_again(self, review: ReviewOf) -> bool:
        """Tell whether the file permits this for the review."""
        return self._of(review).may_run_again

    def _of(self, review: ReviewOf) -> ByNode:
        return self._answers.get(review.key, self._answers[""])

    def take(self, interrupt: Interrupt, ordinal: int, review: ReviewOf) -> Answer:
        """Return the next answer for the node."""
        answers = self._of(review)
        answer = answers.take(interrupt, ordinal)
        if answer is None:
            raise answers.why_none(interrupt, ordinal)
        return answer

    def left_over(self, is_excused: Callable[[RecordEntry], bool]) -> list[LeftOver]:
        """Return the unused answers."""
        left = [answers.left_over(only_asked=self.only_asked) for answers in self._answers.values()]
        return [LeftOver(f"LeftoverAnswers: {each}") for each in left if each is not None]


class FromPath(FromFile):
    """Gives the answers of a decision path."""

    only_asked = False

    def __init__(self, path: DecisionPath) -> None:
        where, again = f"the {path.where}", path.may_run_again
        super().__init__({"": ByNode(path.answers, where, may_run_again=again, has_words=True)})
