"""The decisions of a thread on a server, read from the runs and the history.

The metadata of our runs name the deciders; of a run of another client the server keeps the answer and the time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbhitl.engines.remote.past import PastRun
from nbhitl.jsontext import is_number
from nbhitl.runs.decided import UNKNOWN, PastDecision, PastStep, on_the_way
from nbhitl.runs.run import Interrupt


@dataclass(frozen=True)
class AskedState:
    """A question as a state of the history lists it."""

    interrupt: Interrupt
    at: str | None
    checkpoint: str | None


def read_history(states: Sequence[Any]) -> list[AskedState]:
    """Read the questions in the JSON of ``POST /threads/{thread_id}/history``, the oldest first."""
    found: list[AskedState] = []
    for state in reversed([each for each in states if isinstance(each, dict)]):
        checkpoint = _checkpoint(state, "checkpoint")
        for task in state.get("tasks") or ():
            for each in (task.get("interrupts") or ()) if isinstance(task, dict) else ():
                if isinstance(each, dict) and isinstance(each.get("id"), str) and "value" in each:
                    asked = Interrupt(each["id"], str(task.get("name")), each["value"], each.get("response_schema"))
                    found.append(AskedState(asked, state.get("created_at"), checkpoint))
    return found


def steps_of(states: Sequence[Any]) -> tuple[PastStep, ...]:
    """Return the checkpoints of a history in the opposite order: the oldest first."""
    before, head = predecessors(states)
    current = on_the_way(before, head)
    return tuple(
        PastStep(
            str(_checkpoint(state, "checkpoint")),
            _checkpoint(state, "parent_checkpoint"),
            state.get("created_at"),
            str((state.get("metadata") or {}).get("source")),
            tuple(map(str, state.get("next") or ())),
            state.get("values"),
            _checkpoint(state, "checkpoint") in current,
        )
        for state in reversed(states)
    )


def predecessors(states: Sequence[Any]) -> tuple[dict[str, str | None], str | None]:
    """Return the checkpoint before each checkpoint of a history, and the checkpoint at the end of the thread."""
    before = {str(_checkpoint(state, "checkpoint")): _checkpoint(state, "parent_checkpoint") for state in states}
    return before, _checkpoint(states[0], "checkpoint") if states else None


def _checkpoint(state: Mapping[str, Any], which: str) -> str | None:
    found = (state.get(which) or {}).get("checkpoint_id") or state.get(f"{which}_id")
    return found if isinstance(found, str) else None


def decisions_of(
    runs: Sequence[PastRun], asked: Sequence[AskedState], pending: Mapping[str, Interrupt]
) -> tuple[PastDecision, ...]:
    """Return the decisions of a thread, the oldest first.

    Parameters
    ----------
    runs
        The runs of the thread, the newest first.
    asked
        The questions in the history, the oldest first.
    pending
        The interrupts that are pending, by id: with the whole path of the node.
    """
    first: dict[str, AskedState] = {}
    for each in asked:
        first.setdefault(each.interrupt.id, each)
    found: dict[str, tuple[PastRun, PastDecision]] = {}
    for run in reversed(runs):
        for decision in _of_run(run, first, pending):
            before = found.get(decision.interrupt.id)
            # Of several runs with an answer to the same question, the first run without a failure has settled it.
            if before is None or (before[0].has_failed and not run.has_failed):
                found[decision.interrupt.id] = run, decision
    return tuple(decision for _, decision in found.values())


def _of_run(run: PastRun, asked: Mapping[str, AskedState], pending: Mapping[str, Interrupt]) -> Iterator[PastDecision]:
    if run.is_bare:
        open_then = [each for each in asked.values() if (each.at or "") <= (run.at or "")]
        if open_then:
            last = open_then[-1]
            yield PastDecision(last.interrupt, run.bare, at=run.at, asked_at=last.at, checkpoint=last.checkpoint)
        return
    for key in sorted(run.ids):
        yield _decision(key, run, asked.get(key), pending.get(key))
    for key, told in run.decided.items():
        if "node" in told and key not in run.ids:
            stop = Interrupt(key, str(told["node"]), told.get("asked", UNKNOWN), is_stop=True)
            yield PastDecision(
                stop,
                told.get("shown", UNKNOWN),
                origin=str(told.get("origin")),
                by=told.get("by") or run.by,
                at=told.get("at"),
                asked_at=told.get("asked_at"),
            )


def _decision(key: str, run: PastRun, seen: AskedState | None, pending: Interrupt | None) -> PastDecision:
    told = run.decided.get(key, {})
    seconds, flag = told.get("seconds"), told.get("flag")
    question = pending or (seen.interrupt if seen else Interrupt(key, "?", UNKNOWN))
    at = run.asked.get(key) if run.asked else None
    if at is not None and pending is None:  # the whole path of the node, with the subgraphs around
        question = Interrupt(key, at.node, question.value, question.response_schema)
    return PastDecision(
        question,
        told.get("shown", run.answers.get(key, UNKNOWN)),
        "shown" in told,
        str(told.get("origin") or ("person" if run.by else "elsewhere")),
        told.get("by") or run.by,
        told.get("at") or run.at,
        told.get("asked_at") or (seen.at if seen else None),
        seen.checkpoint if seen else None,
        run.answers.get(key, UNKNOWN) if "shown" in told else UNKNOWN,
        seconds=seconds if is_number(seconds) else None,
        ruled=_ruled(told.get("ruled")),
        flag=flag if isinstance(flag, str) else "",
    )


def _ruled(told: Any) -> tuple[str | None, ...]:
    """Return the rules of a run's metadata, which any client may have written."""
    return tuple(None if each is None else str(each) for each in told) if isinstance(told, list) else ()
