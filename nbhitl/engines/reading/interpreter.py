"""Reads a function as far as an answer goes in it: assignments, helpers, comparisons, keys, conversions.

Nothing is run. Every branch is read, a loop twice, and what cannot be said for sure is unknown.
"""

import ast
import builtins
import enum
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from nbhitl.engines.functions import closure_of, imported, is_task, own_functions
from nbhitl.engines.functions import UNKNOWN as NOT_FOUND
from nbhitl.engines.reading import kinds
from nbhitl.engines.reading.parts import CHANGES, Part
from nbhitl.engines.reading.sources import is_readable, source_of
from nbhitl.engines.reading.values import (
    UNKNOWN,
    Bound,
    Kept,
    Known,
    Local,
    Method,
    Of,
    Row,
    Said,
    Update,
    each_of,
    either,
    parts_in,
    parts_of,
)

STEPS = 6_000
"""Expressions of a node that are read at most: some milliseconds."""

DEEPEST_CALL = 4
"""How many functions may stand between a node and what is done with the answer."""

SAME_TEXT = {"strip", "lstrip", "rstrip", "replace", "removeprefix", "removesuffix", "format", "encode", "splitlines"}
OF_TEXT = SAME_TEXT | {*CHANGES, "split", "rsplit", "partition", "isdigit", "isnumeric", "isalpha", "endswith", "find"}
OF_MAPPING = {"items", "keys", "values", "update", "copy"}
OF_LIST = {"append", "extend", "insert", "sort", "reverse"}

SPEAKERS = {"user", "human", "assistant", "ai", "system", "tool"}

PASSING = {"result", "model_dump", "dict", "copy", "model_copy", "value", "tolist"}
"""Names of methods and attributes after which a part is still itself: of a future, of a model, of an enum's member."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef


class Enough(Exception):
    """Raised where more would take too long to read."""


@dataclass
class Site:
    """One ``interrupt()`` that was met: the payload, and what is done with the answer."""

    payloads: list[Any] = field(default_factory=list)
    part: Part = field(default_factory=Part)


@dataclass
class _Frame:
    """One function that is being read."""

    names: dict[str, Any]
    space: Mapping[str, Any]
    depth: int
    returns: list[Any] = field(default_factory=list)
    annotation: Any = None


class Interpreter:
    """Reads functions of one node.

    Attributes
    ----------
    sites
        The interrupts that were met.
    read_before
        The ids of the code of all functions that were read.
    """

    def __init__(self, steps: int = STEPS) -> None:
        self.sites: dict[Any, Site] = {}
        self.read_before: set[int] = set()
        self._left = steps
        self._chain: list[int] = []
        self._branching = 0

    # --- functions ------------------------------------------------------------------------------

    def read(self, function: FunctionType, args: Sequence[Any] = (), named: Mapping[str, Any] | None = None) -> Any:
        """Read a function that is called with ``args``; return what it returns.

        Raises
        ------
        Enough
            If it is too long.
        """
        node = source_of(function)
        if node is None or len(self._chain) >= DEEPEST_CALL or id(function.__code__) in self._chain:
            return self._passed([*args, *(named or {}).values()])
        space = _space(function, node)
        self._chain.append(id(function.__code__))
        self.read_before.add(id(function.__code__))
        branching = self._branching
        try:
            types = {name: each for name, each in getattr(function, "__annotations__", {}).items()}
            return self._function(node, space, {}, args, named or {}, types)
        finally:
            self._branching = branching
            self._chain.pop()

    def _function(
        self,
        node: Definition | ast.Lambda,
        space: Mapping[str, Any],
        names: Mapping[str, Any],
        args: Sequence[Any],
        named: Mapping[str, Any],
        types: Mapping[str, Any],
    ) -> Any:
        frame = _Frame({**names}, space, len(self._chain), annotation=types.get("return"))
        self._bind(frame, node.args, args, named, types)
        if isinstance(node, ast.Lambda):
            return self._value(node.body, frame)
        self._block(node.body, frame)
        return either(*frame.returns) if frame.returns else UNKNOWN

    def _bind(
        self,
        frame: _Frame,
        params: ast.arguments,
        args: Sequence[Any],
        named: Mapping[str, Any],
        types: Mapping[str, Any],
    ) -> None:
        listed = [*params.posonlyargs, *params.args]
        for param in [*listed, *params.kwonlyargs]:
            frame.names[param.arg] = UNKNOWN
        for param, value in zip(listed, args, strict=False):
            frame.names[param.arg] = value
        for param in [*listed, *params.kwonlyargs]:
            if param.arg in named:
                frame.names[param.arg] = named[param.arg]
            value = frame.names[param.arg]
            annotation = types.get(param.arg, param.annotation)
            if annotation is not None:
                for of in parts_of(value):
                    kinds.told(of.part, annotation, self._resolve(frame))
        if params.vararg is not None:
            frame.names[params.vararg.arg] = Row(tuple(args[len(listed) :]))
        if params.kwarg is not None:
            frame.names[params.kwarg.arg] = UNKNOWN

    # --- statements -----------------------------------------------------------------------------

    def _block(self, statements: Sequence[ast.stmt], frame: _Frame) -> None:
        for statement in statements:
            self._statement(statement, frame)

    def _statement(self, node: ast.stmt, frame: _Frame) -> None:  # noqa: C901, PLR0912 - one case a statement
        match node:
            case ast.Return(value=value) if value is not None:
                frame.returns.append(self._value(value, frame))
            case ast.Expr(value=value):
                self._value(value, frame)
            case ast.Assign(targets=targets, value=value):
                found = self._value(value, frame)
                for target in targets:
                    self._assign(target, found, frame)
            case ast.AnnAssign(target=target, annotation=annotation, value=value) if value is not None:
                found = self._value(value, frame)
                for of in parts_of(found):
                    kinds.told(of.part, annotation, self._resolve(frame))
                self._assign(target, found, frame)
            case ast.AugAssign(target=target, op=op, value=value):
                found = self._binary(op, self._value(target, frame), self._value(value, frame))
                self._assign(target, found, frame)
            case ast.If(test=test, body=body, orelse=orelse):
                self._test(test, frame)
                self._branches([body, orelse], frame)
            case ast.While(test=test, body=body, orelse=orelse):
                for _ in range(2):
                    self._test(test, frame)
                    self._branches([body, []], frame)
                self._block(orelse, frame)
            case ast.For() | ast.AsyncFor():
                self._for(node, frame)
            case ast.Match(subject=subject, cases=cases):
                self._match(subject, cases, frame)
            case ast.Try() | ast.TryStar():
                self._block(node.body, frame)
                self._branches([[], *(handler.body for handler in node.handlers)], frame)
                self._block([*node.orelse, *node.finalbody], frame)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    found = self._value(item.context_expr, frame)
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, found, frame)
                self._block(body, frame)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                frame.names[name] = Local(node, frame.names)
            case ast.Assert(test=test):
                self._test(test, frame)
            case ast.Raise(exc=exc) if exc is not None:
                self._value(exc, frame)
            case ast.Delete():
                pass

    def _branches(self, blocks: Sequence[Sequence[ast.stmt]], frame: _Frame) -> None:
        """Read blocks of which one runs; afterwards a name may be what any of them made of it.

        Where one of them leaves, what comes after runs only sometimes, too.
        """
        before, after = dict(frame.names), []
        self._branching += 1
        for block in blocks:
            frame.names.clear()
            frame.names.update(before)
            self._block(block, frame)
            if not _leaves(block):
                after.append(dict(frame.names))
        self._branching -= len(after) == len(blocks)
        frame.names.clear()
        frame.names.update(before if not after else _joined(after))

    def _for(self, node: ast.For | ast.AsyncFor, frame: _Frame) -> None:
        over = self._value(node.iter, frame)
        item = UNKNOWN
        for one in each_of(over):
            match one:
                case Of(part=part):
                    part.tells("list")
                    item = either(item, Of(part.each())) if item is not UNKNOWN else Of(part.each())
                case Row(items=items) if items:
                    item = either(*items)
                case Method(of=Of(part=part), name="items"):
                    part.tells("mapping")
        for _ in range(2):
            self._assign(node.target, item, frame)
            self._branches([node.body, []], frame)
        self._block(node.orelse, frame)

    def _assign(self, target: ast.expr, value: Any, frame: _Frame) -> None:
        match target:
            case ast.Name(id=name):
                frame.names[name] = value
            case ast.Starred(value=inner):
                self._assign(inner, UNKNOWN, frame)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                self._unpack(targets, value, frame)
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
                held = frame.names.get(name)
                if isinstance(held, Kept):
                    frame.names[name] = Kept({**held.items, key: value}, held.is_whole)
                else:
                    frame.names[name] = Kept({key: value}, is_whole=False) if held is None or held is UNKNOWN else held
                    self._use(value)
            case ast.Subscript() | ast.Attribute():
                self._use(value)

    def _unpack(self, targets: Sequence[ast.expr], value: Any, frame: _Frame) -> None:
        for place, target in enumerate(targets):
            found: list[Any] = []
            for one in each_of(value):
                match one:
                    case Row(items=items) if len(items) == len(targets):
                        found.append(items[place])
                    case Of(part=part):
                        part.tells("list")
                        found.append(Of(part.item(place)))
            self._assign(target, either(*found), frame)

    # --- match ----------------------------------------------------------------------------------

    def _match(self, subject: ast.expr, cases: Sequence[ast.match_case], frame: _Frame) -> None:
        value = self._value(subject, frame)
        before, after = dict(frame.names), [dict(frame.names)]
        self._branching += 1
        for case in cases:
            frame.names.clear()
            frame.names.update(before)
            self._pattern(case.pattern, value, frame)
            if case.guard is not None:
                self._test(case.guard, frame)
            self._block(case.body, frame)
            if not _leaves(case.body):
                after.append(dict(frame.names))
        frame.names.clear()
        frame.names.update(_joined(after))

    def _pattern(self, pattern: ast.pattern, value: Any, frame: _Frame) -> None:  # noqa: C901, PLR0912
        self._step()
        match pattern:
            case ast.MatchValue(value=expression):
                self._compare(value, self._value(expression, frame))
            case ast.MatchSingleton(value=constant):
                self._compare(value, Known(constant))
            case ast.MatchOr(patterns=patterns):
                for each in patterns:
                    self._pattern(each, value, frame)
            case ast.MatchAs(pattern=inner, name=name):
                if inner is not None:
                    self._pattern(inner, value, frame)
                if name is not None:
                    frame.names[name] = value
            case ast.MatchMapping(keys=keys, patterns=patterns):
                for key, each in zip(keys, patterns, strict=True):
                    told = self._value(key, frame)
                    inner_value = self._key(value, told, required=True) if isinstance(told, Known) else UNKNOWN
                    self._pattern(each, inner_value, frame)
                for of in parts_of(value):
                    of.part.tells("mapping")
            case ast.MatchSequence(patterns=patterns):
                for place, each in enumerate(patterns):
                    self._pattern(each, self._item(value, place), frame)
            case ast.MatchClass(cls=cls, patterns=patterns, kwd_attrs=names, kwd_patterns=named):
                kind = self._value(cls, frame)
                if isinstance(kind, Known):
                    self._guard(value, kind.value)
                for each in patterns:
                    self._pattern(each, value, frame)
                for name, each in zip(names, named, strict=True):
                    self._pattern(each, self._key(value, Known(name), required=False), frame)

    # --- expressions ----------------------------------------------------------------------------

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Enough

    def _value(self, node: ast.expr | None, frame: _Frame) -> Any:  # noqa: C901, PLR0911, PLR0912 - one case a kind
        self._step()
        match node:
            case ast.Constant(value=value):
                return Known(value)
            case ast.Name(id=name):
                return self._name(name, frame)
            case ast.NamedExpr(target=target, value=value):
                found = self._value(value, frame)
                self._assign(target, found, frame)
                return found
            case ast.Await(value=value) | ast.Starred(value=value):
                return self._value(value, frame)
            case ast.Call():
                return self._call(node, frame)
            case ast.Attribute(value=holder, attr=name):
                return self._attribute(self._value(holder, frame), name)
            case ast.Subscript(value=holder, slice=inside):
                return self._subscript(self._value(holder, frame), inside, frame)
            case ast.Compare():
                return self._comparison(node, frame)
            case ast.BoolOp(op=op, values=values):
                return self._fallbacks(op, [self._value(each, frame) for each in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self._test(operand, frame)
                return UNKNOWN
            case ast.UnaryOp(operand=operand):
                found = self._value(operand, frame)
                for of in parts_of(found):
                    of.part.tells("number")
                return UNKNOWN if not isinstance(found, Known) else _negative(node.op, found)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, self._value(left, frame), self._value(right, frame))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._test(test, frame)
                return either(self._value(body, frame), self._value(orelse, frame))
            case ast.JoinedStr(values=values):
                return Said(tuple(self._piece(each, frame) for each in values))
            case ast.Dict(keys=keys, values=values):
                return self._dict(keys, values, frame)
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                return self._row([self._value(each, frame) for each in elts])
            case ast.Lambda():
                return Local(node, frame.names)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, frame)
            case ast.Yield(value=value) | ast.YieldFrom(value=value):
                self._use(self._value(value, frame))
                return UNKNOWN
            case ast.Slice(lower=lower, upper=upper):
                self._value(lower, frame)
                self._value(upper, frame)
        return UNKNOWN

    def _name(self, name: str, frame: _Frame) -> Any:
        if name in frame.names:
            return frame.names[name]
        if name in frame.space:
            found = frame.space[name]
            return UNKNOWN if found is NOT_FOUND else Known(found)
        return Known(vars(builtins)[name]) if name in vars(builtins) else UNKNOWN

    def _resolve(self, frame: _Frame) -> kinds.Resolve:
        def look(name: str) -> Any:
            found = self._name(name, frame)
            return found.value if isinstance(found, Known) else kinds.NO_TYPE

        return kinds.resolving(look)

    def _piece(self, node: ast.expr, frame: _Frame) -> str | None:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        found = self._value(node.value, frame) if isinstance(node, ast.FormattedValue) else UNKNOWN
        for of in parts_of(found):
            of.part.is_said = True
        is_text = isinstance(found, Known) and type(found.value) in (str, int)
        return str(found.value) if is_text and isinstance(node, ast.FormattedValue) and node.format_spec is None else None

    def _dict(self, keys: Sequence[ast.expr | None], values: Sequence[ast.expr], frame: _Frame) -> Kept:
        items: dict[str, Any] = {}
        is_whole = True
        for key, value in zip(keys, values, strict=True):
            found = self._value(value, frame)
            if key is None:
                is_whole = self._spread(found, items) and is_whole
                continue
            name = self._value(key, frame)
            if isinstance(name, Known) and isinstance(name.value, str):
                items[name.value] = found
            else:
                is_whole = False
                self._use(found)
                self._looked_up(name)
        _read_message(items)
        return Kept(items, is_whole)

    def _spread(self, found: Any, items: dict[str, Any]) -> bool:
        """Put what ``**`` gives into a mapping; tell whether all of it is known."""
        for of in parts_of(found):
            of.part.tells("mapping")
        if isinstance(found, Kept):
            items.update(found.items)
            return found.is_whole
        return False

    def _looked_up(self, name: Any) -> None:
        for of in parts_of(name):
            of.part.is_used = True

    def _row(self, items: Sequence[Any]) -> Row:
        if len(items) == 2 and isinstance(items[0], Known) and items[0].value in SPEAKERS:  # noqa: PLR2004 - a message
            for of in parts_of(items[1]):
                of.part.tells("text")
        return Row(tuple(items))

    def _comprehension(self, node: Any, frame: _Frame) -> Any:
        inner = _Frame({**frame.names}, frame.space, frame.depth)
        for each in node.generators:
            over = self._value(each.iter, inner)
            item: Any = UNKNOWN
            for of in parts_of(over):
                of.part.tells("list")
                item = Of(of.part.each())
            if isinstance(over, Row) and over.items:
                item = either(*over.items)
            self._assign(each.target, item, inner)
            for condition in each.ifs:
                self._test(condition, inner)
        found = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for each in found:
            self._use(self._value(each, inner))
        return UNKNOWN

    # --- what is done with a part ---------------------------------------------------------------

    def _use(self, value: Any) -> None:
        """Note that a value is handed on."""
        for of in parts_in(value):
            of.part.is_used = True

    def _passed(self, values: Sequence[Any]) -> Any:
        for value in values:
            self._use(value)
        return UNKNOWN

    def _fallbacks(self, op: ast.boolop, values: Sequence[Any]) -> Any:
        """Return what ``a or b`` is: the first is no question of yes or no, but may be left empty."""
        if isinstance(op, ast.And):
            return values[-1]
        told = [value for value in values if not (isinstance(value, Known) and value.value is None)]
        for value in told[:-1]:
            self._defaulted(value, told[-1])
        return either(*told)

    def _defaulted(self, value: Any, default: Any) -> None:
        if isinstance(default, Known) and type(default.value) is str or isinstance(default, Said):
            for of in parts_of(value):
                of.part.tells("text")
        elif isinstance(default, Kept):
            for of in parts_of(value):
                of.part.tells("mapping")

    def _test(self, node: ast.expr, frame: _Frame) -> None:
        """Read a condition."""
        match node:
            case ast.BoolOp(values=values):
                for each in values:
                    self._test(each, frame)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self._test(operand, frame)
            case _:
                for of in parts_of(self._value(node, frame)):
                    of.part.is_tested = True

    def _binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        sides = (left, right)
        is_text = any(isinstance(each, Said) or (isinstance(each, Known) and isinstance(each.value, str)) for each in sides)
        for of in [*parts_of(left), *parts_of(right)]:
            if isinstance(op, ast.Add) and is_text:
                of.part.tells("text")
            elif isinstance(op, ast.Mod) and is_text:
                of.part.is_said = True
            elif isinstance(op, ast.Add):
                of.part.is_used = True
            else:
                of.part.tells("number")
        if isinstance(op, ast.Add) and is_text:
            return Said(tuple(piece for each in sides for piece in _pieces(each)))
        if isinstance(op, ast.Mod) and is_text and isinstance(left, Known):
            return Said((None,))
        if isinstance(op, ast.Add) and isinstance(left, Row) and isinstance(right, Row):
            return Row((*left.items, *right.items))
        if isinstance(op, ast.BitOr) and isinstance(left, Kept) and isinstance(right, Kept):
            return Kept({**left.items, **right.items}, left.is_whole and right.is_whole)
        return Row((left, right)) if isinstance(left, Row) or isinstance(right, Row) else UNKNOWN

    def _comparison(self, node: ast.Compare, frame: _Frame) -> Any:
        left = self._value(node.left, frame)
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self._value(comparator, frame)
            match op:
                case ast.Eq() | ast.NotEq() | ast.Is() | ast.IsNot():
                    self._compare(left, right)
                    self._compare(right, left)
                case ast.In() | ast.NotIn():
                    self._membership(left, right)
                case _:
                    self._ordered(left, right)
                    self._ordered(right, left)
            left = right
        return UNKNOWN

    def _ordered(self, one: Any, other: Any) -> None:
        for of in parts_of(one):
            if not (isinstance(other, Known) and isinstance(other.value, str)):
                of.part.tells("number")

    def _compare(self, one: Any, other: Any) -> None:
        literals = [value for value in each_of(other) if isinstance(value, Known)]
        for of in parts_of(one):
            for literal in literals:
                of.part.is_compared(_constant(literal.value), of.changes)

    def _membership(self, one: Any, container: Any) -> None:
        for of in parts_of(one):
            for literal in _listed(container):
                of.part.is_compared(_constant(literal), of.changes)
        for of in parts_of(container):
            for word in each_of(one):
                if isinstance(word, Known) and isinstance(word.value, str):
                    self._sought(of, word.value)

    def _sought(self, of: Of, word: str) -> None:
        """Note that a key, or a word, is looked for."""
        if of.changes or "text" in of.part.evidence:
            of.part.tells("text")
            of.part.beginnings.append(word)
        else:
            of.part.sought.append(word)
            if word in of.part.keys:
                of.part.required.discard(word)

    def _guard(self, value: Any, kind: Any) -> None:
        """Note that a type is told apart."""
        listed = kind if isinstance(kind, tuple) else (kind,)
        for of in parts_of(value):
            for one in listed:
                if isinstance(one, type) and one in kinds.KINDS:
                    of.part.guarded.append(kinds.KINDS[one])
                elif getattr(one, "__name__", "") == "Mapping":
                    of.part.guarded.append("mapping")

    def _key(self, value: Any, key: Known, *, required: bool) -> Any:
        found: list[Any] = []
        for one in each_of(value):
            match one:
                case Of(part=part) if isinstance(key.value, str):
                    is_always = required and not self._branching and key.value not in part.sought
                    found.append(Of(part.at(key.value, required=is_always)))
                case Kept(items=items, is_whole=is_whole):
                    found.append(items.get(key.value, UNKNOWN) if key.value in items or not is_whole else UNKNOWN)
        return either(*found)

    def _item(self, value: Any, place: int) -> Any:
        found: list[Any] = []
        for one in each_of(value):
            match one:
                case Of(part=part, changes=changes) if "split" in changes:
                    found.append(Of(part, tuple(each for each in changes if each != "split")))
                case Of(part=part) if place >= 0:
                    found.append(Of(part.item(place)))
                case Of(part=part):
                    found.append(Of(part.each()))
                case Row(items=items) if -len(items) <= place < len(items):
                    found.append(items[place])
        return either(*found)

    def _subscript(self, holder: Any, inside: ast.expr, frame: _Frame) -> Any:
        if isinstance(inside, ast.Slice):
            for of in parts_of(holder):
                of.part.is_said = True
            return holder
        place = self._value(inside, frame)
        for of in parts_of(place):
            for literal in _listed(holder):
                of.part.is_compared(_constant(literal), of.changes)
            of.part.is_used = True
        if parts_found := list(parts_of(place)):
            values = [*holder.items.values()] if isinstance(holder, Kept) and parts_found else []
            return either(*values) if values else UNKNOWN
        if not isinstance(place, Known):
            return UNKNOWN
        if isinstance(place.value, str):
            if isinstance(holder, Known):
                return _of_dict(holder.value, place.value)
            return self._key(holder, place, required=True)
        return self._item(holder, place.value) if type(place.value) is int else UNKNOWN

    def _attribute(self, holder: Any, name: str) -> Any:  # noqa: PLR0911 - one case a value
        found: list[Any] = []
        for one in each_of(holder):
            match one:
                case Of(part=part) if name in part.keys and name not in OF_MAPPING | {"get", "pop"}:
                    found.append(Of(part.keys[name]))
                case Of():
                    found.append(Method(one, name))
                case Kept(items=items) if name in items and name not in OF_MAPPING | {"get", "pop"}:
                    found.append(items[name])
                case Known(value=value):
                    found.append(_member(value, name))
                case Kept() | Row():
                    found.append(_OfOurs(one, name))
        return either(*found)

    # --- calls ----------------------------------------------------------------------------------

    def _call(self, node: ast.Call, frame: _Frame) -> Any:
        called = self._value(node.func, frame)
        args = [self._value(each, frame) for each in node.args]
        named = {each.arg: self._value(each.value, frame) for each in node.keywords if each.arg is not None}
        spread = [self._value(each.value, frame) for each in node.keywords if each.arg is None]
        found = [self._called(one, node, args, named, spread, frame) for one in each_of(called)]
        return either(*found)

    def _called(  # noqa: PLR0911, PLR0913 - one case a kind of callable
        self, called: Any, node: ast.Call, args: list[Any], named: dict[str, Any], spread: list[Any], frame: _Frame
    ) -> Any:
        match called:
            case Method(of=of, name=name):
                return self._method(of, name, args)
            case _OfOurs(holder=holder, name=name):
                return self._of_ours(holder, name, args)
            case Bound(function=FunctionType() as function, first=first):
                return self._function_called(function, [first, *args], named, spread, node)
            case Local(node=inner, names=names):
                space = frame.space
                self._spread_to(inner.args, spread, {}, frame)
                if len(self._chain) >= DEEPEST_CALL or id(inner) in self._chain:
                    return self._passed([*args, *named.values()])
                self._chain.append(id(inner))
                try:
                    return self._function(inner, space, names, args, named, {})
                finally:
                    self._chain.pop()
            case _Validating(kind=kind):
                return self._validated(kind, args)
            case Known(value=value):
                return self._object_called(value, node, args, named, spread, frame)
        self._said_to(node, [*args, *named.values(), *spread])
        return self._passed([*args, *named.values(), *spread])

    def _object_called(  # noqa: C901, PLR0911, PLR0913 - one case a kind of callable
        self, value: Any, node: ast.Call, args: list[Any], named: dict[str, Any], spread: list[Any], frame: _Frame
    ) -> Any:
        if isinstance(value, FunctionType):
            return self._function_called(value, args, named, spread, node)
        if isinstance(value, MethodType) and isinstance(value.__func__, FunctionType):
            return self._function_called(value.__func__, [Known(value.__self__), *args], named, spread, node)
        if isinstance(value, partial):
            kept = {key: Known(each) for key, each in value.keywords.items()}
            given = [*map(Known, value.args), *args]
            return self._object_called(value.func, node, given, {**kept, **named}, spread, frame)
        if is_task(value):
            for function in own_functions(value.func, set()):
                return self._function_called(function, args, named, spread, node)
        if isinstance(value, BuiltinFunctionType) or (isinstance(value, type) and value.__module__ == "builtins"):
            return self._builtin(value, args)
        if isinstance(value, type):
            return self._made(value, args, named, spread)
        self._said_to(node, [*args, *named.values()])
        return self._passed([*args, *named.values(), *spread])

    def _function_called(
        self, function: FunctionType, args: list[Any], named: dict[str, Any], spread: list[Any], node: ast.Call
    ) -> Any:
        where = (function.__module__, function.__name__)
        if where == ("langgraph.types", "interrupt"):
            return self._asked(node, args[0] if args else named.get("value", UNKNOWN))
        if where == ("json", "loads"):
            for of in parts_of(args[0] if args else UNKNOWN):
                of.part.tells("text")
            return UNKNOWN
        if where == ("json", "dumps"):
            return self._noted_as_said(args)
        if where[0] in ("typing", "typing_extensions") and where[1] == "cast" and len(args) > 1:
            if isinstance(args[0], Known):
                for of in parts_of(args[1]):
                    kinds.told(of.part, args[0].value)
            return args[1]
        if where[0] == "re":
            for of in [of for each in args for of in parts_of(each)]:
                of.part.tells("text")
            return UNKNOWN
        if not is_readable(function):
            return self._passed([*args, *named.values(), *spread])
        source = source_of(function)
        if source is not None:
            self._spread_to(source.args, spread, getattr(function, "__annotations__", {}), None)
        return self.read(function, args, named)

    def _asked(self, node: ast.Call, payload: Any) -> Of:
        site = self.sites.setdefault((id(node), *self._chain), Site())
        site.payloads.append(payload)
        return Of(site.part)

    def _spread_to(
        self, params: ast.arguments, spread: Sequence[Any], types: Mapping[str, Any], frame: _Frame | None
    ) -> None:
        """Note what ``f(**answer)`` reads: the keys that ``f`` takes."""
        for of in [of for each in spread for of in parts_of(each)]:
            of.part.tells("mapping")
            required = len(params.args) - len(params.defaults)
            for place, param in enumerate([*params.args, *params.kwonlyargs]):
                part = of.part.at(param.arg, required=place < required)
                kinds.told(part, types.get(param.arg, kinds.NO_TYPE))

    def _noted_as_said(self, args: Sequence[Any]) -> Said:
        for of in [of for each in args for of in parts_of(each)]:
            of.part.is_said = True
        return Said((None,))

    def _method(self, of: Of, name: str, args: list[Any]) -> Any:  # noqa: C901, PLR0911, PLR0912 - one case a method
        part = of.part
        first = args[0] if args else UNKNOWN
        if name in ("get", "pop", "setdefault"):
            return self._got(of, first, args[1] if len(args) > 1 else None, required=name == "pop" and len(args) < 2)  # noqa: PLR2004
        if name == "startswith":
            part.tells("text")
            part.beginnings += [word for word in _words(first) if _is_reached(word, of.changes)]
            return UNKNOWN
        if name in OF_TEXT:
            part.tells("text")
            if name in {"split", "rsplit", "partition", "splitlines"}:
                return Of(part, (*of.changes, "split"))
            is_same = name in CHANGES or name in {"replace", "removeprefix", "removesuffix"}
            return Of(part, (*of.changes, name) if name in CHANGES else of.changes) if is_same else UNKNOWN
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
            case Known(value=str()) | Said():
                found.part.tells("text")
            case Known(value=int()):
                found.part.tells("integer")
            case Known(value=float()):
                found.part.tells("number")
            case Kept():
                found.part.tells("mapping")
            case Row():
                found.part.tells("list")
        is_other = default is not None and any(isinstance(one, Of | Kept | Row) for one in each_of(default))
        return either(found, default) if is_other else found

    def _of_ours(self, holder: Any, name: str, args: list[Any]) -> Any:
        """Return what a method of a mapping or a list gives that the code made itself."""
        first = args[0] if args else UNKNOWN
        if isinstance(holder, Kept) and name == "get":
            for of in parts_of(first):
                for literal in holder.items:
                    of.part.is_compared(literal, of.changes)
                return either(*holder.items.values(), *args[1:])
            return self._key(holder, first, required=False) if isinstance(first, Known) else UNKNOWN
        if name in ("append", "extend", "update"):
            self._use(first)
        return UNKNOWN

    def _builtin(self, value: Any, args: list[Any]) -> Any:  # noqa: C901, PLR0911 - one case a function
        first = args[0] if args else UNKNOWN
        found = list(parts_of(first))
        if value is isinstance:
            if len(args) > 1:
                self._guard(first, _classes(args[1]))
            return UNKNOWN
        if value in (len, print, repr, type, id, callable):
            return UNKNOWN
        if value is str:
            for of in found:
                of.part.is_said = True
            return first if found else Said((None,))
        if value is bool:
            for of in found:
                of.part.is_tested = True
            return first if found else UNKNOWN
        if value in (int, float, round, abs):
            for of in found:
                of.part.tells("integer" if value is int else "number")
            return first if found else UNKNOWN
        if value in (list, tuple, set, sorted, sum, max, min, any, all, frozenset, enumerate, reversed):
            for of in found:
                of.part.tells("list")
                of.part.is_used = True
            return first if found and value in (list, tuple, set, sorted) else UNKNOWN
        if value is dict:
            for of in found:
                of.part.tells("mapping")
            return first
        if value is getattr and len(args) > 1 and isinstance(args[1], Known) and isinstance(args[1].value, str):
            return self._attribute(first, args[1].value)
        return self._passed(args)

    def _made(self, kind: type, args: list[Any], named: dict[str, Any], spread: list[Any]) -> Any:
        """Return what a class makes: a message says a text, a model tells the shape of what it is made of."""
        given = [*args, *named.values()]
        if kind.__module__ == "langgraph.types" and kind.__name__ in ("Command", "Send"):
            return self._command(args, named)
        if kind.__module__.startswith("langchain_core.messages"):
            for of in parts_of(named.get("content", args[0] if args else UNKNOWN)):
                of.part.tells("text")
            self._use(Row(tuple(value for name, value in named.items() if name != "content")))
            return UNKNOWN
        if isinstance(kind, enum.EnumMeta):
            for of in parts_of(args[0] if args else UNKNOWN):
                kinds.told(of.part, kind)
                return of
            return UNKNOWN
        for of in [of for each in spread for of in parts_of(each)]:
            of.part.tells("mapping")
            kinds.told(of.part, kind)
        fields = {name: (annotation, required) for name, annotation, required in kinds.members(kind)}
        for name, value in named.items():
            for of in parts_of(value):
                if name in fields:
                    kinds.told(of.part, fields[name][0], kinds.names_of(kind))
        self._passed(given)
        return next((of for each in spread for of in parts_of(each)), UNKNOWN)

    def _validated(self, kind: type, args: list[Any]) -> Any:
        found = list(parts_of(args[0] if args else UNKNOWN))
        for of in found:
            of.part.tells("mapping")
            kinds.told(of.part, kind)
        return either(*found)

    def _command(self, args: list[Any], named: dict[str, Any]) -> Any:
        for of in parts_of(named.get("goto", UNKNOWN)):
            of.part.is_used = True
            of.part.tells("text")
        update = named.get("update", UNKNOWN)
        self._use(Row((named.get("resume", UNKNOWN), *args)))
        return Update(update)

    def _said_to(self, node: ast.Call, given: Sequence[Any]) -> None:
        """Note what is said to a model: by ``invoke`` and the like of what was not read."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in {"invoke", "ainvoke", "stream", "astream", "predict", "search", "similarity_search", "run"}:
            for of in [of for value in given for of in parts_of(value)]:
                of.part.is_said = True


@dataclass(frozen=True, eq=False)
class _OfOurs:
    """A method of what the code made itself, not called yet."""

    holder: Any
    name: str


def _space(function: FunctionType, node: ast.AST) -> Mapping[str, Any]:
    """Return what names stand for that a function does not bind itself."""
    imports = [each for each in ast.walk(node) if isinstance(each, ast.Import | ast.ImportFrom)]
    return {**function.__globals__, **closure_of(function), **imported(imports)}


def _joined(all_names: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = dict.fromkeys(name for each in all_names for name in each)
    return {name: either(*(each[name] for each in all_names if name in each)) for name in names}


def _leaves(block: Sequence[ast.stmt]) -> bool:
    return bool(block) and isinstance(block[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def _pieces(value: Any) -> tuple[str | None, ...]:
    match value:
        case Known(value=str(text)):
            return (text,)
        case Said(pieces=pieces):
            return pieces
    return (None,)


def _negative(op: ast.unaryop, found: Known) -> Any:
    is_number = type(found.value) in (int, float)
    return Known(-found.value) if is_number and isinstance(op, ast.USub) else UNKNOWN


def _constant(value: Any) -> Any:
    """Return what stands for a value in JSON: the value of an enum's member."""
    return vars(value).get("_value_") if isinstance(type(value), enum.EnumMeta) else value


def _listed(container: Any) -> list[Any]:
    """Return the literals of a container."""
    found: list[Any] = []
    for one in each_of(container):
        match one:
            case Known(value=tuple() | list() | set() | frozenset() | dict() as value) if len(value) < 50:  # noqa: PLR2004
                found += list(value)
            case Known(value=str(text)) if len(text) < 10:  # noqa: PLR2004 - the letters of "yY"
                found += list(text)
            case Row(items=items):
                found += [each.value for item in items for each in each_of(item) if isinstance(each, Known)]
            case Kept(items=kept):
                found += list(kept)
            case Known(value=type() as kind):
                found += kinds.enum_values(kind)
    return found


def _words(value: Any) -> Iterator[str]:
    found = [one.value for one in each_of(value) if isinstance(one, Known) and isinstance(one.value, str)]
    yield from [*found, *(each for each in _listed(value) if isinstance(each, str) and not found)]


def _is_reached(word: str, changes: tuple[str, ...]) -> bool:
    changed = word
    for name in changes:
        changed = CHANGES[name](changed) if name in CHANGES and "strip" not in name else changed
    return bool(word) and changed == word


def _classes(value: Any) -> Any:
    if isinstance(value, Row):
        return tuple(each.value for each in value.items if isinstance(each, Known))
    return value.value if isinstance(value, Known) else None


def _member(value: Any, name: str) -> Any:  # noqa: PLR0911 - one case a kind of object
    """Return an attribute of an object outside, where it can be read without running anything of the object's."""
    if isinstance(value, ModuleType):
        return Known(vars(value)[name]) if name in vars(value) else UNKNOWN
    if isinstance(type(value), enum.EnumMeta):
        return Known(vars(value).get("_value_")) if name == "value" else UNKNOWN
    if isinstance(value, enum.EnumMeta):
        found = vars(value).get("_member_map_")
        return Known(found[name]) if isinstance(found, dict) and name in found else UNKNOWN
    if isinstance(value, type):
        return _of_class(value, name)
    own = _own(value)
    if name in own:
        return Known(own[name])
    found = inspect.getattr_static(type(value), name, None)
    if isinstance(found, FunctionType):
        return Bound(found, Known(value))
    return Known(found.__func__) if isinstance(found, staticmethod) else UNKNOWN


def _of_class(kind: type, name: str) -> Any:
    if name in {"model_validate", "parse_obj", "from_dict", "model_construct"} and kinds.members(kind):
        return _Validating(kind)
    found = inspect.getattr_static(kind, name, None)
    if isinstance(found, staticmethod | classmethod):
        return Known(found.__func__) if isinstance(found, staticmethod) else Bound(found.__func__, Known(kind))
    is_constant = isinstance(found, str | int | float | tuple | frozenset | list | dict)
    return Known(found) if is_constant or isinstance(found, FunctionType) else UNKNOWN


def _own(value: Any) -> Mapping[str, Any]:
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return found if isinstance(found, dict) else {}


def _of_dict(value: Any, key: str) -> Any:
    return Known(value[key]) if type(value) is dict and key in value else UNKNOWN


@dataclass(frozen=True, eq=False)
class _Validating:
    """A model's ``model_validate``."""

    kind: type


def _read_message(items: Mapping[str, Any]) -> None:
    """Note what a message or a tool call in a mapping says of its parts."""
    if "role" in items or items.keys() >= {"type", "content"}:
        for of in parts_of(items.get("content", UNKNOWN)):
            of.part.tells("text")
    if "args" in items and ("name" in items or "id" in items):
        for of in parts_of(items["args"]):
            of.part.tells("mapping")

