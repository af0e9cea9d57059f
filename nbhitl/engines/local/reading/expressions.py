"""The values of expressions, as far as known without running the code."""

import ast
import builtins
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from nbhitl.engines.local.functions import UNKNOWN as NOT_FOUND
from nbhitl.engines.local.reading import kinds
from nbhitl.engines.local.reading.calling import Calling
from nbhitl.engines.local.reading.objects import negative, of_dict, read_message
from nbhitl.engines.local.reading.uses import note_lookup
from nbhitl.engines.local.reading.values import (
    UNKNOWN,
    Frame,
    GivenValue,
    KeptValue,
    Known,
    Local,
    Of,
    Row,
    SaidValue,
    each_of,
    either,
    parts_of,
)


class Expressions(Calling, ABC):
    """Reads expressions and conditions."""

    @abstractmethod
    def _assign(self, target: ast.expr, value: Any, frame: Frame) -> None:
        """Give a name, or a place, a value."""

    def _value(self, node: ast.expr | None, frame: Frame) -> Any:
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
            case ast.Yield(value=value) | ast.YieldFrom(value=value):
                self._use(self._value(value, frame))
                return UNKNOWN
            case ast.Slice(lower=lower, upper=upper):
                self._value(lower, frame)
                self._value(upper, frame)
                return UNKNOWN
        return self._of_operator(node, frame)

    def _of_operator(self, node: ast.expr | None, frame: Frame) -> Any:
        match node:
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
        return self._put_together(node, frame)

    def _put_together(self, node: ast.expr | None, frame: Frame) -> Any:
        """Return the value of an expression that joins values: a text, a collection, a function."""
        match node:
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
        return UNKNOWN

    def _name(self, name: str, frame: Frame) -> Any:
        if name in frame.names:
            return frame.names[name]
        if name in frame.space:
            found = frame.space[name]
            return UNKNOWN if found is NOT_FOUND else Known(found)
        return Known(vars(builtins)[name]) if name in vars(builtins) else UNKNOWN

    def _resolve(self, frame: Frame) -> kinds.Resolve:
        def look(name: str) -> Any:
            found = self._name(name, frame)
            return found.value if isinstance(found, Known) else kinds.NO_TYPE

        return kinds.resolving(look)

    def _piece(self, node: ast.expr, frame: Frame) -> str | None:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        found = self._value(node.value, frame) if isinstance(node, ast.FormattedValue) else UNKNOWN
        for of in parts_of(found):
            of.part.is_said = True
        if not isinstance(found, Known) or type(found.value) not in (str, int):
            return None
        return str(found.value) if isinstance(node, ast.FormattedValue) and node.format_spec is None else None

    def _dict(self, keys: Sequence[ast.expr | None], values: Sequence[ast.expr], frame: Frame) -> KeptValue:
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

    def _element(self, node: ast.expr, frame: Frame) -> Any:
        """Return the value of an element of a list; ``*`` tells that the value is a list."""
        value = self._value(node, frame)
        for of in parts_of(value) if isinstance(node, ast.Starred) else ():
            of.part.tells("list")
        return value

    def _comprehension(self, node: Any, frame: Frame) -> Any:
        inner = Frame({**frame.names}, frame.space)
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

    def _test(self, node: ast.expr, frame: Frame) -> None:
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

    def _comparison(self, node: ast.Compare, frame: Frame) -> Any:
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

    def _subscript(self, holder: Any, inside: ast.expr, frame: Frame) -> Any:
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

    def _call(self, node: ast.Call, frame: Frame) -> Any:
        called = self._value(node.func, frame)
        args = [self._value(each, frame) for each in node.args]
        named = {each.arg: self._value(each.value, frame) for each in node.keywords if each.arg is not None}
        spread = [self._value(each.value, frame) for each in node.keywords if each.arg is None]
        given = GivenValue(args, named, spread)
        return either(*(self._called(one, node, given, frame) for one in each_of(called)))
