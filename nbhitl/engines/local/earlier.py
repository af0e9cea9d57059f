"""Reads the past of a thread: the questions of the run so far, the decisions, the checkpoints."""

from dataclasses import replace
from typing import Any, cast

from langgraph.types import StateSnapshot

from nbhitl.engines.local import past
from nbhitl.engines.local.decisions import decisions_of, step_of, steps_of, to_name
from nbhitl.engines.local.left_out import is_refusal
from nbhitl.engines.local.looking import LocalThread
from nbhitl.engines.local.savers import listing
from nbhitl.engines.local.state import Sent, snapshot_of
from nbhitl.runs.decided import PastDecision, PastStep
from nbhitl.runs.marks import is_of_next_input, marks_of
from nbhitl.runs.past import Past
from nbhitl.runs.run import Snapshot


async def asked_so_far(thread: LocalThread, snapshot: Snapshot) -> Past:
    """Return the questions of the run so far."""
    try:
        saved = await thread.listed(past.light)
    except NotImplementedError:
        return Past(why_unknown=past.NO_LIST)
    run = past.run_to(snapshot.checkpoint, saved)
    if run is None:
        return Past(why_unknown=past.TOO_LONG)
    breakpoints = thread.breakpoints()
    places, inner = past.to_look_at(run, saved, breakpoints)
    states = {place: await _state_at(thread, place) for place in places}
    return past.past_of(run, inner, states, snapshot.interrupts, breakpoints)


async def decisions(thread: LocalThread) -> tuple[PastDecision, ...]:
    """Return the decisions on the thread's questions."""
    with listing(thread.graph.checkpointer):
        steps = await thread.listed(step_of)
    states = {place: await _state_at(thread, place) for place in to_name(steps)}
    pending = (await thread.see()).interrupts if states else ()
    found = decisions_of(steps, states, [each.id for each in pending])
    return tuple(replace(each, interrupt=thread.with_reads(each.interrupt)) for each in found)


async def history(thread: LocalThread) -> tuple[PastStep, ...]:
    """Return the checkpoints of the thread."""
    graph, head = thread.graph, cast("Any", thread.head())
    with listing(graph.checkpointer):
        if thread.way == "sync":
            states = list(graph.get_state_history(head, limit=past.LIMIT))
        else:
            states = [each async for each in graph.aget_state_history(head, limit=past.LIMIT)]
    return steps_of(states)


async def _state_at(thread: LocalThread, place: past.Place) -> StateSnapshot | None:
    namespace, checkpoint = place
    at = thread.at(checkpoint)
    at["configurable"]["checkpoint_ns"] = namespace
    try:
        state: StateSnapshot = await thread.call(thread.graph.get_state, thread.graph.aget_state, at)
    except Exception as error:
        if isinstance(error, ValueError) or is_refusal(error):  # a subgraph that LangGraph hides, or a bad value
            return None
        raise
    return state


async def before_next_inputs(thread: LocalThread, snapshot: Snapshot) -> Snapshot:
    """Return the state of the thread before its next inputs."""
    metadata, config, before = snapshot.raw.metadata, None, snapshot.raw.parent_config
    while before is not None and is_of_next_input(metadata):
        saved = await thread.saved(config := before)
        metadata, before = (saved.metadata, saved.parent_config) if saved else (None, None)
    if config is None:
        return snapshot
    state, _ = await thread.state(config)
    return replace(snapshot_of(state, Sent(), busy=snapshot.busy), marks=marks_of(metadata))
