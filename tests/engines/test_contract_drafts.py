"""Drafts for another kernel: kept beside the question, wherever another kernel can find the thread."""

import uuid
from dataclasses import replace
from typing import Any

from nbhitl.engines import KeepsDrafts
from nbhitl.runs.drafts import KeptDraft
from tests.engines.contract_places import on
from tests.engines.contract_words import INPUT, answer, has_ended, ids, ignore

DRAFT = KeptDraft("half a text", "question", "form", "2026-11-29T10:00:00+00:00", "ann on laptop")
LATER = replace(DRAFT, text="half a text, and more")


async def asked(connect) -> Any:
    engine: Any = connect(str(uuid.uuid4()))
    segment = await engine.start(INPUT, ignore)
    return engine, segment, ids(segment)[0], segment.snapshot.checkpoint


def keeps_drafts(engine: object) -> bool:
    return isinstance(engine, KeepsDrafts) and engine.keeps_drafts


@on("seed")
async def test_the_last_draft_is_found_by_another_kernel(connect):
    engine, _, key, at = await asked(connect)
    assert keeps_drafts(engine)
    assert await engine.kept_drafts([key], at) == {}
    await engine.keep_draft(key, at, DRAFT)
    await engine.keep_draft(key, at, LATER)
    async with connect.elsewhere() as elsewhere:
        there = elsewhere(engine.thread_id)
        snapshot = await there.read()
        assert [each.id for each in snapshot.interrupts] == [key]
        assert await there.kept_drafts([key, "another"], snapshot.checkpoint) == {key: LATER}
        await there.keep_draft(key, snapshot.checkpoint, None)
    assert await engine.kept_drafts([key], at) == {}


@on("seed")
async def test_a_draft_changes_neither_the_state_nor_the_run(connect):
    engine, segment, key, at = await asked(connect)
    assert keeps_drafts(engine)
    before = await engine.read()
    await engine.keep_draft(key, at, DRAFT)
    after = await engine.read()
    assert (after.values, after.next, after.interrupts, after.marks) == (
        *(before.values, before.next, before.interrupts, before.marks),
    )
    segment = await answer(engine, segment, "Edited text")
    assert has_ended(segment)
    assert segment.output["text"] == "Edited text"


@on("seed")
async def test_a_draft_is_no_decision(connect):
    engine, segment, key, at = await asked(connect)
    await engine.keep_draft(key, at, DRAFT)
    assert await engine.decisions() == ()
    await answer(engine, segment, "Edited text")
    (found,) = await engine.decisions()
    assert found.answer == "Edited text"
