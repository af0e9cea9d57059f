"""The judgement on a review of the soak: answers and effects of the nodes are compared, and faults are named."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.bench.soak_graph import BAD, NODES
from tests.bench.soak_person import Ended, Gave, Saw, Took

SLACK = 0.05
"""Greatest seconds between a kill and the noted time of the kill."""


@dataclass
class Story:
    """All that was seen of a review.

    ``kills`` has the time and the id of each killed process, ``cuts`` the number of cut connections.
    """

    name: str
    thread: str
    kills: list[tuple[float, int]] = field(default_factory=list)
    said: list[Gave | Took | Saw] = field(default_factory=list)
    ends: list[Ended] = field(default_factory=list)
    cuts: int = 0
    hung: bool = False


@dataclass
class Verdict:
    """The counts of a review, and each fault in words."""

    answers: int = 0
    effects: int = 0
    lost: int = 0
    inside: int = 0
    beside: int = 0
    outside: int = 0
    bricked: int = 0
    faults: list[str] = field(default_factory=list)


def judge(story: Story, effects: Sequence[dict[str, Any]], *, local: bool) -> Verdict:
    """Compare the answers with the effects of the nodes.

    A node may have its effect twice for three reasons only, and only if the person was told so before and went on:

    - the process of the node was killed before the work was saved: inside the crash window
    - a server cancelled the node before the work was saved, because a node beside it raised
    - the person was asked again, or gave a different answer
    """
    verdict = Verdict(effects=len(effects))
    done: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for effect in effects:
        done[effect["node"]].append(effect)
    for node in NODES:
        times: Counter[str] = Counter()
        for before, after in zip(done[node], done[node][1:], strict=False):
            times[before["answer"]] += 1
            _judge_double(story, verdict, before, after, times, local=local)
    last = story.ends[-1] if story.ends else None
    if story.hung or last is None or last.problem is not None:
        verdict.bricked = 1
        verdict.faults.append("hangs" if story.hung or last is None else f"never ends: {last.problem}")
        return verdict
    _judge_answers(story, verdict, done)
    return verdict


def _judge_answers(story: Story, verdict: Verdict, done: dict[str, list[dict[str, Any]]]) -> None:
    """Check that each answer that arrived had an effect, and that the thread ended with each node's last answer."""
    took = {said.value for said in story.said if isinstance(said, Took)}
    acted = {effect["answer"] for effects in done.values() for effect in effects} - {""}
    claimed = {value for ended in story.ends for _, value in ended.claimed}
    verdict.answers = len(acted | claimed)
    for value in sorted(claimed - acted):
        verdict.lost += 1
        verdict.faults.append(f"the review says that {value!r} arrived; no node acted on it")
    for value in sorted(acted - took):
        if not any(isinstance(said, Gave) and said.value == value for said in story.said):
            verdict.faults.append(f"a node acted on {value!r}, which nobody answered")
            verdict.outside += 1
    for ended in story.ends:
        for node in NODES:
            ends_with = "closed" if node == "close" else done[node][-1]["answer"] if done[node] else None
            if not done[node] or (ended.problem is None and (ended.result or {}).get(node) != ends_with):
                verdict.lost += 1
                verdict.faults.append(f"{node} did {ends_with!r}, and the run ended with {ended.result}")
    if any(value.startswith(BAD) for value in acted):
        verdict.faults.append("a node acted on a bad answer")


def _judge_double(
    story: Story, verdict: Verdict, before: dict[str, Any], after: dict[str, Any], times: Counter[str], *, local: bool
) -> None:
    """Judge why a node acted once more; ``times`` counts how often the node had acted on each answer before."""
    between = [said for said in story.said if not isinstance(said, Took) and before["at"] < said.at < after["at"]]
    gave = [said for said in between if isinstance(said, Gave)]
    given = [said for said in story.said if isinstance(said, Gave) and said.value == after["answer"]]
    if times[after["answer"]] < len([said for said in given if said.at < after["at"]]):
        gave += given  # a cancelled node may still act after the question was shown, or even answered, again
    node = before["node"]
    if any(said.node == node and said.told == "again" for said in gave):
        return
    told = any(node in said.named or (said.node == node and said.told == "former") for said in gave)
    saved = any(isinstance(said, Saw) and node in said.saved for said in between)
    killed = any(before["at"] <= at + SLACK and (pid == before["pid"] or not local) for at, pid in story.kills)
    if told and not saved and (killed or story.cuts > 0):
        verdict.inside += 1
    elif told and after["answer"] != before["answer"]:
        return  # a different answer, by a person who was told
    elif told and not saved and _was_cancelled(story, before, times[before["answer"]]):
        verdict.beside += 1
    else:
        verdict.outside += 1
        verdict.faults.append(
            f"{node} acted on {before['answer']!r}, then on {after['answer']!r} after "
            f"{(after['at'] - before['at']) * 1000:.0f} ms (killed: {killed}, told: {told}, saved: {saved})"
        )


def _was_cancelled(story: Story, effect: dict[str, Any], nth: int) -> bool:
    """Whether a server may have cancelled the node of an effect, because a node beside it raised on a bad answer.

    The node acted on its answer for the ``nth`` time, perhaps late, when the next answers had been given already.
    """
    given = [said for said in story.said if isinstance(said, Gave) and said.at < effect["at"]]
    led_to_it = [said.at for said in given if (said.node, said.value) == (effect["node"], effect["answer"])][:nth]
    if not led_to_it:
        return False
    beside = [said for said in given if said.node != effect["node"]]
    before = {(said.node, said.who): said for said in beside if said.at <= led_to_it[-1]}
    after = [said for said in beside if said.at > led_to_it[-1]]
    return any((said.value or "").startswith(BAD) for said in (*before.values(), *after))
