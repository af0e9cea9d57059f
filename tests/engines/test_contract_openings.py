"""Notes of openings: another kernel sees who answers, wherever another kernel can find the thread."""

import time
import uuid
from typing import Any

from nbhitl.engines import NotesOpenings
from nbhitl.runs.openings import Opening
from tests.engines.contract_places import on
from tests.engines.contract_words import INPUT, answer, has_ended, ignore


def opening(by: str = "Ann Lee") -> Opening:
    now = time.time()
    return Opening(f"kernel/{by}", by, now, now + 60)


async def asked(connect: Any) -> Any:
    engine: Any = connect(str(uuid.uuid4()))
    segment = await engine.start(INPUT, ignore)
    assert isinstance(engine, NotesOpenings)
    return engine, segment


@on("seed")
async def test_a_note_is_seen_by_another_kernel_at_the_question_that_it_is_on(connect):
    engine, segment = await asked(connect)
    ann, ben = opening(), opening("Ben Wu")
    assert engine.notes_openings
    await engine.note_opening(segment.snapshot, ann)
    async with connect.elsewhere() as elsewhere:
        there = elsewhere(engine.thread_id)
        snapshot = await there.read()
        assert await there.openings(snapshot) == (ann,)
        await there.note_opening(snapshot, ben)
    assert set(await engine.openings(await engine.read())) == {ann, ben}
    segment = await answer(engine, segment, "Edited text")
    assert has_ended(segment)
    await engine.end_opening(snapshot, ann)
    assert await engine.openings(await engine.read()) == ()


@on("seed")
async def test_a_note_changes_neither_the_state_nor_the_run(connect):
    engine, segment = await asked(connect)
    before = await engine.read()
    assert engine.notes_openings
    await engine.note_opening(segment.snapshot, opening())
    after = await engine.read()
    assert (after.values, after.next, after.interrupts, after.marks) == (
        *(before.values, before.next, before.interrupts, before.marks),
    )
    assert await engine.decisions() == ()
    segment = await answer(engine, segment, "Edited text")
    assert segment.output["text"] == "Edited text"
