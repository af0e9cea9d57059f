"""The engine behind `nbhitl.ask`: one question, no graph, no I/O."""

from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import replace
from typing import Any

from nbhitl.engines.base import NOTHING
from nbhitl.engines.script import ScriptedEngine
from nbhitl.model.run import AskedAt, Checkpoint, RunSegment, Watch

NODE = "ask"
"""The node that asks: answers by node name it so."""

_ASKED = "asked"
"""The one checkpoint: the question can always be asked again from there."""


class QuestionEngine(ScriptedEngine):
    """A run that asks one question, and returns its answer as a value of Python.

    Parameters
    ----------
    payload
        The interrupt's payload.
    returns
        Makes the result of the answer; it must take every answer that the question's form lets through.
    """

    runs_on = "this kernel, without a graph"

    def __init__(self, payload: Any, returns: Callable[[Any], Any]) -> None:
        def flow(_input: object) -> Generator[Any, Any, Any]:
            answer = yield payload
            return returns(answer)

        super().__init__(flow, NODE)

    async def ask_again(
        self,
        checkpoint: Checkpoint,
        watch: Watch,
        *,
        pending: Collection[str] = (),
        asked: Mapping[str, AskedAt] = NOTHING,
    ) -> RunSegment:
        """Ask once more: nothing ran before the question, and nothing is lost."""
        return await self.start(None, watch, drop_question=True)

    def _step(self, answer: Any) -> RunSegment:
        segment = super()._step(answer)
        self._snapshot = replace(segment.snapshot, checkpoint=_ASKED)
        return replace(segment, snapshot=self._snapshot)
