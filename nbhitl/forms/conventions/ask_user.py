"""The ``ask_user`` tool of Deep Agents Code: questions of a model to the person.

Payload: ``{"type": "ask_user", "tool_call_id", "questions": [{"question", "type": "text" | "multiple_choice" |
"multi_select", "choices"?: [{"value"}], "required"? = true}]}``. Answer: ``{"status": "answered", "answers": [text for
each question]}`` or ``{"status": "cancelled"}``. An answer to a multi-select joins the values with ", "; so no value
may hold a comma. Besides the choices a person may write a different answer.
"""

from collections.abc import Mapping
from typing import Any

from nbhitl.errors import InvalidAnswer
from nbhitl.forms.decisions.choice import NOTHING, AskedFor, Choice
from nbhitl.forms.decisions.deciding import SingleDecisionForm
from nbhitl.forms.infer import LONG
from nbhitl.forms.reading import mapping, mappings, texts, without
from nbhitl.forms.refusing import flaw
from nbhitl.jsontext import cut
from nbhitl.runs.run import Interrupt

AskedText = Mapping[str, Any]

SIGNS = frozenset({"questions"})
"""Keys of which each payload of the convention has one."""

OTHER = "other"
"""Suffix of a question's name, for an answer outside of the choices."""

BETWEEN = ", "

ONE_OTHER = {"type": "string", "title": "Other", "description": "An answer of your own"}
SEVERAL_OTHERS = {
    "type": "string",
    "format": "textarea",
    "pattern": "^[^,]*$",
    "title": "Other, one a line",
    "description": "Answers of your own, without commas",
}

CANCELLED = {"status": "cancelled"}


class QuestionsForm(SingleDecisionForm):
    """Answers to questions; the tool takes a text for each question."""

    told_by_decisions = False

    def __init__(self, questions: list[AskedText]) -> None:
        self.questions = questions
        prompt = questions[0]["question"] if len(questions) == 1 else f"{len(questions)} questions"
        answer = Choice(
            "answer", "Answer", "a", "good", self._answered, self._filled, _schema(questions), is_first=True
        )
        cancel = Choice("cancel", "Cancel", "c", "bad", lambda _: CANCELLED, _cancelled, kinds=("reject",))
        super().__init__(prompt, [AskedFor("", [], [answer, cancel])])

    def check(self, value: Any) -> None:
        """Test that there is a text for each question, and that required questions are answered.

        Raises
        ------
        InvalidAnswer
            If the answer fails a test.
        """
        found = mapping(value) or {}
        status = found.get("status", "answered")
        if status in ("cancelled", "error"):
            return
        answers = texts(found.get("answers"))
        if status != "answered" or answers is None or len(answers) != len(self.questions):
            shape = '{"status": "answered", "answers": [...]}'
            raise InvalidAnswer(
                f"the answer is not {shape} with a text for each of the {len(self.questions)} questions"
            )
        missing = [number for number, pair in enumerate(zip(self.questions, answers, strict=True), 1) if _lacks(*pair)]
        if missing:
            asked = self.questions[missing[0] - 1]["question"]
            flaws = [flaw("an answer is needed", "0", "value", str(number)) for number in missing]
            raise InvalidAnswer(f"question {missing[0]} needs an answer: {cut(asked, LONG)}", flaws)

    def show(self, value: Any) -> str:
        """Return the answers; several answers below their questions."""
        found = mapping(value) or {}
        answers = texts(found.get("answers"))
        if found.get("status") != "answered" or answers is None or len(answers) != len(self.questions):
            return super().show(value)
        pairs = list(zip(self.questions, answers, strict=True))
        if len(pairs) == 1:
            return cut(answers[0])
        return cut("\n".join(f"{each['question']}\n  {answer}" for each, answer in pairs))

    def _answered(self, filled: Any) -> dict[str, Any]:
        written = [_text(question, str(number), filled) for number, question in enumerate(self.questions, 1)]
        return {"status": "answered", "answers": written}

    def _filled(self, answer: Any) -> Any:
        """Return the form's value for an answer."""
        found = mapping(answer) or {}
        answers = texts(found.get("answers"))
        if found.get("status") != "answered" or without(found, "status", "answers") or answers is None:
            return NOTHING
        if len(answers) != len(self.questions):
            return NOTHING
        pairs = enumerate(zip(self.questions, answers, strict=True), 1)
        return {key: each for number, pair in pairs for key, each in _stands(*pair, str(number)).items()}


def recognise(interrupt: Interrupt) -> QuestionsForm | None:
    """Return a form where the payload is the tool's ``AskUserRequest``."""
    payload = mapping(interrupt.value) or {}
    questions = mappings(payload.get("questions"))
    is_asking = payload.get("type") == "ask_user" and questions is not None and all(map(_is_question, questions))
    return QuestionsForm(questions) if is_asking and questions is not None else None


def _is_question(question: AskedText) -> bool:
    if not isinstance(question.get("question"), str) or not isinstance(question.get("required", True), bool):
        return False
    return question.get("type") == "text" or (
        question.get("type") in ("multiple_choice", "multi_select") and bool(_choices(question))
    )


def _choices(question: AskedText) -> list[str]:
    found = [choice.get("value") for choice in mappings(question.get("choices")) or []]
    return list(dict.fromkeys(texts(found) or []))


def _schema(questions: list[AskedText]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for number, question in enumerate(questions, 1):
        name, kind = str(number), question["type"]
        members[name] = {"title": question["question"], **_control(question)}
        if kind != "text":
            members[name + OTHER] = SEVERAL_OTHERS if kind == "multi_select" else ONE_OTHER
    return {"type": "object", "properties": members, "additionalProperties": False}


def _control(question: AskedText) -> dict[str, Any]:
    if question["type"] == "text":
        return {"type": "string", "default": "", **({"format": "textarea"} if len(question["question"]) > LONG else {})}
    choices = _choices(question)
    if question["type"] == "multi_select":
        return {"type": "array", "items": {"enum": choices}, "uniqueItems": True, "default": []}
    return {"enum": choices}


def _text(question: AskedText, name: str, filled: Mapping[str, Any]) -> str:
    """Return the text for a question; a person's own text replaces a choice, or is added to several choices."""
    given, other = filled.get(name), filled.get(name + OTHER) or ""
    if question["type"] == "multi_select":
        return BETWEEN.join([*(given or []), *(line.strip() for line in other.splitlines() if line.strip())])
    return other if question["type"] == "multiple_choice" and other else given or ""


def _stands(question: AskedText, answer: str, name: str) -> dict[str, Any]:
    if question["type"] == "text":
        return {name: answer}
    choices = _choices(question)
    if question["type"] == "multiple_choice":
        return {name: answer} if answer in choices else {name + OTHER: answer} if answer else {}
    chosen = answer.split(BETWEEN) if answer else []
    others = [each for each in chosen if each not in choices]
    return {name: [each for each in chosen if each in choices], **({name + OTHER: "\n".join(others)} if others else {})}


def _lacks(question: AskedText, answer: str) -> bool:
    return not answer.strip() and bool(question.get("required", True))


def _cancelled(answer: Any) -> Any:
    return None if answer == CANCELLED else NOTHING
