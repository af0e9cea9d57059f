"""The engine behind `nbhitl.ask`: a single question, no graph, no I/O."""

from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import replace
from typing import Any

from nbhitl.engines.base import NOTHING
from nbhitl.engines.script import ScriptedEngine
from nbhitl.runs.past import AskedAt
from nbhitl.runs.run import Checkpoint, RunSegment, Watch

NODE = "ask"
"""Name of the asking node, for answers by node."""

_ASKED = "asked"
"""The only checkpoint: the question can always be asked again from there."""


class QuestionEngine(ScriptedEngine):
    """A run that asks a single question, and returns the answer as a Python value.

    Parameters
    ----------
    payload
        The interrupt's payload.
    returns
        Converts the answer to the result; must accept every answer that the question's form accepts.
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
        """Ask again: nothing ran before the question, and nothing is lost."""
        return await self.start(None, watch, drop_question=True)

    def _step(self, answer: Any) -> RunSegment:
        segment = super()._step(answer)
        self._snapshot = replace(segment.snapshot, checkpoint=_ASKED)
        return replace(segment, snapshot=self._snapshot)
