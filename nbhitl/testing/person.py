"""A person for tests: sees the card and answers, through the widget's own messages; no browser."""

import contextlib
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import comm
from comm.base_comm import BaseComm

from nbhitl.decisions import approve, edit, reject, respond, to_json
from nbhitl.kernel import seated
from nbhitl.protocol import Flaw, Question, View
from nbhitl.testing.front_end import FrontEnd
from nbhitl.text.characters import ShownError

PATIENCE = 10.0
"""Seconds that a person waits for a question or a reply."""


class NotSeen(ShownError, AssertionError):
    """The card does not show the expected question."""


class Refused(ShownError):
    """The kernel refused an answer; the question stays open.

    Attributes
    ----------
    name
        Name of the error: ``"InvalidAnswer"``.
    flaws
        Places where the answer does not fit, with reasons.
    """

    def __init__(self, name: str, message: str, flaws: list[Flaw]) -> None:
        super().__init__(f"{name}: {message}")
        self.name, self.flaws = name, flaws


class Person:
    """Answers the reviews that a test makes; the pytest fixture ``person`` is a `Person`.

    While the person is there, ``nbhitl.review(...)`` without ``answers=`` asks the person: the same card as in a
    notebook is made, and the person's answers reach the card by the messages that a page sends.


    ::

        def test_report_is_revised(person):
            card = nbhitl.review(graph, {"some_text": "original"})
            person.sees(node="human_review", payload={"text_to_revise": "original"})
            person.answer("edited")
            assert card.result == {"some_text": "edited"}


        async def test_report_is_revised_async(person):
            person.answers_next("edited")
            assert await nbhitl.review(graph, {"some_text": "original"}) == {"some_text": "edited"}

    Parameters
    ----------
    patience
        Seconds to wait for a question, or for a reply.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._changed = threading.Condition(threading.RLock())
        self._cards: list[_Card] = []
        self._next: list[Any] = []
        self._leaving = contextlib.ExitStack()

    def __enter__(self) -> "Person":
        self._leaving.enter_context(seated(self._look_at))
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.close()

    # --- seeing ---------------------------------------------------------------------------------

    def sees(self, text: str | None = None, **expected: Any) -> Question:
        """Wait for an open question, and return the question; of several questions the first that fits.

        Parameters
        ----------
        text
            A text in the prompt or in the payload.
        **expected
            ``node``, ``prompt``, ``payload`` (the value that was given to ``interrupt``), ``field`` (the kind of field:
            ``"text"``, ``"form"``, ``"decisions"``, …), ``problem`` (a part of the reason why the last answer failed).

        Raises
        ------
        NotSeen
            If no open question fits; the message lists the open questions.
        """
        return self._question(text, expected)[1]

    @property
    def questions(self) -> list[Question]:
        """The open questions of all cards, at this moment."""
        with self._changed:
            return [question for card in self._cards for question in card.open_questions]

    @property
    def view(self) -> View:
        """The view of the newest card (`nbhitl.protocol.View`)."""
        with self._changed:
            if not self._cards:
                raise NotSeen("No card is there: no review was made while the person was there.")
            return self._cards[-1].seen.view

    # --- answering ------------------------------------------------------------------------------

    def answer(self, value: Any, **which: Any) -> None:
        """Answer the open question with a resume value; return when the kernel has taken the answer.

        Parameters
        ----------
        value
            Any JSON value, or decisions (`nbhitl.approve`).
        **which
            Selects a question, where several are open: as for `sees`.

        Raises
        ------
        Refused
            If the answer does not fit.
        NotSeen
            If no such question is open.
        """
        self._act("resume", which, value=json.dumps(to_json(value)))

    def types(self, draft: str, **which: Any) -> None:
        """Leave a text in the editor and press Resume: like `answer`, with the field's value for the text."""
        self._act("answer", which, draft=draft)

    def checks(self, draft: str, **which: Any) -> list[Flaw]:
        """Return the flaws of a text in the editor, as shown while a person types; send nothing."""
        card, question = self._question(None, which)
        flaws: list[Flaw] = card.ask("check", id=question["id"], draft=draft)["flaws"]
        return flaws

    def approve(self, **which: Any) -> None:
        """Let the tools run as called."""
        self.answer(approve(), **which)

    def edit(self, args: dict[str, Any], **which: Any) -> None:
        """Let the tool run with changed arguments."""
        self.answer(edit(args), **which)

    def reject(self, message: str | None = None, **which: Any) -> None:
        """Do not let the tools run."""
        self.answer(reject(message), **which)

    def respond(self, message: str, **which: Any) -> None:
        """Answer in place of the tool."""
        self.answer(respond(message), **which)

    def answers_next(self, *values: Any) -> None:
        """Answer the next questions in this order, as soon as asked: for tests that await the review."""
        with self._changed:
            self._next += values
        self._give_next()

    def stops(self) -> None:
        """Press Stop in the newest card."""
        self._newest().ask("stop")

    def asks_again(self) -> None:
        """Press *Change my answer* in the newest card."""
        self._newest().ask("ask_again")

    # --- inside ---------------------------------------------------------------------------------

    def _look_at(self, show: Callable[[], dict[str, Any]]) -> None:
        """Open the front end's half of a review's card."""
        made: list[_Comm] = []

        def make(*args: Any, **options: Any) -> BaseComm:
            made.append(_Comm(*args, **options))
            return made[-1]

        before, comm.create_comm = comm.create_comm, make
        try:
            bundle = show()
        finally:
            comm.create_comm = before
        model_id = bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
        (mine,) = (each for each in made if each.comm_id == model_id)
        card = _Card(mine, self._changed, self._patience)
        with self._changed:
            self._cards.append(card)
        mine.listen(self._heard(card))

    def _heard(self, card: "_Card") -> Callable[[dict[str, Any]], None]:
        def heard(data: dict[str, Any]) -> None:
            with self._changed:
                card.take(data)
                self._changed.notify_all()
                is_wanted = bool(self._next and card.open_questions)
            if is_wanted:  # not from here: the session is in the middle of a change
                threading.Thread(target=self._give_next, name="person", daemon=True).start()

        return heard

    def _give_next(self) -> None:
        with self._changed:
            asked = [(card, question) for card in self._cards for question in card.open_questions]
            pairs = list(zip(asked, self._next, strict=False))
            del self._next[: len(pairs)]
            for (card, question), _ in pairs:
                card.taken.add(question["id"])
        for (card, question), value in pairs:
            card.tell("resume", id=question["id"], revision=card.seen.revision, value=json.dumps(to_json(value)))

    def _act(self, kind: str, which: dict[str, Any], **content: Any) -> None:
        card, question = self._question(None, which)
        with self._changed:
            card.taken.add(question["id"])  # a reply may come before the view without the question
        try:
            reply = card.ask(kind, id=question["id"], revision=card.seen.revision, **content)
        except (Refused, NotSeen):
            with self._changed:
                card.taken.discard(question["id"])
            raise
        if reply["record"] is not None:
            outcome = {"kind": "not_recorded", "reason": "answered in a test"}
            card.tell("record_outcome", request=reply["request"], outcome=outcome)

    def _question(self, text: str | None, expected: dict[str, Any]) -> tuple["_Card", Question]:
        found: list[tuple[_Card, Question]] = []

        def look() -> bool:
            found[:] = [
                (card, question)
                for card in self._cards
                for question in card.open_questions
                if _fits(question, text, expected)
            ]
            return bool(found)

        with self._changed:
            if not self._changed.wait_for(look, self._patience):
                raise NotSeen(self._what_instead(text, expected))
            return found[0]

    def _what_instead(self, text: str | None, expected: dict[str, Any]) -> str:
        wanted = ", ".join([*([repr(text)] if text else []), *(f"{key}={value!r}" for key, value in expected.items())])
        asked = [
            f"{question['node']} ({question['field']['kind']}): {question['prompt']} {question['payload']}"
            for question in self.questions
        ]
        phases = [card.seen.phase["kind"] for card in self._cards]
        instead = "Open questions: " + "; ".join(asked) if asked else f"Nothing is asked; the cards are {phases}."
        return f"No open question {f'with {wanted} ' if wanted else ''}within {self._patience:g} s. {instead}"

    def _newest(self) -> "_Card":
        assert self.view, "there is a card, or `view` raises"
        return self._cards[-1]


class _Comm(BaseComm):
    """A comm whose front end is in this process."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._heard: list[dict[str, Any]] = []
        self._listener: Callable[[dict[str, Any]], None] = self._heard.append
        self._passing = threading.RLock()  # so that no message is lost while `listen` passes the messages so far
        super().__init__(*args, **options)

    def publish_msg(self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any) -> None:
        """Pass a kernel's message to the listener, after a round trip through JSON."""
        if msg_type != "comm_close":
            with self._passing:
                self._listener(json.loads(json.dumps(data)))

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Pass all messages to the listener, first the messages so far."""
        with self._passing:
            for data in self._heard:
                listener(data)
            self._listener = listener


class _Card(FrontEnd):
    """A card whose kernel is this process."""

    def __init__(self, mine: _Comm, changed: threading.Condition, patience: float) -> None:
        super().__init__()
        self._comm, self._news, self._patience = mine, changed, patience
        self.taken: set[str] = set()  # questions whose answer was sent
        self._replies: dict[str, dict[str, Any]] = {}

    @property
    def open_questions(self) -> list[Question]:
        """Questions without an answer."""
        return [
            question
            for question in self.seen.questions
            if question["standing"]["kind"] == "open" and question["id"] not in self.taken
        ]

    def _send(self, message: dict[str, Any]) -> None:
        data = {"method": "custom", "content": message}
        self._comm.handle_msg({"content": {"comm_id": self._comm.comm_id, "data": data}, "buffers": []})

    def _changed(self, state: Mapping[str, Any]) -> None:
        if "view" in state:  # the same question may be asked again
            self.taken &= {each["id"] for each in self.seen.questions if each["standing"]["kind"] == "open"}

    def _replied(self, reply: dict[str, Any]) -> None:
        self._replies[reply["request"]] = reply

    def ask(self, kind: str, **content: Any) -> dict[str, Any]:
        """Send a message, and return the reply.

        Raises
        ------
        Refused
            If the reply is a refusal.
        """
        request = self.tell(kind, **content)
        with self._news:
            if not self._news.wait_for(lambda: request in self._replies, self._patience):
                raise NotSeen(f"The kernel did not reply to {kind!r} within {self._patience:g} s.")
            reply = self._replies.pop(request)
        if reply["kind"] == "refused":
            raise Refused(reply["problem"]["name"], reply["problem"]["message"], reply["flaws"])
        return reply


def _fits(question: Question, text: str | None, expected: dict[str, Any]) -> bool:
    seen = {
        "node": question["node"],
        "prompt": question["prompt"],
        "field": question["field"]["kind"],
    }
    if unknown := expected.keys() - seen.keys() - {"payload", "problem"}:
        raise TypeError(f"A question is selected by node, prompt, payload, field and problem, not by {unknown}.")
    if text is not None and text not in f"{question['prompt']}\n{question['payload']}":
        return False
    if "payload" in expected and not _is_payload(question, expected["payload"]):
        return False
    standing = question["standing"]
    problem = standing["problem"] if standing["kind"] == "open" else None
    if "problem" in expected and expected["problem"] not in (problem or ""):
        return False
    return all(value == expected[name] for name, value in seen.items() if name in expected)


def _is_payload(question: Question, payload: Any) -> bool:
    from nbhitl.jsontext import pretty

    return question["payload"] == pretty(payload) or (not question["payload"] and question["prompt"] == payload)
