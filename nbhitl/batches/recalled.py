"""Answers in the thread of an item that this batch did not give, but an earlier execution or another client."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from nbhitl.batches.item_answer import ItemAnswer
from nbhitl.batches.items import Item
from nbhitl.engines.base import Engine
from nbhitl.runs.decided import UNKNOWN, PastDecision
from nbhitl.runs.past import Past
from nbhitl.runs.run import Checkpoint, Recalled


async def recall(item: Item, past: Past | None) -> list[Recalled]:
    """Note the answers to the questions that the run of an item had asked before the batch found the run; return them.

    Parameters
    ----------
    item
        The item, in the state in which the run was found.
    past
        The questions so far; ``None`` where nobody has asked for them yet.
    """
    if item.engine is None or item.given:
        return []
    asking = frozenset(item.pending)
    settled = [each for each in await _decisions(item.engine) if each.interrupt.id not in asking]
    if len(settled) > 1 and past is None:
        past = await item.engine.asked_so_far(await item.engine.read())
    kept = settled if past is None else _on_the_way(past, settled)
    item.given[:0] = _given(kept)  # an open question may have been answered meanwhile
    return list(_told(item, kept))


async def recall_of_others(item: Item, ids: Collection[str]) -> None:
    """Note the answers of another client to questions of an item, by the ids in the run."""
    item.forget_given(ids)
    if item.engine is not None:
        theirs = [each for each in await _decisions(item.engine) if each.interrupt.id in ids]
        item.given += _given(theirs)


async def _decisions(engine: Engine) -> Sequence[PastDecision]:
    return [each for each in await engine.decisions() if not each.interrupt.is_stop]


def _given(decisions: Sequence[PastDecision]) -> list[tuple[Checkpoint, str, ItemAnswer]]:
    return [(each.checkpoint, each.interrupt.id, _answer_of(each)) for each in decisions]


def _told(item: Item, decisions: Sequence[PastDecision]) -> Iterator[Recalled]:
    """Yield the answers whose questions are known; answers of other clients are left out."""
    before = Counter[str]()
    for each in decisions:
        asked = item.as_asked(each.interrupt)
        ordinal = before[asked.node]
        before[asked.node] += 1
        if each.answer is not UNKNOWN and asked.value is not UNKNOWN and each.origin != "elsewhere":
            yield Recalled(asked, ordinal, ItemAnswer(each.answer, each.seconds, each.flag).as_value())


def _answer_of(decision: PastDecision) -> ItemAnswer:
    answer = decision.answer if decision.raw is UNKNOWN else decision.raw
    return ItemAnswer(None if answer is UNKNOWN else answer, decision.seconds, decision.flag)


def _on_the_way(past: Past, decisions: Sequence[PastDecision]) -> Sequence[PastDecision]:
    """Return the decisions on the way of the run: an answer that was changed later stands on a branch that was left."""
    if past.why_unknown is not None:
        return decisions
    settled = [each for each in past.questions if each.id is None]
    checkpoints = {each.checkpoint for each in settled}
    if None not in checkpoints:
        return [each for each in decisions if each.checkpoint in checkpoints]
    # A server does not tell where each question was asked: of each node the last answers count.
    missing, kept = Counter(each.node for each in settled), list[PastDecision]()
    for each in reversed(decisions):
        if missing[each.interrupt.node] > 0:
            missing[each.interrupt.node] -= 1
            kept.append(each)
    return kept[::-1]
