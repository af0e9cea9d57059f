"""Reads the answers in the runs of a thread, with the times and the people."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nbhitl.engines.remote.told import read_told, told_of
from nbhitl.runs.decided import UNKNOWN, Decided
from nbhitl.runs.marks import NEXT_INPUT_MARK
from nbhitl.runs.past import AskedAt, Past, PastQuestion
from nbhitl.user import whoami

IDS, AGAIN, BY, AT, TOKEN = "nbhitl_ids", "nbhitl_again", "nbhitl_by", "nbhitl_at", "nbhitl_run"
"""Keys of the metadata that nbhitl gives each run."""

ASKED, ANEW = "nbhitl_asked", "nbhitl_anew"
"""Keys for the places, in their run, of the questions that are answered; or that are asked anew, in a fork."""

DECIDED = "nbhitl_decided"
"""Key for the deciders of the answers."""

ELSEWHERE = "another client answered some of the questions, or the server does not list the runs"

AT_WORK = frozenset({"pending", "running"})
SUCCESS = "success"
"""The status of a run that has ended or paused."""
FAILED = frozenset({"error", "interrupted", "timeout"})


@dataclass(frozen=True)
class PastRun:
    """A run of a thread.

    Attributes
    ----------
    id
        The id from the server.
    token
        The id from nbhitl, made before the run was sent.
    status
        The status, as LangGraph names it: pending, running, success, error, interrupted or timeout.
    answers
        The answers in the input of the run, by interrupt id, where the server keeps them.
    ids
        The interrupts that the run answered.
    again
        The interrupts that the run asked anew, in a fork, because the former answers had not settled these interrupts.
    is_bare
        Whether the run brought an answer without an interrupt's id.
    by
        The user who sent the run.
    at
        Time at which the run was made.
    starts
        Whether the run had an input.
    is_of_next_input
        Whether the run is of a next input of the thread.
    asked
        Places, in their run, of the questions that are answered or asked anew, by the interrupt's id; ``None``
        where the metadata have no places.
    asks_anew
        Whether the run forked the thread, to ask questions anew.
    decided
        The deciders of the answers, by the interrupt's id, where nbhitl sent the run.
    bare
        The answer that the run brought without an interrupt's id.
    """

    id: str
    token: str | None
    status: str
    answers: Mapping[str, Any]
    ids: frozenset[str]
    again: frozenset[str]
    is_bare: bool
    by: str | None
    at: str | None
    starts: bool = False
    is_of_next_input: bool = False
    asked: Mapping[str, AskedAt] | None = None
    asks_anew: bool = False
    decided: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bare: Any = UNKNOWN

    @property
    def is_at_work(self) -> bool:
        """Whether the run has not ended."""
        return self.status in AT_WORK

    @property
    def has_failed(self) -> bool:
        """Whether the run was cut off, or a node raised."""
        return self.status in FAILED


def metadata_of(
    token: str,
    ids: Iterable[str],
    again: Iterable[str] = (),
    asked: Mapping[str, AskedAt] | None = None,
    *,
    anew: bool = False,
    decided: Mapping[str, Decided] | None = None,
) -> dict[str, str]:
    """Return the metadata of a run of ours.

    A token of our own, the user, the time, the interrupts that are answered or asked anew, the places of these
    questions in their run, and the deciders.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    listed = {IDS: ",".join(sorted(ids)), AGAIN: ",".join(sorted(again))}
    listed[ANEW if anew else ASKED] = json.dumps(asked) if asked is not None else ""
    listed[DECIDED] = told_of(decided or {})
    return {TOKEN: token, BY: whoami(), AT: now, **{key: value for key, value in listed.items() if value}}


def read_runs(found: Any) -> list[PastRun]:
    """Read the JSON of ``GET /threads/{thread_id}/runs``, the newest first; invalid items are left out."""
    return [read_run(item) for item in _list(found) if isinstance(item, dict)]


def read_run(item: Mapping[str, Any]) -> PastRun:
    """Read a run; servers other than LangGraph's leave many of the fields out."""
    metadata, kwargs = _object(item.get("metadata")), _object(item.get("kwargs"))
    resume = _object(kwargs.get("command")).get("resume")
    answers = _object(resume)
    ids, again = (frozenset(str(metadata.get(key) or "").split(",")) - {""} for key in (IDS, AGAIN))
    return PastRun(
        id=str(item.get("run_id")),
        token=_text(metadata.get(TOKEN)),
        status=str(item.get("status")),
        answers=answers,
        ids=ids or frozenset(answers),
        again=again,
        is_bare=resume is not None and not answers,
        by=_text(metadata.get(BY)) if ids or again else None,  # metadata of an earlier run may stick to the thread
        at=_text(metadata.get(AT) if ids or again else None) or _text(item.get("created_at")),
        starts=kwargs.get("input") is not None,
        is_of_next_input=NEXT_INPUT_MARK in metadata,
        asked=_asked(metadata.get(ANEW) or metadata.get(ASKED)),
        asks_anew=bool(metadata.get(ANEW)),
        decided=read_told(metadata.get(DECIDED)),
        bare=resume if resume is not None and not answers else UNKNOWN,
    )


def past_of(runs: Sequence[PastRun], pending: Mapping[str, str]) -> Past:
    """Return the questions of the run that is in progress.

    Parameters
    ----------
    runs
        The thread's runs, the newest first.
    pending
        The nodes of the pending interrupts, by the interrupts' ids.
    """
    here = [run for run in runs if not run.is_of_next_input]
    began = next((number for number, run in enumerate(here) if run.starts), None)
    if began is None:
        return Past(why_unknown=ELSEWHERE)
    settled: dict[int, AskedAt] = {}
    places: dict[str, AskedAt] = {}
    for run in reversed(here[:began]):
        asked = _asked_of(run)
        if asked is None:
            return Past(why_unknown=ELSEWHERE)
        if run.asks_anew:
            settled = _still_settled(settled, asked)
            continue
        places |= {key: at for key, at in asked.items() if key in pending}
        settled |= {at.number: at for key, at in asked.items() if key not in pending}
    return _in_order(settled, places, pending)


def _still_settled(settled: Mapping[int, AskedAt], asked: Mapping[str, AskedAt]) -> dict[int, AskedAt]:
    """Return the settled questions before the questions that a run asks anew; later questions count as open again."""
    first = min((at.number for at in asked.values()), default=0)
    return {number: at for number, at in settled.items() if number < first}


def _asked_of(run: PastRun) -> Mapping[str, AskedAt] | None:
    """Return the questions that a run answers; ``None`` where an answer has no known question."""
    asked = run.asked
    return None if asked is None or run.is_bare or run.answers.keys() - asked.keys() else asked


def _in_order(settled: Mapping[int, AskedAt], places: Mapping[str, AskedAt], pending: Mapping[str, str]) -> Past:
    """Return the questions in their order: a pending question without a known place gets the first free place."""
    taken = {number: PastQuestion(at.node) for number, at in settled.items()}
    taken |= {at.number: PastQuestion(at.node, key) for key, at in places.items()}
    number = 0
    for key, node in pending.items():
        while number in taken:
            number += 1
        if key not in places:
            taken[number] = PastQuestion(node, key)
    if taken.keys() != set(range(len(taken))):
        return Past(why_unknown=ELSEWHERE)
    return Past(tuple(taken[number] for number in sorted(taken)))


def _asked(told: Any) -> dict[str, AskedAt] | None:
    with suppress(ValueError, TypeError, AttributeError):
        return {key: AskedAt(*at) for key, at in json.loads(told).items()}
    return None


def answer_of(runs: Sequence[PastRun], ids: Collection[str]) -> PastRun | None:
    """Return the first run that answered any of these interrupts."""
    return next((run for run in reversed(runs) if not run.ids.isdisjoint(ids)), None)


def fork_of(runs: Sequence[PastRun], ids: Collection[str]) -> PastRun | None:
    """Return the newest run that asked any of these interrupts anew."""
    return next((run for run in reversed(runs) if not run.again.isdisjoint(ids)), None)


def asked_until(history: Any, ids: Collection[str]) -> str | None:
    """Return when the thread left the last checkpoint with any of these interrupts; ``history``: the newest first."""
    later: str | None = None
    for state in map(_object, _list(history)):
        asked = {
            _text(_object(item).get("id"))
            for task in map(_object, _list(state.get("tasks")))
            for item in _list(task.get("interrupts"))
        }
        if not asked.isdisjoint(ids):
            return later
        later = _text(state.get("created_at"))
    return None


def asked_again(run: PastRun) -> str:
    """Say when a question was asked anew, and name the person."""
    when = _local_time(run.at)
    told = f"Asked again{f' at {when}' if when else ''}{f' by {run.by}' if run.by else ''}"
    return f"{told}, because the former answer had no effect: the node raised, or was cut off."


def answered(at: str | None, by: str | None) -> str:
    """Say when a question was answered, and name the person, where known: "Answered at 14:03:22 by anna on laptop."."""
    when = _local_time(at)
    told = f"Answered{f' at {when}' if when else ''}{f' by {by}' if by else ''}."
    return told if when or by else "Not pending any more."


def _local_time(at: str | None) -> str | None:
    try:
        moment = datetime.fromisoformat(at or "").astimezone()
    except ValueError:
        return None
    today = moment.date() == datetime.now().astimezone().date()
    return moment.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S")


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
