"""The values of calls: of the answer's methods, of helpers whose source is read, of built-in functions, of classes."""

import ast
import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from nbhitl.engines.local.functions import Definition, is_task, own_functions
from nbhitl.engines.local.reading import kinds
from nbhitl.engines.local.reading.objects import OfOurs, Validating, classes_in, is_reached, words_in
from nbhitl.engines.local.reading.parts import CHANGES
from nbhitl.engines.local.reading.sources import is_readable, source_of
from nbhitl.engines.local.reading.uses import (
    CONVERTING,
    OF_MAPPING,
    Site,
    Uses,
    merged_as,
    note_conversion,
    note_counting,
    note_loop,
    text_changed,
)
from nbhitl.engines.local.reading.values import (
    UNKNOWN,
    BoundMethod,
    Frame,
    GivenValue,
    KeptValue,
    Known,
    Local,
    Method,
    Of,
    Row,
    SaidValue,
    Update,
    each_of,
    either,
    parts_of,
)

DEEPEST_CALL = 4
"""Deepest chain of functions between a node and the use of an answer."""

SAME_TEXT = {"strip", "lstrip", "rstrip", "replace", "removeprefix", "removesuffix", "format", "encode", "splitlines"}
OF_TEXT = SAME_TEXT | {*CHANGES, "split", "rsplit", "partition", "isdigit", "isnumeric", "isalpha", "endswith", "find"}
OF_LIST = {"append", "extend", "insert", "sort", "reverse"}

PASSING = {"result", "model_dump", "dict", "copy", "model_copy", "value", "tolist"}
"""Methods and attributes that return the same part: of a future, of a model, of an enum's member."""

OVER_ITEMS = {zip, map, filter, sum, max, min, any, all, frozenset, enumerate, reversed}
SAYING_NOTHING = {len, print, repr, type, id, callable}

LIBRARY = {"json", "re", "typing", "typing_extensions"}
"""Modules of Python's standard library whose functions' effects on a value are known here."""


class Calling(Uses, ABC):
    """Reads calls, whose function and arguments are known as values; `read` follows a function of the user's."""

    @abstractmethod
    def read(self, function: FunctionType, args: Sequence[Any] = (), named: Mapping[str, Any] | None = None) -> Any:
        """Read a function that is called with ``args``; return the function's value."""

    @abstractmethod
    def _function(
        self, node: Definition | ast.Lambda, frame: Frame, given: GivenValue, types: Mapping[str, Any]
    ) -> Any:
        """Read the body of a function; return the function's value."""

    def _called(self, called: Any, node: ast.Call, given: GivenValue, frame: Frame) -> Any:
        match called:
            case Method(of=of, name=name):
                return self._method(of, name, given.args)
            case OfOurs(holder=holder, name=name):
                return self._of_ours(holder, name, given.args)
            case BoundMethod(function=FunctionType() as function, first=first):
                return self._function_called(function, given.after(first), node)
            case Local(node=inner, names=names):
                return self._local_called(inner, Frame({**names}, frame.space), given)
            case Validating(kind=kind):
                return self._validated(kind, given.first)
            case Known(value=value):
                return self._object_called(value, node, given)
        return self._handed_on(node, given)

    def _local_called(self, node: Definition | ast.Lambda, frame: Frame, given: GivenValue) -> Any:
        self._spread_to(node.args, given.spread, {})
        if len(self._chain) >= DEEPEST_CALL or id(node) in self._chain:
            return self._passed(given.all)
        self._chain.append(id(node))
        try:
            return self._function(node, frame, given, {})
        finally:
            self._chain.pop()

    def _object_called(self, value: Any, node: ast.Call, given: GivenValue) -> Any:
        if isinstance(value, FunctionType):
            return self._function_called(value, given, node)
        if isinstance(value, MethodType) and isinstance(value.__func__, FunctionType):
            return self._function_called(value.__func__, given.after(Known(value.__self__)), node)
        if isinstance(value, partial):
            kept = {key: Known(each) for key, each in value.keywords.items()}
            whole = GivenValue([*map(Known, value.args), *given.args], {**kept, **given.named}, given.spread)
            return self._object_called(value.func, node, whole)
        if is_task(value):
            for function in own_functions(value.func, set()):
                return self._function_called(function, given, node)
        if isinstance(value, BuiltinFunctionType) or (isinstance(value, type) and value.__module__ == "builtins"):
            return self._builtin(value, given.args)
        if isinstance(value, type):
            return self._made(value, given)
        return self._handed_on(node, given)

    def _function_called(self, function: FunctionType, given: GivenValue, node: ast.Call) -> Any:
        module, name = function.__module__, function.__name__
        if (module, name) == ("langgraph.types", "interrupt"):
            return self._asked(node, given.args[0] if given.args else given.named.get("value", UNKNOWN))
        if module in LIBRARY:
            return self._library(name, given)
        if not is_readable(function):
            return self._passed(given.all)
        source = source_of(function)
        if source is not None:
            self._spread_to(source.args, given.spread, getattr(function, "__annotations__", {}))
        return self.read(function, given.args, given.named)

    def _library(self, name: str, given: GivenValue) -> Any:
        """Return the value of a function of ``json``, ``re`` or ``typing``."""
        if name == "cast" and len(given.args) > 1:
            kind, value = given.args[:2]
            for of in parts_of(value):
                kinds.told(of.part, kind.value if isinstance(kind, Known) else kinds.NO_TYPE)
            return value
        for of in [of for each in given.args for of in parts_of(each)]:
            if name == "dumps":
                of.part.is_said = True
            else:
                of.part.tells("text")
        return SaidValue((None,)) if name == "dumps" else UNKNOWN

    def _handed_on(self, node: ast.Call, given: GivenValue) -> Any:
        self._said_to(node, given.all)
        return self._passed(given.all)

    def _asked(self, node: ast.Call, payload: Any) -> Of:
        site = self.sites.setdefault((id(node), *self._chain), Site())
        site.payloads.append(payload)
        return Of(site.part)

    def _spread_to(self, params: ast.arguments, spread: Sequence[Any], types: Mapping[str, Any]) -> None:
        """Note the keys that ``f(**answer)`` reads: the parameters of ``f``."""
        for of in [of for each in spread for of in parts_of(each)]:
            of.part.tells("mapping")
            required = len(params.args) - len(params.defaults)
            for place, param in enumerate([*params.args, *params.kwonlyargs]):
                part = of.part.at(param.arg, required=place < required)
                kinds.told(part, types.get(param.arg, kinds.NO_TYPE))

    def _method(self, of: Of, name: str, args: Sequence[Any]) -> Any:
        part = of.part
        first = args[0] if args else UNKNOWN
        if name in ("get", "pop", "setdefault"):
            return self._got(of, first, args[1] if len(args) > 1 else None, required=name == "pop" and len(args) < 2)  # noqa: PLR2004
        if name == "startswith":
            part.tells("text")
            part.beginnings += [word for word in words_in(first) if is_reached(word, of.changes)]
            return UNKNOWN
        if name in OF_TEXT:
            part.tells("text")
            return text_changed(of, name)
        if name in OF_MAPPING:
            part.tells("mapping")
            return of if name == "copy" else Method(of, name)
        if name in OF_LIST:
            part.tells("list")
            return UNKNOWN
        if name in PASSING:
            return of
        return UNKNOWN

    def _got(self, of: Of, key: Any, default: Any, *, required: bool) -> Any:
        if not isinstance(key, Known) or not isinstance(key.value, str):
            of.part.tells("mapping")
            return UNKNOWN
        found = Of(of.part.at(key.value, required=required and not self._branching))
        match default:
            case Known(value=bool()):
                found.part.tells("boolean")
            case Known(value=str()) | SaidValue():
                found.part.tells("text")
            case Known(value=int()):
                found.part.tells("integer")
            case Known(value=float()):
                found.part.tells("number")
            case KeptValue():
                found.part.tells("mapping")
            case Row():
                found.part.tells("list")
        is_other = default is not None and any(isinstance(one, Of | KeptValue | Row) for one in each_of(default))
        return either(found, default) if is_other else found

    def _of_ours(self, holder: Any, name: str, args: Sequence[Any]) -> Any:
        """Return the value of a method of a mapping or a list that the code has made."""
        first = args[0] if args else UNKNOWN
        if isinstance(holder, KeptValue) and name == "get":
            for of in parts_of(first):
                for literal in holder.items:
                    of.part.is_compared(literal, of.changes)
                return either(*holder.items.values(), *args[1:])
            return self._key(holder, first, required=False) if isinstance(first, Known) else UNKNOWN
        if name in ("append", "extend", "update"):
            self._use(first)
        for of in parts_of(first) if name != "append" else ():
            if (merged := merged_as(ast.BitOr(), [holder])) is not None:
                of.part.tells(merged)
        return UNKNOWN

    def _builtin(self, value: Any, args: Sequence[Any]) -> Any:
        first = args[0] if args else UNKNOWN
        found = list(parts_of(first))
        if value is isinstance:
            if len(args) > 1:
                self._guard(first, classes_in(args[1]))
            return UNKNOWN
        if value is str or value is bool or value in CONVERTING:
            note_conversion(found, value)
            return SaidValue((None,)) if value is str and not found else first
        if value is range or (value in (max, min) and len(args) > 1):
            note_counting(args, value)
            return UNKNOWN
        if value in OVER_ITEMS:
            for each in args:
                note_loop(each)
            return UNKNOWN
        if value in SAYING_NOTHING:
            return UNKNOWN
        name = args[1] if value is getattr and len(args) > 1 else UNKNOWN
        if isinstance(name, Known) and isinstance(name.value, str):
            return self._attribute(first, name.value)
        return self._passed(args)

    def _made(self, kind: type, given: GivenValue) -> Any:
        """Return the object of a class: a message contains a text, a model tells the shape of its arguments."""
        if kind.__module__ == "langgraph.types" and kind.__name__ in ("Command", "Send"):
            return self._command(given)
        if kind.__module__.startswith("langchain_core.messages"):
            return self._message(given)
        if isinstance(kind, enum.EnumMeta):
            for of in parts_of(given.first):
                kinds.told(of.part, kind)
            return given.first
        return self._model(kind, given)

    def _message(self, given: GivenValue) -> Any:
        for of in parts_of(given.named.get("content", given.first)):
            of.part.tells("text")
        return self._passed([value for name, value in given.named.items() if name != "content"])

    def _model(self, kind: type, given: GivenValue) -> Any:
        found = [of for each in given.spread for of in parts_of(each)]
        for of in found:
            of.part.tells("mapping")
            kinds.told(of.part, kind)
        fields = {name: annotation for name, annotation, _ in kinds.members(kind)}
        for name, value in given.named.items():
            for of in parts_of(value):
                kinds.told(of.part, fields.get(name, kinds.NO_TYPE), kinds.names_of(kind))
        self._passed([*given.args, *given.named.values()])
        return found[0] if found else UNKNOWN

    def _validated(self, kind: type, value: Any) -> Any:
        found = list(parts_of(value))
        for of in found:
            of.part.tells("mapping")
            kinds.told(of.part, kind)
        return either(*found)

    def _command(self, given: GivenValue) -> Any:
        for of in parts_of(given.named.get("goto", UNKNOWN)):
            of.part.is_used = True
            of.part.tells("text")
            self.gone_to.append(of)
        self._passed([given.named.get("resume", UNKNOWN), *given.args])
        return Update(given.named.get("update", UNKNOWN))

    def _said_to(self, node: ast.Call, given: Sequence[Any]) -> None:
        """Note values that are said to a model: arguments of ``invoke`` and the like, where the callee was not read."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in {"invoke", "ainvoke", "stream", "astream", "predict", "search", "similarity_search", "run"}:
            for of in [of for value in given for of in parts_of(value)]:
                of.part.is_said = True
        elif name == "join":  # of a text
            for of in [of for value in given for of in parts_of(value)]:
                of.part.tells("list")
