"""A draft of an answer, which an engine keeps beside the question for another kernel."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from nbhitl.jsontext import digest
from nbhitl.runs.run import Interrupt

LONGEST = 100_000
"""Characters of a draft that is kept: the text is written anew at each pause of the typing."""


@dataclass(frozen=True)
class KeptDraft:
    """A text that somebody typed, and has not sent.

    Attributes
    ----------
    text
        The text in the editor, without secrets.
    question
        Digest of the question in the thread: a draft is never shown with another question.
    form
        Digest of the field in which the text was typed.
    at, by
        Time (ISO 8601) and user.
    """

    text: str
    question: str
    form: str
    at: str
    by: str

    def written(self) -> dict[str, str]:
        """Return the draft as JSON."""
        return asdict(self)


def read_draft(written: Any) -> KeptDraft | None:
    """Return a draft that an engine kept; ``None`` for any other value, as clients may have written anything."""
    names = [each.name for each in fields(KeptDraft)]
    if not isinstance(written, Mapping) or not all(isinstance(written.get(name), str) for name in names):
        return None
    return KeptDraft(**{name: written[name] for name in names})


def digest_of(interrupt: Interrupt) -> str:
    """Return the digest of a question and of the answer that the thread already holds."""
    former = interrupt.former
    given = None if former is None else [former.error, former.digest]
    return digest([interrupt.id, interrupt.node, interrupt.digest, interrupt.response_schema, given])
