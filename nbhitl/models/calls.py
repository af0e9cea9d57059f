"""One call of a model at work, and which record it belongs to."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nbhitl.errors import UnrecordedCall
from nbhitl.models import said
from nbhitl.models.active import ACTIVE, belongs_to
from nbhitl.models.keys import note_secrets
from nbhitl.models.recorder import Execution, Recorder
from nbhitl.models.sidecar import Call
from nbhitl.models.steady import asked_of

UNFINISHED = "unfinished"
"""Key of an answer whose stream was left before its end."""


class Running:
    """A call at work."""

    def __init__(self, recorder: Recorder, execution: Execution, call: Call, *, is_replayed: bool) -> None:
        self._recorder, self._execution, self._call = recorder, execution, call
        self.is_replayed = is_replayed

    def again(self) -> said.Again:
        """Return what makes its recorded answer again."""
        assert self._call.said is not None, "only what was answered is written"
        number = self._execution.calls.index(self._call)
        return said.Again(self._call.said, f"{self._call.cell} {self._execution.nth} {number}")

    def check_finished(self) -> None:
        """Raise where the stream was left at this point when it was recorded.

        Raises
        ------
        UnrecordedCall
            If more of it is asked for now.
        """
        if (self._call.said or {}).get(UNFINISHED):
            error = UnrecordedCall(
                f"A stream of {self._call.asked.settings['model']} was left at this point when it was recorded in "
                f"{self._recorder.path.name}, and more of it is asked for now. Record the cell again."
            )
            self._execution.misses.append(error)
            raise error

    def ended(self, answer: dict[str, Any]) -> None:
        """Keep the answer."""
        self._recorder.ended(self._execution, self._call, answer)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keep an exception of the provider's; forget the call where it was broken off."""
        try:
            yield
        except Exception as error:
            self.ended(said.of_failure(error))
            raise
        except BaseException:
            self._recorder.dropped(self._execution, self._call)
            raise

    @contextmanager
    def collected(self) -> Iterator[Callable[[Any], None]]:
        """Keep a stream, as far as it came: to its end, to an exception, or to where it was left."""
        chunks: list[Any] = []
        try:
            yield chunks.append
        except GeneratorExit:
            self._keep(chunks, {UNFINISHED: True})
            raise
        except Exception as error:
            self._keep(chunks, said.of_failure(error))
            raise
        except BaseException:
            self._recorder.dropped(self._execution, self._call)
            raise
        self._keep(chunks, {})

    def _keep(self, chunks: list[Any], rest: Mapping[str, Any]) -> None:
        whole = said.of_chunks(chunks) if chunks else {}
        if not whole and "failed" not in rest:
            self._recorder.dropped(self._execution, self._call)
        else:
            self.ended({**whole, **rest})


def running_call(model: Any, prompt: Any, stop: Any, options: Mapping[str, Any]) -> Running | None:
    """Begin a call; ``None`` where it is not recorded.

    Raises
    ------
    PromptChanged, UnrecordedCall
        If it is to be replayed, and the record has no answer to it.
    """
    if not ACTIVE:
        return None
    active = ACTIVE[0]
    execution = belongs_to.get() or (active.current if active.everywhere else None)
    if execution is None:
        return None
    recorder = active.recorder
    keys = note_secrets(model) if recorder.records else ()
    call, is_replayed = recorder.begin(execution, asked_of(model, prompt, stop, options), keys)
    return Running(recorder, execution, call, is_replayed=is_replayed)
