"""Updates a state so that a refused update leaves nothing in the checkpointer.

LangGraph saves the writes of an update before the reducers take the writes. Where a reducer refuses a write, the writes
stay beside the checkpoint for good. With the id of the task that the update replaces, these writes count as the result
of that task: the state cannot be read any more, and the next run fails on the refused value.
"""

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

FORWARDED = [name for name, method in vars(BaseCheckpointSaver).items() if callable(method) and name[0] != "_"]
"""The methods of LangGraph's checkpointers, in the installed version."""


class HeldBack(BaseCheckpointSaver[Any]):
    """A graph's checkpointer for a single update: keeps the writes back until the update's checkpoint is saved.

    Parameters
    ----------
    saver
        The checkpointer, which gets all further requests unchanged.
    """

    def __init__(self, saver: Any) -> None:
        super().__init__(serde=saver.serde)
        self._saver = saver
        self._held: list[Callable[[], Any]] = []
        self._is_held = True
        put_writes, aput_writes = self._holding(saver)
        own: dict[str, Callable[..., Any]] = {"put": self._put, "aput": self._aput}
        own |= {"put_writes": put_writes, "aput_writes": aput_writes, "with_allowlist": self._with_allowlist}
        for name in FORWARDED:
            setattr(self, name, own.get(name) or getattr(saver, name))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._saver, name)

    def _holding(self, saver: Any) -> tuple[Callable[..., None], Callable[..., Awaitable[None]]]:
        # LangGraph looks at the signature, as some checkpointers take no path of a task.
        @wraps(saver.put_writes)
        def put_writes(*args: Any, **options: Any) -> None:
            if self._is_held:
                self._held.append(partial(saver.put_writes, *args, **options))
            else:
                saver.put_writes(*args, **options)

        @wraps(saver.aput_writes)
        async def aput_writes(*args: Any, **options: Any) -> None:
            if self._is_held:
                self._held.append(partial(saver.aput_writes, *args, **options))
            else:
                await saver.aput_writes(*args, **options)

        return put_writes, aput_writes

    def _put(self, *args: Any, **options: Any) -> Any:
        for put_writes in self._let_go():
            put_writes()
        return self._saver.put(*args, **options)

    async def _aput(self, *args: Any, **options: Any) -> Any:
        for put_writes in self._let_go():
            await put_writes()
        return await self._saver.aput(*args, **options)

    def _with_allowlist(self, *args: Any, **options: Any) -> "HeldBack":
        return HeldBack(self._saver.with_allowlist(*args, **options))

    def _let_go(self) -> list[Callable[[], Any | Awaitable[Any]]]:
        held, self._held, self._is_held = self._held, [], False
        return held
