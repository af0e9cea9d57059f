"""Reads a function and follows an answer: assignments, helpers, comparisons, keys, conversions.

Nothing is run. Every branch is read, a loop twice, and every doubtful value is unknown.
"""

import ast
import builtins
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from nbhitl.engines.local.functions import UNKNOWN as NOT_FOUND
from nbhitl.engines.local.functions import Definition, is_task, own_functions
from nbhitl.engines.local.reading import kinds
from nbhitl.engines.local.reading.objects import (
    OfOurs,
    Validating,
    classes_in,
    constant_of,
    is_reached,
    joined,
    leaves,
    literals_in,
    member_of,
    names_outside,
    negative,
    of_dict,
    pieces,
    read_message,
    words_in,
)
from nbhitl.engines.local.reading.parts import CHANGES, SourcePart
from nbhitl.engines.local.reading.sources import is_readable, source_of
from nbhitl.engines.local.reading.uses import (
    CONVERTING,
    holds_text,
    merged_as,
    note_conversion,
    note_counting,
    note_lookup,
    note_loop,
    note_operator,
    text_changed,
)
from nbhitl.engines.local.reading.values import (
    UNKNOWN,
    Bound,
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
    parts_in,
    parts_of,
)
from nbhitl.runs.shape import Shape

STEPS = 6_000
"""Most expressions of a node that are read: some milliseconds."""

DEEPEST_CALL = 4
"""Deepest chain of functions between a node and the use of an answer."""

SAME_TEXT = {"strip", "lstrip", "rstrip", "replace", "removeprefix", "removesuffix", "format", "encode", "splitlines"}
OF_TEXT = SAME_TEXT | {*CHANGES, "split", "rsplit", "partition", "isdigit", "isnumeric", "isalpha", "endswith", "find"}
OF_MAPPING = {"items", "keys", "values", "update", "copy"}
OF_LIST = {"append", "extend", "insert", "sort", "reverse"}

SPEAKERS = {"user", "human", "assistant", "ai", "system", "tool"}

PASSING = {"result", "model_dump", "dict", "copy", "model_copy", "value", "tolist"}
"""Methods and attributes that return the same part: of a future, of a model, of an enum's member."""

OVER_ITEMS = {zip, map, filter, sum, max, min, any, all, frozenset, enumerate, reversed}
SAYING_NOTHING = {len, print, repr, type, id, callable}

LIBRARY = {"json", "re", "typing", "typing_extensions"}
"""Modules of Python's standard library whose functions' effects on a value are known here."""


class Enough(Exception):
    """Raised to stop reading that would take too long."""


@dataclass
class Site:
    """An ``interrupt()`` in the source: the payload, and the use of the answer."""

    payloads: list[Any] = field(default_factory=list)
    part: SourcePart = field(default_factory=SourcePart)

    @cached_property
    def shape(self) -> Shape:
        """The shape of the answer, after everything was read."""
        return self.part.shape()


@dataclass
class _Frame:
    """A function that is being read: the values of local and outer names, and the returned values."""

    names: dict[str, Any]
    space: Mapping[str, Any]
    returns: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class GivenValue:
    """The arguments of a call: positional, by name, and by ``**``."""

    args: Sequence[Any] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    spread: Sequence[Any] = ()

    @property
    def first(self) -> Any:
        """The first positional argument."""
        return self.args[0] if self.args else UNKNOWN

    @property
    def all(self) -> list[Any]:
        """All arguments."""
        return [*self.args, *self.named.values(), *self.spread]

    def after(self, first: Any) -> "GivenValue":
        """Return the same arguments with a further argument in front."""
        return GivenValue([first, *self.args], self.named, self.spread)


class Interpreter:
    """Reads the functions of a node.

    Attributes
    ----------
    sites
        The interrupts in the source that were read.
    read_before
        The ids of the code of all functions that were read.
    gone_to
        The parts of answers that name the next node.
    """

    def __init__(self, steps: int = STEPS) -> None:
        self.sites: dict[Any, Site] = {}
        self.read_before: set[int] = set()
        self.gone_to: list[Of] = []
        self._left = steps
        self._chain: list[int] = []
        self._branching = 0

    # --- functions ------------------------------------------------------------------------------

    def read(self, function: FunctionType, args: Sequence[Any] = (), named: Mapping[str, Any] | None = None) -> Any:
        """Read a function that is called with ``args``; return the function's value.

        Raises
        ------
        Enough
            If the function is too long.
        """
        node = source_of(function)
        if node is None or len(self._chain) >= DEEPEST_CALL or id(function.__code__) in self._chain:
            return self._passed([*args, *(named or {}).values()])
        space = names_outside(function, node)
        self._chain.append(id(function.__code__))
        self.read_before.add(id(function.__code__))
        branching = self._branching
        try:
            types = dict(getattr(function, "__annotations__", {}))
            return self._function(node, _Frame({}, space), GivenValue(args, named or {}), types)
        finally:
            self._branching = branching
            self._chain.pop()

    def _function(
        self, node: Definition | ast.Lambda, frame: _Frame, given: GivenValue, types: Mapping[str, Any]
    ) -> Any:
        self._bind(frame, node.args, given, types)
        if isinstance(node, ast.Lambda):
            return self._value(node.body, frame)
        self._block(node.body, frame)
        return either(*frame.returns) if frame.returns else UNKNOWN

    def _bind(self, frame: _Frame, params: ast.arguments, given: GivenValue, types: Mapping[str, Any]) -> None:
        args, named = given.args, given.named
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
        """Read blocks of which a single block runs; afterwards a name may have the value of any block.

        Where a block leaves the function or the loop, all code behind the blocks counts as a branch, too.
        """
        before, after = dict(frame.names), []
        self._branching += 1
        for block in blocks:
            frame.names.clear()
            frame.names.update(before)
            self._block(block, frame)
            if not leaves(block):
                after.append(dict(frame.names))
        self._branching -= len(after) == len(blocks)
        frame.names.clear()
        frame.names.update(before if not after else joined(after))

    def _for(self, node: ast.For | ast.AsyncFor, frame: _Frame) -> None:
        over = self._value(node.iter, frame)
        item: Any = UNKNOWN
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
                for of in parts_of(value):
                    of.part.is_called(name)
            case ast.Starred(value=inner):
                self._assign(inner, UNKNOWN, frame)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                self._unpack(targets, value, frame)
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))):
                held = frame.names.get(name)
                if isinstance(held, KeptValue):
                    frame.names[name] = KeptValue({**held.items, key: value}, held.is_whole)
                else:
                    frame.names[name] = (
                        KeptValue({key: value}, is_whole=False) if held is None or held is UNKNOWN else held
                    )
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
            if not leaves(case.body):
                after.append(dict(frame.names))
        frame.names.clear()
        frame.names.update(joined(after))

    def _pattern(self, pattern: ast.pattern, value: Any, frame: _Frame) -> None:  # noqa: C901
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
            case ast.MatchMapping():
                self._mapping_pattern(pattern, value, frame)
            case ast.MatchSequence(patterns=patterns):
                for place, each in enumerate(patterns):
                    self._pattern(each, self._item(value, place), frame)
            case ast.MatchClass():
                self._class_pattern(pattern, value, frame)

    def _mapping_pattern(self, pattern: ast.MatchMapping, value: Any, frame: _Frame) -> None:
        for key, each in zip(pattern.keys, pattern.patterns, strict=True):
            told = self._value(key, frame)
            inner = self._key(value, told, required=True) if isinstance(told, Known) else UNKNOWN
            self._pattern(each, inner, frame)
        for of in parts_of(value):
            of.part.tells("mapping")

    def _class_pattern(self, pattern: ast.MatchClass, value: Any, frame: _Frame) -> None:
        kind = self._value(pattern.cls, frame)
        if isinstance(kind, Known):
            self._guard(value, kind.value)
        for each in pattern.patterns:
            self._pattern(each, value, frame)
        for name, each in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            self._pattern(each, self._key(value, Known(name), required=False), frame)

    # --- expressions ----------------------------------------------------------------------------

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Enough

    def _value(self, node: ast.expr | None, frame: _Frame) -> Any:  # noqa: C901, PLR0912 - one case a kind
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
                return UNKNOWN if not isinstance(found, Known) else negative(node.op, found)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, self._value(left, frame), self._value(right, frame))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._test(test, frame)
                return either(self._value(body, frame), self._value(orelse, frame))
            case ast.JoinedStr(values=values):
                return SaidValue(tuple(self._piece(each, frame) for each in values))
            case ast.Dict(keys=keys, values=values):
                return self._dict(keys, values, frame)
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                return self._row([self._element(each, frame) for each in elts])
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
        if not isinstance(found, Known) or type(found.value) not in (str, int):
            return None
        return str(found.value) if isinstance(node, ast.FormattedValue) and node.format_spec is None else None

    def _dict(self, keys: Sequence[ast.expr | None], values: Sequence[ast.expr], frame: _Frame) -> KeptValue:
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
        read_message(items)
        return KeptValue(items, is_whole)

    def _spread(self, found: Any, items: dict[str, Any]) -> bool:
        """Add the items of ``**`` to a mapping; tell whether all items are known."""
        for of in parts_of(found):
            of.part.tells("mapping")
        if isinstance(found, KeptValue):
            items.update(found.items)
            return found.is_whole
        return False

    def _element(self, node: ast.expr, frame: _Frame) -> Any:
        """Return the value of an element of a list; ``*`` tells that the value is a list."""
        value = self._value(node, frame)
        for of in parts_of(value) if isinstance(node, ast.Starred) else ():
            of.part.tells("list")
        return value

    def _looked_up(self, name: Any) -> None:
        for of in parts_of(name):
            of.part.is_used = True

    def _row(self, items: Sequence[Any]) -> Row:
        if len(items) == 2 and isinstance(items[0], Known) and items[0].value in SPEAKERS:  # noqa: PLR2004 - a message
            for of in parts_of(items[1]):
                of.part.tells("text")
        return Row(tuple(items))

    def _comprehension(self, node: Any, frame: _Frame) -> Any:
        inner = _Frame({**frame.names}, frame.space)
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

    # --- uses of a part ---------------------------------------------------------------

    def _use(self, value: Any) -> None:
        """Note that a value is passed on."""
        for of in parts_in(value):
            of.part.is_used = True

    def _passed(self, values: Sequence[Any]) -> Any:
        for value in values:
            self._use(value)
        return UNKNOWN

    def _fallbacks(self, op: ast.boolop, values: Sequence[Any]) -> Any:
        """Return the value of ``a or b``; ``a`` is not tested for yes or no, but may be empty."""
        if isinstance(op, ast.And):
            return values[-1]
        told = [value for value in values if not (isinstance(value, Known) and value.value is None)]
        for value in told[:-1]:
            self._defaulted(value, told[-1])
        return either(*told)

    def _defaulted(self, value: Any, default: Any) -> None:
        if (isinstance(default, Known) and type(default.value) is str) or isinstance(default, SaidValue):
            for of in parts_of(value):
                of.part.tells("text")
        elif isinstance(default, KeptValue):
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
        is_text = holds_text(left) or holds_text(right)
        for of in [*parts_of(left), *parts_of(right)]:
            note_operator(op, of.part, [left, right], is_text=is_text)
        match op, left, right:
            case ast.Add(), _, _ if is_text:
                return SaidValue((*pieces(left), *pieces(right)))
            case ast.Mod(), Known(), _ if is_text:
                return SaidValue((None,))
            case ast.Add(), Row(), Row():
                return Row((*left.items, *right.items))
            case ast.BitOr(), KeptValue(), KeptValue():
                return KeptValue({**left.items, **right.items}, left.is_whole and right.is_whole)
            case (_, Row(), _) | (_, _, Row()):
                return Row((left, right))
            case _:
                return UNKNOWN

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
                of.part.is_compared(constant_of(literal.value), of.changes)

    def _membership(self, one: Any, container: Any) -> None:
        for of in parts_of(one):
            for literal in literals_in(container):
                of.part.is_compared(constant_of(literal), of.changes)
        for of in parts_of(container):
            for word in each_of(one):
                if isinstance(word, Known) and isinstance(word.value, str):
                    self._sought(of, word.value)

    def _sought(self, of: Of, word: str) -> None:
        """Note that a key, or a word, is searched for."""
        if of.changes or "text" in of.part.evidence:
            of.part.tells("text")
            of.part.beginnings.append(word)
        else:
            of.part.sought.append(word)
            if word in of.part.keys:
                of.part.required.discard(word)

    def _guard(self, value: Any, kind: Any) -> None:
        """Note that a type is tested."""
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
                case KeptValue(items=items, is_whole=is_whole):
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
        if parts_found := list(parts_of(place)):
            for of in parts_found:
                note_lookup(of, holder)
            values = [*holder.items.values()] if isinstance(holder, KeptValue) else []
            return either(*values) if values else UNKNOWN
        if not isinstance(place, Known):
            return UNKNOWN
        if isinstance(place.value, str):
            if isinstance(holder, Known):
                return of_dict(holder.value, place.value)
            return self._key(holder, place, required=True)
        return self._item(holder, place.value) if type(place.value) is int else UNKNOWN

    def _attribute(self, holder: Any, name: str) -> Any:
        found: list[Any] = []
        for one in each_of(holder):
            match one:
                case Of(part=part) if name in part.keys and name not in OF_MAPPING | {"get", "pop"}:
                    found.append(Of(part.keys[name]))
                case Of():
                    found.append(Method(one, name))
                case KeptValue(items=items) if name in items and name not in OF_MAPPING | {"get", "pop"}:
                    found.append(items[name])
                case Known(value=value):
                    found.append(member_of(value, name))
                case KeptValue() | Row():
                    found.append(OfOurs(one, name))
        return either(*found)

    # --- calls ----------------------------------------------------------------------------------

    def _call(self, node: ast.Call, frame: _Frame) -> Any:
        called = self._value(node.func, frame)
        args = [self._value(each, frame) for each in node.args]
        named = {each.arg: self._value(each.value, frame) for each in node.keywords if each.arg is not None}
        spread = [self._value(each.value, frame) for each in node.keywords if each.arg is None]
        given = GivenValue(args, named, spread)
        return either(*(self._called(one, node, given, frame) for one in each_of(called)))

    def _called(self, called: Any, node: ast.Call, given: GivenValue, frame: _Frame) -> Any:
        match called:
            case Method(of=of, name=name):
                return self._method(of, name, given.args)
            case OfOurs(holder=holder, name=name):
                return self._of_ours(holder, name, given.args)
            case Bound(function=FunctionType() as function, first=first):
                return self._function_called(function, given.after(first), node)
            case Local(node=inner, names=names):
                return self._local_called(inner, _Frame({**names}, frame.space), given)
            case Validating(kind=kind):
                return self._validated(kind, given.first)
            case Known(value=value):
                return self._object_called(value, node, given)
        return self._handed_on(node, given)

    def _local_called(self, node: Definition | ast.Lambda, frame: _Frame, given: GivenValue) -> Any:
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
