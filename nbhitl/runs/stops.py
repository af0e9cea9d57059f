"""Stops without a question: a person's view of a stop, and the step that an answer makes.

The view (`seen_at`) is recorded and compared. The view has the nodes that come next, and their work. Before tool calls
the work is the calls with all arguments, so that the rest of the state may change without another decision. Without
tool calls the work is the state: the last message of a conversation, and every other value whole. The view has no ids
of messages and tool calls, because ids differ between runs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from nbhitl.runs.conversation import (
    CALL_BLOCKS,
    Call,
    calls_of,
    is_conversation,
    kind_of,
    part,
    pending_calls,
    text_of,
)
from nbhitl.runs.run import Halt, Interrupt, Snapshot, StuckAnswer

DECISION = "$decision"
"""Marks, as in JSON everywhere, an answer to a stop that is neither ``None`` nor an update: to reject, to respond."""

STATE = "$state"
"""Marks, behind decisions on several tool calls, how the state is updated before the run goes on."""

MESSAGE = "$message"
"""In an update: the index, from 0, of the message to replace. An id would not do, because ids differ between runs."""

BEFORE, FAILED = "stopped before", "failed in"
DOUBT = "cut off or stopped at"
SAVED = "stopped after"


@dataclass(frozen=True)
class PausedStep:
    """The change of the state before the run goes on.

    Attributes
    ----------
    update
        The update of the state; ``None`` for no update.
    at
        The nodes around the graph whose state is updated; empty for the graph itself.
    as_node
        The node whose result the update replaces, so that the node does not run.
    seen
        The checkpoints that the person saw; the thread must still stand there.
    """

    update: Mapping[str, Any] | None = None
    at: tuple[str, ...] = ()
    as_node: str | None = None
    seen: tuple[Any, ...] = ()


GO_ON = PausedStep()


def halts_of(snapshot: Snapshot) -> tuple[Halt, ...]:
    """Return where the graphs of a stopped run stand."""
    if snapshot.halts:
        return snapshot.halts
    return (Halt(next=snapshot.next, values=snapshot.values),) if snapshot.next else ()


def meets(breakpoints: Collection[str] | str, nodes: Collection[str]) -> bool:
    """Tell whether static breakpoints, in LangGraph's notation, name one of these nodes."""
    return bool(nodes) if breakpoints == "*" else not set(breakpoints).isdisjoint(nodes)


def looked_at(stop: Snapshot) -> Snapshot:
    """Return the snapshot of a stop with a person's view of each state.

    To read a state runs code of the state's values, so that a review takes this view before taking the lock.
    """
    return replace(stop, halts=tuple(replace(halt, shown=_works_on(halt)) for halt in halts_of(stop)))


def stop_at(snapshot: Snapshot, number: int, *, may_have_run: bool, before: Mapping[str, Any] | None) -> Interrupt:
    """Return the interrupt that represents a stop without a question, the review's ``number``-th.

    Parameters
    ----------
    snapshot
        The thread's state.
    may_have_run
        Whether the run may have been cut off in the middle of the step; the form says so.
    before
        The values at the previous stop, by each graph's `Halt.place`; ``None`` at the first stop.
    """
    halts = halts_of(snapshot)
    is_saved = set(snapshot.next) <= set(snapshot.finished)  # the step has run, and only the end of the step is missing
    is_in_doubt = may_have_run and not is_saved and not snapshot.is_paused
    former = StuckAnswer(error=snapshot.failed) if snapshot.failed or is_in_doubt else None
    seen = seen_at(halts, former, is_saved=is_saved)
    if snapshot.raised:  # a ``NodeInterrupt``, which looks like a question and can only be gone on from
        seen["NodeInterrupt"] = snapshot.raised[0]
    # An update would drop the results that the step has saved, and an update of several graphs would be ambiguous.
    can_update = not is_saved and not snapshot.failed and not snapshot.finished and len(halts) == 1
    return Interrupt(
        f"stop-{number}",
        where(halts),
        seen,
        is_stop=True,
        former=former,
        halts=halts,
        can_update=can_update and not halts[0].is_within,
        before=before,
    )


def where(halts: Sequence[Halt]) -> str:
    """Return the paths of the nodes that come next, without duplicates: ``"sub/reply"``."""
    return ", ".join(dict.fromkeys(path for halt in halts for path in _paths(halt)))


def _paths(halt: Halt) -> list[str]:
    names = [f"{name}/…" if halt.is_within else name for name in halt.next]
    return ["/".join((*halt.path, name)) for name in names]


def seen_at(halts: Sequence[Halt], former: StuckAnswer | None, *, is_saved: bool) -> dict[str, Any]:
    """Return a person's view of a stop, for display, recording and comparison."""
    place = where(halts).replace("__start__", "its first step")
    seen: dict[str, Any] = {_how(former, is_saved=is_saved): place}
    if former is not None and former.error is not None:
        seen["error"] = former.error
    shown = [_works_on(halt) if halt.shown is None else halt.shown for halt in halts]
    if len(halts) == 1:
        return {**seen, **shown[0]}
    return seen | {where([halt]): each for halt, each in zip(halts, shown, strict=True)}


def _how(former: StuckAnswer | None, *, is_saved: bool) -> str:
    if is_saved:
        return SAVED
    if former is None:
        return BEFORE
    return FAILED if former.error is not None else DOUBT


def is_stop_seen(payload: Any) -> bool:
    """Tell whether a recorded payload is the view of a stop."""
    return isinstance(payload, dict) and next(iter(payload), None) in (BEFORE, FAILED, DOUBT, SAVED)


def in_words(interrupt: Interrupt) -> str:
    """Return where the run of a stop stands: ``"stopped before tools"``."""
    how, place = next(iter(interrupt.value.items()), (BEFORE, interrupt.node))
    return f"{how} {place}"


def has_run(interrupt: Interrupt) -> bool:
    """Tell whether the step of a stop has run, so that only the end of the step is missing."""
    return SAVED in interrupt.value


def _works_on(halt: Halt) -> dict[str, Any]:
    if calls := calls_at(halt):
        return {"tool calls": [{"name": call.name, "args": call.args} for call in calls]}
    found: dict[str, Any] = {}
    if (messages := conversation_at(halt)) is not None:
        last = messages[1][-1]
        found["last message"] = {"from": kind_of(last), "content": text_of(last)}
        if made := calls_of(last):
            found["last message"]["calls"] = [{"name": call.name, "args": call.args} for call in made]
    rest = without_conversations(halt.values)
    if rest:
        found["state"] = rest
    return found


def conversation_at(halt: Halt) -> tuple[str, Sequence[Any]] | None:
    """Return the key and the messages of the state's first conversation with pending calls, else of the first."""
    values = halt.values if isinstance(halt.values, Mapping) else {}
    found = [(key, value) for key, value in values.items() if isinstance(key, str) and is_conversation(value)]
    waiting = [each for each in found if pending_calls(each[1])]
    return next(iter(waiting or found), None)


def calls_at(halt: Halt) -> list[Call]:
    """Return the tool calls that wait in the state."""
    found = conversation_at(halt)
    return [] if found is None else pending_calls(found[1])


def can_answer_calls(halt: Halt) -> bool:
    """Tell whether the only node that comes next runs tool calls: an answer can then stand for the node's result."""
    return set(halt.next) == halt.tools and len(halt.tools) == 1 and all(call.id for call in calls_at(halt))


def can_decide_each(halt: Halt) -> bool:
    """Tell whether each call can be decided on separately: the message with the calls can then be replaced."""
    found = conversation_at(halt)
    if found is None or not can_answer_calls(halt):
        return False
    key, messages = found
    calls = calls_at(halt)
    is_replaced = halt.by_id is None or key in halt.by_id
    has_id = isinstance(part(messages[maker_of(messages)], "id"), str)
    is_each_its_own = len({call.id for call in calls}) == len(calls)
    return is_replaced and has_id and is_each_its_own and all(isinstance(call.args, Mapping) for call in calls)


def maker_of(messages: Sequence[Any]) -> int:
    """Return the place of the message whose tool calls wait."""
    return next(place for place in reversed(range(len(messages))) if kind_of(messages[place]) == "ai")


def without_conversations(values: Any) -> Any:
    """Return the part of a state that is no conversation."""
    if not isinstance(values, Mapping):
        return values
    return {key: value for key, value in values.items() if not is_conversation(value)}


# --- going on -----------------------------------------------------------------------------------


def step_of(interrupt: Interrupt, answer: Any) -> PausedStep:
    """Return the step that an answer to a stop makes."""
    seen = tuple(halt.checkpoint for halt in interrupt.halts if halt.checkpoint is not None)
    if isinstance(answer, list | tuple):
        halt, decisions, more = interrupt.halts[0], list(answer), {}
        if decisions and STATE in decisions[-1]:
            more = _with_all_ids(decisions.pop()[STATE], halt)
        step = _decided_each(halt, decisions, seen)
        return replace(step, update={**more, **(step.update or {})})
    if answer is None or not isinstance(answer, Mapping):
        return PausedStep(seen=seen)
    halt = interrupt.halts[0] if interrupt.halts else Halt()
    if DECISION in answer:
        found = conversation_at(halt)
        assert found is not None, "a decision on calls where none wait"
        return PausedStep(
            {found[0]: [_result(call, answer) for call in pending_calls(found[1])]}, halt.path, halt.next[0], seen
        )
    return PausedStep(_with_all_ids(answer, halt), halt.path, None, seen)


def _decided_each(halt: Halt, decisions: Sequence[Mapping[str, Any]], seen: tuple[Any, ...]) -> PausedStep:
    """Return the step for a decision on each call.

    A node that runs tools runs all calls of the model's last message. So calls that run are in the last message, and
    calls that are answered here stay in the message that made the calls, with their results behind that message.
    """
    found = conversation_at(halt)
    assert found is not None, "decisions on calls where none wait"
    key, messages = found
    pairs = list(zip(pending_calls(messages), decisions, strict=True))
    results = [_result(call, each) for call, each in pairs if each[DECISION] in ("reject", "respond")]
    if len(results) == len(pairs):
        return PausedStep({key: results}, halt.path, halt.next[0], seen)
    run = [_changed_call(call, each) for call, each in pairs if each[DECISION] not in ("reject", "respond")]
    maker = messages[maker_of(messages)]
    if not results:
        runs = {call["id"]: call for call in run}
        made = [runs.get(call.id) or _written(call) for call in calls_of(maker)]
        return PausedStep({key: [_with_calls(maker, made)]}, halt.path, None, seen)
    moved = {call["id"] for call in run}
    kept = [_written(call) for call in calls_of(maker) if call.id not in moved]
    runs_next = {"type": "ai", "content": "", "tool_calls": run}
    return PausedStep({key: [_with_calls(maker, kept, without=moved), *results, runs_next]}, halt.path, None, seen)


def _written(call: Call) -> dict[str, Any]:
    return {"type": "tool_call", "name": call.name, "args": call.args, "id": call.id}


def _changed_call(call: Call, decision: Mapping[str, Any]) -> dict[str, Any]:
    return {**_written(call), "args": {**call.args, **decision.get("args", {})}}


def _with_calls(message: Any, calls: Sequence[Any], without: Collection[str] = ()) -> dict[str, Any]:
    """Return the message with other calls; blocks of the content that stand for calls ``without`` are left out."""
    content = part(message, "content")
    if isinstance(content, list):
        content = [each for each in content if not _is_block_of(each, without)]
    return {"type": "ai", "content": content, "tool_calls": list(calls), "id": part(message, "id")}


def _is_block_of(block: Any, calls: Collection[str]) -> bool:
    is_call = isinstance(block, Mapping) and block.get("type") in CALL_BLOCKS
    return is_call and (block.get("id") in calls or block.get("call_id") in calls)


def _result(call: Call, decision: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message that replaces a tool's result, in the words of LangChain's own middleware."""
    said, is_rejected = decision.get("message"), decision[DECISION] == "reject"
    if is_rejected and said:
        said = f"User rejected the tool call for `{call.name}` with reason: {said}"
    elif is_rejected:
        said = (
            f"User rejected the tool call for `{call.name}` with id {call.id}. The tool was not executed. Do not retry "
            "this tool call unless the user explicitly requests it."
        )
    status = "error" if is_rejected else "success"
    return {"type": "tool", "content": said, "name": call.name, "tool_call_id": call.id, "status": status}


def _with_all_ids(update: Mapping[str, Any], halt: Halt) -> dict[str, Any]:
    return {key: _with_ids(value, halt, key) for key, value in update.items()}


def _with_ids(value: Any, halt: Halt, key: str) -> Any:
    """Return an update whose replacing messages and tool calls have the ids of the replaced messages and calls."""
    values = halt.values if isinstance(halt.values, Mapping) else {}
    messages: Any = values.get(key)
    if not isinstance(value, list) or not is_conversation(messages):
        return value
    return [_with_id(each, messages) for each in value]


def _with_id(message: Any, messages: Sequence[Any]) -> Any:
    place = message.get(MESSAGE) if isinstance(message, Mapping) else None
    if not isinstance(place, int) or not 0 <= place < len(messages):
        return message
    before = messages[place]
    replaced = {key: value for key, value in message.items() if key != MESSAGE}
    replaced["id"] = part(before, "id")
    if part(before, "tool_call_id") is not None:
        replaced["tool_call_id"] = part(before, "tool_call_id")
    if isinstance(calls := replaced.get("tool_calls"), list):
        ids = [call.id for call in calls_of(before)]
        replaced["tool_calls"] = [_call_with_id(call, ids[n : n + 1]) for n, call in enumerate(calls)]
    return replaced


def _call_with_id(call: Any, known: list[str | None]) -> Any:
    made = {"id": known[0]} if known else {"id": f"call_{uuid4().hex}"}
    return {"type": "tool_call", **made, **call} if isinstance(call, Mapping) else call
