"""Wraps the methods through which models are called: four methods of each of LangChain's model classes.

Each use of a model (``invoke``, ``stream``, ``astream_events``, ``batch``, with tools, in an agent) ends in a call of
`_generate`, `_agenerate`, `_stream` or `_astream` of the model's class. These methods are wrapped in each class that
defines such a method, also in classes defined later. So LangChain does everything else as usual: callbacks, tokens,
ids; and the first token is not held back. A model that calls another model counts as a single call: the outer call.

A call that a cache of LangChain answers ends in none of the four. The methods of the two base classes that ask the
cache are wrapped too: such an answer is recorded like an answer of the provider.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any

from langchain_core.caches import BaseCache
from langchain_core.globals import get_llm_cache
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.llms import BaseLLM

from nbhitl.models import said
from nbhitl.models.calls import RunningCall, is_recorded_here, running_call

METHODS = ("_generate", "_agenerate", "_stream", "_astream")
EVENTS = ("_stream_chat_model_events", "_astream_chat_model_events")
"""Methods in which a class may make the events of LangChain's third version itself, past the four methods."""

CACHED = ("_generate_with_cache", "_agenerate_with_cache")
"""Methods of chat models that ask the cache; of LLMs ``generate`` and ``agenerate`` do."""

IS_WRAPPED = "__nbhitl_wrapped__"

OF_THE_RUN = frozenset({"stop", "run_manager", "callbacks", "tags", "metadata", "run_name", "run_id"})
"""Options of the wrapped methods that do not reach the model."""

_inside: ContextVar[bool] = ContextVar("nbhitl_inside_model", default=False)

_asked: ContextVar[list[Any]] = ContextVar("nbhitl_asked_models")
"""Where a cache is asked first: the models that were asked then."""


def install() -> None:
    """Wrap all classes of models, now and later; a second call does nothing."""
    for base in (BaseChatModel, BaseLLM):
        if IS_WRAPPED not in vars(base):
            setattr(base, IS_WRAPPED, True)
            _wrap_cached(base)
            for kind in _descendants(base):
                _wrap(kind)
            _listen(base)


def _descendants(base: Any) -> Iterator[type]:
    subclasses: list[type] = base.__subclasses__()
    for kind in subclasses:
        yield kind
        yield from _descendants(kind)


def _listen(base: Any) -> None:
    """Wrap classes as soon as defined."""
    own = vars(base).get("__init_subclass__")

    def __init_subclass__(cls: Any, **options: Any) -> None:  # noqa: N807 - the name is Python's
        if own is not None:
            own.__func__(cls, **options)
        else:
            super(base, cls).__init_subclass__(**options)
        _wrap(cls)

    hook: Any = __init_subclass__
    base.__init_subclass__ = classmethod(hook)


def _wrap(kind: type) -> None:
    is_chat = issubclass(kind, BaseChatModel)
    makers = {"_generate": _generate, "_agenerate": _agenerate, "_stream": _stream, "_astream": _astream}
    for name in METHODS:
        method = vars(kind).get(name)
        if callable(method) and not hasattr(method, IS_WRAPPED) and not getattr(method, "__isabstractmethod__", False):
            wrapped = makers[name](method, is_chat)
            setattr(wrapped, IS_WRAPPED, True)
            setattr(kind, name, wrapped)
    for name in EVENTS:
        method = vars(kind).get(name)
        if callable(method):
            setattr(kind, name, _EventsOfItsOwn(method))


class _EventsOfItsOwn:
    """A method of `EVENTS`, missing for a model whose call is recorded: LangChain then makes the events of chunks."""

    def __init__(self, method: Any) -> None:
        self._method = method

    def __get__(self, model: Any, kind: Any = None) -> Any:
        if model is not None and is_recorded_here():
            return None
        return self._method.__get__(model, kind)


def is_inside() -> bool:
    """Tell whether a model that is recorded is at work in this context."""
    return _inside.get()


@contextmanager
def _within() -> Iterator[None]:
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


def _begun(model: Any, prompt: Any, args: tuple[Any, ...], options: dict[str, Any]) -> RunningCall | None:
    if _inside.get():
        return None
    if (asked := _asked.get(None)) is not None:
        asked.append(model)
    rest = {name: value for name, value in options.items() if name not in ("stop", "run_manager")}
    stop = options.get("stop", args[0] if args else None)
    return running_call(model, [prompt] if isinstance(prompt, str) else prompt, stop, rest)


def _result(call: RunningCall, *, is_chat: bool) -> Any:
    call.check_not_cancelled()
    again = call.again()
    if (failure := again.failure()) is not None:
        raise failure
    return again.chat_result() if is_chat else again.llm_result()


def _chunks(call: RunningCall, *, is_chat: bool) -> Iterator[Any]:
    again = call.again()
    yield from again.chat_chunks() if is_chat else again.llm_chunks()
    if (failure := again.failure()) is not None:
        raise failure
    call.check_finished()


def _wrap_cached(base: Any) -> None:
    is_chat = issubclass(base, BaseChatModel)
    of_once, of_async = CACHED if is_chat else ("generate", "agenerate")
    if hasattr(base, of_once) and hasattr(base, of_async):
        setattr(base, of_once, _maybe_cached(getattr(base, of_once), is_chat))
        setattr(base, of_async, _maybe_cached_async(getattr(base, of_async), is_chat))


def _maybe_cached(method: Callable[..., Any], is_chat: bool) -> Any:
    @wraps(method)
    def generate(self: Any, prompt: Any, *args: Any, **options: Any) -> Any:
        if not _is_cached(self):
            return method(self, prompt, *args, **options)
        with _noting() as asked:
            result = method(self, prompt, *args, **options)
        return result if asked else _of_cache(self, prompt, args, options, result, is_chat=is_chat)

    return generate


def _maybe_cached_async(method: Callable[..., Any], is_chat: bool) -> Any:
    @wraps(method)
    async def agenerate(self: Any, prompt: Any, *args: Any, **options: Any) -> Any:
        if not _is_cached(self):
            return await method(self, prompt, *args, **options)
        with _noting() as asked:
            result = await method(self, prompt, *args, **options)
        return result if asked else _of_cache(self, prompt, args, options, result, is_chat=is_chat)

    return agenerate


def _is_cached(model: Any) -> bool:
    """Tell whether a cache may answer a call that is recorded."""
    if _inside.get() or not is_recorded_here() or model.cache is False:
        return False
    return get_llm_cache() is not None or isinstance(model.cache, BaseCache)


@contextmanager
def _noting() -> Iterator[list[Any]]:
    asked: list[Any] = []
    token = _asked.set(asked)
    try:
        yield asked
    finally:
        _asked.reset(token)


def _of_cache(
    model: Any, prompt: Any, args: tuple[Any, ...], options: dict[str, Any], result: Any, *, is_chat: bool
) -> Any:
    """Record the answer of a cache; in a replay return the recorded answer, or the cache's where there is none."""
    if not prompt:
        return result
    rest = {name: value for name, value in options.items() if name not in OF_THE_RUN}
    stop = options.get("stop", args[0] if args else None)
    call = running_call(model, prompt, stop, rest, is_cached=True)
    if call is None:
        return result
    if call.is_replayed:
        return _result(call, is_chat=is_chat)
    call.ended(partial(said.of_result, result))
    return result


def _generate(method: Callable[..., Any], is_chat: bool) -> Any:
    @wraps(method)
    def _generate(self: Any, prompt: Any, *args: Any, **options: Any) -> Any:
        call = _begun(self, prompt, args, options)
        if call is None:
            return method(self, prompt, *args, **options)
        if call.is_replayed:
            return _result(call, is_chat=is_chat)
        with call.watched(), _within():
            result = method(self, prompt, *args, **options)
        call.ended(partial(said.of_result, result))
        return result

    return _generate


def _agenerate(method: Callable[..., Any], is_chat: bool) -> Any:
    @wraps(method)
    async def _agenerate(self: Any, prompt: Any, *args: Any, **options: Any) -> Any:
        call = _begun(self, prompt, args, options)
        if call is None:
            return await method(self, prompt, *args, **options)
        if call.is_replayed:
            await call.cancelled_again()
            return _result(call, is_chat=is_chat)
        with call.watched(), _within():
            result = await method(self, prompt, *args, **options)
        call.ended(partial(said.of_result, result))
        return result

    return _agenerate


def _stream(method: Callable[..., Any], is_chat: bool) -> Any:
    @wraps(method)
    def _stream(self: Any, prompt: Any, *args: Any, **options: Any) -> Iterator[Any]:
        call = _begun(self, prompt, args, options)
        if call is None:
            yield from method(self, prompt, *args, **options)
            return
        if call.is_replayed:
            yield from _chunks(call, is_chat=is_chat)
            call.check_not_cancelled()
            return
        chunks = iter(method(self, prompt, *args, **options))
        with call.collected() as collect:
            while True:
                with _within():  # not around the yield: the consumer of the stream may call models, too
                    chunk = next(chunks, None)
                if chunk is None:
                    break
                collect(chunk)
                yield chunk

    return _stream


def _astream(method: Callable[..., Any], is_chat: bool) -> Any:
    @wraps(method)
    async def _astream(self: Any, prompt: Any, *args: Any, **options: Any) -> AsyncIterator[Any]:
        call = _begun(self, prompt, args, options)
        if call is None:
            async for chunk in method(self, prompt, *args, **options):
                yield chunk
            return
        if call.is_replayed:
            for chunk in _chunks(call, is_chat=is_chat):
                yield chunk
            await call.cancelled_again()
            return
        chunks = aiter(method(self, prompt, *args, **options))
        with call.collected() as collect:
            while True:
                with _within():
                    chunk = await anext(chunks, None)
                if chunk is None:
                    break
                collect(chunk)
                yield chunk

    return _astream
