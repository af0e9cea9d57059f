"""A call of a model in progress, and the record to which the call belongs."""

import asyncio
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from nbhitl.errors import UnrecordedCall
from nbhitl.models import said
from nbhitl.models.active import ACTIVE, belongs_to
from nbhitl.models.changes import outlined
from nbhitl.models.keys import note_secrets
from nbhitl.models.recorder import CallRecorder, Execution
from nbhitl.models.sidecar import CANCELLED, RecordedCall
from nbhitl.models.steady import AskedCall, asked_of

UNFINISHED = "unfinished"
"""Key of an answer whose stream was left before the end."""

PATIENCE = 30.0
"""Seconds for which the replay of a cancelled call waits to be cancelled again."""


class RunningCall:
    """A call in progress."""

    def __init__(self, recorder: CallRecorder, execution: Execution, call: RecordedCall, *, is_replayed: bool) -> None:
        self._recorder, self._execution, self._call = recorder, execution, call
        self.is_replayed = is_replayed

    def again(self) -> said.Again:
        """Return a maker of the recorded answer."""
        assert self._call.said is not None, "a call without an answer is never written"
        number = self._execution.calls.index(self._call)
        return said.Again(self._call.said, f"{self._call.cell} {self._execution.nth} {number}")

    def check_finished(self) -> None:
        """Raise if the stream was left at this point when the call was recorded.

        Raises
        ------
        UnrecordedCall
            If the caller now asks for more of the stream.
        """
        if (self._call.said or {}).get(UNFINISHED):
            raise self._missed("A stream of", "left at this point", "the cell asks for more")

    def check_not_cancelled(self) -> None:
        """Raise if the call was cancelled when the call was recorded.

        Raises
        ------
        UnrecordedCall
            If so: no answer was recorded.
        """
        if self._is_cancelled:
            raise self._missed("A call of", "cancelled", "the cell waits for the answer")

    async def cancelled_again(self) -> None:
        """Wait to be cancelled, as when the call was recorded; return at once if the call was answered.

        Raises
        ------
        UnrecordedCall
            If nobody cancels the call for `PATIENCE` seconds.
        """
        if self._is_cancelled:
            await asyncio.sleep(PATIENCE)
            self.check_not_cancelled()

    @property
    def _is_cancelled(self) -> bool:
        return bool((self._call.said or {}).get(CANCELLED))

    def _missed(self, call: str, was: str, now: str) -> UnrecordedCall:
        error = UnrecordedCall(
            f"{call} {self._call.asked.settings['model']} was {was} when {self._recorder.path.name} was recorded; now "
            f"{now}. Record the cell again."
        )
        self._execution.misses.append(error)
        return error

    def ended(self, write: Callable[[], dict[str, Any]]) -> None:
        """Keep the answer that ``write`` returns as JSON; warn if the answer cannot be written.

        The caller gets the answer, which may have cost money, in any case.
        """
        try:
            self._recorder.ended(self._execution, self._call, write())
        except Exception as error:  # noqa: BLE001 - of any class of answers, or of the disk
            if self._call.said is None:
                self._recorder.dropped(self._execution, self._call)
            warnings.warn(
                f"{self._recorder.path.name} lacks a call of a model, and a replay will fail at this call: the answer "
                f"cannot be written ({type(error).__name__}: {error}).\n{outlined(self._call.asked)}",
                stacklevel=4,
            )

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keep an exception of the provider's, and that the call was cancelled; drop the call if interrupted."""
        try:
            yield
        except Exception as error:
            self.ended(partial(said.of_failure, error))
            raise
        except asyncio.CancelledError:
            self.ended(lambda: {CANCELLED: True})
            raise
        except BaseException:
            self._recorder.dropped(self._execution, self._call)
            raise

    @contextmanager
    def collected(self) -> Iterator[Callable[[Any], None]]:
        """Keep a stream as far as received: to the end, to an exception, or to the chunk at which the caller left."""
        chunks: list[Any] = []
        try:
            yield chunks.append
        except GeneratorExit:
            self._keep_received(chunks, {UNFINISHED: True})
            raise
        except Exception as error:
            self._keep(chunks, partial(said.of_failure, error))
            raise
        except asyncio.CancelledError:
            self._keep(chunks, lambda: {CANCELLED: True})
            raise
        except BaseException:
            self._recorder.dropped(self._execution, self._call)
            raise
        self._keep_received(chunks, {})

    def _keep_received(self, chunks: list[Any], rest: dict[str, Any]) -> None:
        if chunks:
            self._keep(chunks, lambda: rest)
        else:
            self._recorder.dropped(self._execution, self._call)

    def _keep(self, chunks: list[Any], rest: Callable[[], dict[str, Any]]) -> None:
        self.ended(lambda: {**(said.of_chunks(chunks) if chunks else {}), **rest()})


def is_recorded_here() -> bool:
    """Tell whether a recorder is responsible for a call that is made here."""
    return _execution() is not None


def running_call(
    model: Any, prompt: Any, stop: Any, options: Mapping[str, Any], *, is_cached: bool = False
) -> RunningCall | None:
    """Begin a call; ``None`` where no recorder is responsible for the call.

    ``is_cached``: a cache has answered the call. Such a call may be missing in a record that is replayed.

    Raises
    ------
    PromptChanged, UnrecordedCall
        If the call must be replayed, and the record has no answer to the call.
    """
    found = _execution()
    if found is None:
        return None
    recorder, execution = found
    keys = note_secrets(model) if recorder.records else ()
    asked = asked_of(model, prompt, stop, options)
    if is_cached and not recorder.records:
        found_call = recorder.recalled(execution, asked)
        return None if found_call is None else RunningCall(recorder, execution, found_call, is_replayed=True)
    call, is_replayed = recorder.begin(execution, asked, keys)
    return RunningCall(recorder, execution, call, is_replayed=is_replayed)


def running_request(asked: AskedCall, keys: Iterable[str]) -> RunningCall | None:
    """Begin a call that is an HTTP request; ``None`` where nothing is recorded.

    Parameters
    ----------
    asked
        The request.
    keys
        Environment variables whose keys go out with the request.

    Raises
    ------
    PromptChanged, UnrecordedCall
        If the request is to be replayed, and the record has no answer.
    """
    found = _execution()
    if found is None:
        return None
    recorder, execution = found
    call, is_replayed = recorder.begin(execution, asked, keys, are_sent=True)
    return RunningCall(recorder, execution, call, is_replayed=is_replayed)


def _execution() -> tuple[CallRecorder, Execution] | None:
    """Return the record, and the execution of a cell that a call made here belongs to."""
    if not ACTIVE:
        return None
    active = ACTIVE[0]
    execution = belongs_to.get() or (active.current if active.everywhere else None)
    return None if execution is None else (active.recorder, execution)
