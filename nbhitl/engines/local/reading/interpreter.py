"""Reads a function and follows an answer: assignments, helpers, comparisons, keys, conversions.

Nothing is run. Every branch is read, a loop twice, and every doubtful value is unknown.
"""

import ast
from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any

from nbhitl.engines.local.functions import Definition
from nbhitl.engines.local.reading import kinds
from nbhitl.engines.local.reading.calling import DEEPEST_CALL
from nbhitl.engines.local.reading.expressions import Expressions
from nbhitl.engines.local.reading.objects import joined, leaves, names_outside
from nbhitl.engines.local.reading.sources import source_of
from nbhitl.engines.local.reading.values import (
    UNKNOWN,
    Frame,
    GivenValue,
    KeptValue,
    Known,
    Local,
    Method,
    Of,
    Row,
    each_of,
    either,
    parts_of,
)


class Interpreter(Expressions):
    """Reads the functions of a node, statement by statement; see `Uses` for the attributes."""

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
            return self._function(node, Frame({}, space), GivenValue(args, named or {}), types)
        finally:
            self._branching = branching
            self._chain.pop()

    def _function(
        self, node: Definition | ast.Lambda, frame: Frame, given: GivenValue, types: Mapping[str, Any]
    ) -> Any:
        self._bind(frame, node.args, given, types)
        if isinstance(node, ast.Lambda):
            return self._value(node.body, frame)
        self._block(node.body, frame)
        return either(*frame.returns) if frame.returns else UNKNOWN

    def _bind(self, frame: Frame, params: ast.arguments, given: GivenValue, types: Mapping[str, Any]) -> None:
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

    def _block(self, statements: Sequence[ast.stmt], frame: Frame) -> None:
        for statement in statements:
            self._statement(statement, frame)

    def _statement(self, node: ast.stmt, frame: Frame) -> None:
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
            case ast.Assert(test=test):
                self._test(test, frame)
            case ast.Raise(exc=exc) if exc is not None:
                self._value(exc, frame)
            case _:
                self._compound(node, frame)

    def _compound(self, node: ast.stmt, frame: Frame) -> None:
        """Read a statement that holds statements."""
        match node:
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
                self._enter(items, frame)
                self._block(body, frame)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                frame.names[name] = Local(node, frame.names)

    def _enter(self, items: Sequence[ast.withitem], frame: Frame) -> None:
        for item in items:
            found = self._value(item.context_expr, frame)
            if item.optional_vars is not None:
                self._assign(item.optional_vars, found, frame)

    def _branches(self, blocks: Sequence[Sequence[ast.stmt]], frame: Frame) -> None:
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

    def _for(self, node: ast.For | ast.AsyncFor, frame: Frame) -> None:
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

    def _assign(self, target: ast.expr, value: Any, frame: Frame) -> None:
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

    def _unpack(self, targets: Sequence[ast.expr], value: Any, frame: Frame) -> None:
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

    def _match(self, subject: ast.expr, cases: Sequence[ast.match_case], frame: Frame) -> None:
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

    def _pattern(self, pattern: ast.pattern, value: Any, frame: Frame) -> None:  # noqa: C901
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

    def _mapping_pattern(self, pattern: ast.MatchMapping, value: Any, frame: Frame) -> None:
        for key, each in zip(pattern.keys, pattern.patterns, strict=True):
            told = self._value(key, frame)
            inner = self._key(value, told, required=True) if isinstance(told, Known) else UNKNOWN
            self._pattern(each, inner, frame)
        for of in parts_of(value):
            of.part.tells("mapping")

    def _class_pattern(self, pattern: ast.MatchClass, value: Any, frame: Frame) -> None:
        kind = self._value(pattern.cls, frame)
        if isinstance(kind, Known):
            self._guard(value, kind.value)
        for each in pattern.patterns:
            self._pattern(each, value, frame)
        for name, each in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            self._pattern(each, self._key(value, Known(name), required=False), frame)
