"""What becomes of the records of one review's answers: the page writes one, the kernel does, or nobody."""

from collections.abc import Iterator
from contextlib import contextmanager

from nbhitl import output
from nbhitl.card import Place, place_of
from nbhitl.forms import Forms
from nbhitl.protocol import (
    OUTPUT_KEY,
    AnswerMessage,
    NotRecorded,
    Recorded,
    RecordStatus,
    RecordToWrite,
    ResumeMessage,
)
from nbhitl.questions import Asked
from nbhitl.waiting import show

KEPT_OUT = "as you chose"
"""Why an answer is not recorded that a person keeps out."""


class Recording:
    """Decides on the record of each answer, and knows what came of it.

    Parameters
    ----------
    forms
        What an answer is told with.
    where
        Which review of which execution of a cell it is; ``None`` where nothing is to be recorded.

    Attributes
    ----------
    statuses
        What the card says of each record.
    """

    def __init__(self, forms: Forms, where: output.Where | None) -> None:
        self._forms, self._where = forms, where
        self.statuses: dict[Place, RecordStatus] = {}
        self._requests: dict[str, Place] = {}  # by request of an answer
        self._to_show: dict[Place, RecordToWrite] = {}  # records that no page can write
        self._is_held = False

    @property
    def is_on(self) -> bool:
        """Whether answers are recorded."""
        return self._where is not None

    def take(self, asked: Asked, message: AnswerMessage | ResumeMessage) -> RecordToWrite | None:
        """Decide on an answer that was taken; return what its page is to write."""
        place = self._requests[message["request"]] = place_of(asked)
        before = self.statuses.pop(place, None)  # of an answer that this one replaces
        self._to_show.pop(place, None)
        record = self._record_of(asked, message)
        if isinstance(record, str):
            self.statuses[place] = {"kind": "not_recorded", "reason": record}
            if self._where is None or before is None or before["kind"] != "recorded":
                return None
            return output.record_to_forget(asked, self._where)
        if message["kind"] == "resume" or "why_not" not in message:
            return record
        if self._is_held:
            self.statuses[place], self._to_show[place] = {"kind": "in_output"}, record
        else:
            self.statuses[place] = {"kind": "not_recorded", "reason": message["why_not"]}
        return None

    def came_to(self, request: str, outcome: Recorded | NotRecorded) -> bool:
        """Note what came of the page's writing; tell whether the answer is known: a kernel may be new."""
        place = self._requests.get(request)
        if place is not None:
            self.statuses[place] = outcome
        return place is not None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the running cell wait; in the end it shows the records that the page could not write."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            for record in self._to_show.values():
                show(record["output"], {OUTPUT_KEY: {"format": record["format"], "answers": [record["entry"]]}})
            self._to_show.clear()

    def _record_of(self, asked: Asked, message: AnswerMessage | ResumeMessage) -> RecordToWrite | str:
        """Return what is to be written into the notebook; or why nothing is."""
        if self._where is None:
            return "record=False"
        if message["kind"] == "answer" and not message.get("record", True):
            return KEPT_OUT
        form = self._forms.of(asked.interrupt)
        answered = asked.as_answered().value  # decisions have their shape by now
        return output.why_not_recorded(answered, form) or output.record_to_write(asked, form, self._where)
