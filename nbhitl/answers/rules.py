"""Rules that decide on tool calls: as users write them, and as a call is compared with them."""

import ast
import difflib
import inspect
import linecache
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import CodeType
from typing import Any, Literal

from nbhitl.answers.base import copied
from nbhitl.errors import UsageError
from nbhitl.jsontext import digest, flat, is_number
from nbhitl.text.characters import escaped
from nbhitl.text.source import parsed

Condition = Callable[[Any], bool]
"""Tells whether the rule decides for a value of an argument."""

LONGEST_CONDITION = 80
"""Most characters of a condition's source that a rule's text shows."""

SHORT = 60
"""Characters of a value that a message quotes."""

_AROUND: ContextVar[tuple["Rule", ...]] = ContextVar("nbhitl_rules", default=())


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule for tool calls, made by `allow` or `deny`.

    Attributes
    ----------
    kind
        The decision.
    tool
        The pattern of the tools' names: ``*`` stands for any characters, ``?`` for a single character. Of a rule from
        the card the name of the tool itself.
    conditions
        The condition of each argument that the rule looks at.
    message
        The reason that the model is told; of `deny` only.
    text
        The source of the rule.
    names
        The arguments that the call may have; ``None`` for any. Of a rule from the card, the arguments that were shown.
    is_exact
        Whether ``tool`` is a name, and no pattern.
    """

    kind: Literal["allow", "deny"]
    tool: str
    conditions: Mapping[str, Condition]
    message: str | None
    text: str
    names: frozenset[str] | None = None
    is_exact: bool = False

    def __repr__(self) -> str:
        return escaped(self.text)


def allow(tool: str, /, **conditions: Condition) -> Rule:
    """Return a rule that lets tools run without asking a person.

    Parameters
    ----------
    tool
        The tool's name; ``*`` stands for any characters: ``"search_*"``.
    **conditions
        For each argument that matters a function of the value that returns whether the rule decides:
        ``amount=lambda amount: amount <= 10``. All must return true.

    Returns
    -------
    Rule
        For ``rules=[...]`` of `nbhitl.review` and `nbhitl.open`, and for `nbhitl.rules`.

    Raises
    ------
    UsageError
        If ``tool`` is no name, or a condition is no function of one argument.
    """
    return _rule("allow", tool, conditions, None)


def deny(tool: str, message: str | None = None, /, **conditions: Condition) -> Rule:
    """Return a rule that rejects calls of tools without asking a person.

    Parameters
    ----------
    tool, **conditions
        As for `allow`.
    message
        The reason that the model is told.

    Returns
    -------
    Rule
        As for `allow`.

    Raises
    ------
    UsageError
        As `allow`.
    """
    if message is not None and not isinstance(message, str):
        raise UsageError(f"deny({tool!r}, message): the message is a string, not {_named(message)}.")
    return _rule("deny", tool, conditions, message)


@contextmanager
def rules(*given: Rule) -> Iterator[None]:
    """Let rules decide in all reviews that are made in the ``with`` block, in helper functions too.

    The rules of a review itself come first, then the rules of the innermost block.

    Parameters
    ----------
    *given
        Rules from `nbhitl.allow` and `nbhitl.deny`; the first that matches decides.

    Raises
    ------
    UsageError
        If an argument is no rule.
    """
    token = _AROUND.set((*checked_rules(given, "nbhitl.rules()"), *_AROUND.get()))
    try:
        yield
    finally:
        _AROUND.reset(token)


def rules_around() -> tuple[Rule, ...]:
    """Return the rules of the ``with`` blocks around the calling code, the innermost first."""
    return _AROUND.get()


def checked_rules(given: Any, where: str = "rules=") -> tuple[Rule, ...]:
    """Return rules as users write them.

    Raises
    ------
    UsageError
        If ``given`` is no list of rules.
    """
    if isinstance(given, Rule | str) or not isinstance(given, Iterable):
        raise UsageError(f'{where} takes a list of rules, as in [nbhitl.allow("search_*")], not {_named(given)}.')
    found = tuple(given)
    for each in found:
        if not isinstance(each, Rule):
            raise UsageError(
                f"{where} takes rules made by nbhitl.allow and nbhitl.deny, and one is {_named(each)}."
                f"{' Write nbhitl.rules(*rules) for a list of them.' if isinstance(each, list | tuple) else ''}"
            )
    return found


def _named(value: Any) -> str:
    return _short(repr(value))


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


# --- comparing ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Match:
    """The first rule that matches a call.

    Attributes
    ----------
    place
        The place of the rule in the list.
    problem
        Why a condition of the rule could not be evaluated: no rule decides then, and the rules behind are not asked,
        because this rule may have matched.
    """

    place: int
    problem: str | None = None


def first_match(rules: Sequence[Rule], tool: str, args: Mapping[str, Any]) -> Match | None:
    """Return the first rule from the top that matches a tool call; ``None`` where no rule matches."""
    for place, rule in enumerate(rules):
        if not is_for(rule, tool):
            continue
        matches = _holds(rule, args)
        if isinstance(matches, str):
            return Match(place, matches)
        if matches:
            return Match(place)
    return None


def is_for(rule: Rule, tool: str) -> bool:
    """Tell whether a rule is for a tool of this name; brackets in a pattern stand for themselves."""
    return tool == rule.tool if rule.is_exact else fnmatchcase(tool, rule.tool.replace("[", "[[]"))


def _holds(rule: Rule, args: Mapping[str, Any]) -> bool | str:
    """Tell whether all conditions hold; a text is the reason why a condition could not be evaluated."""
    if rule.names is not None and args.keys() - rule.names:
        return False
    why_unknown: str | None = None
    for name, condition in rule.conditions.items():
        holds = _holds_for(condition, name, args)
        if holds is False:
            return False  # also where another condition could not be evaluated
        why_unknown = why_unknown or (holds if isinstance(holds, str) else None)
    return why_unknown or True


def _holds_for(condition: Condition, name: str, args: Mapping[str, Any]) -> bool | str:
    if name not in args:
        near = difflib.get_close_matches(name, args, 1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        return f"the call has no argument {name!r}; {meant}there are: {', '.join(args) or 'none'}"
    try:
        answer: Any = condition(copied(args[name]))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's condition may raise anything
        said = _short(str(error))
        return f"the condition on {name!r} raised {type(error).__name__}{': ' if said else ''}{said}"
    if isinstance(answer, bool) or type(answer).__name__ in ("bool", "bool_"):  # NumPy's
        return bool(answer)
    if inspect.iscoroutine(answer):
        answer.close()
    return f"the condition on {name!r} returned {type(answer).__name__}, neither True nor False"


# --- from the card ------------------------------------------------------------------------------

Bound = Literal["any", "same", "up_to"]
"""The values of an argument that a rule from the card takes."""


def allow_like(tool: str, args: Mapping[str, Any], bounds: Mapping[str, Bound]) -> Rule:
    """Return the rule that a person makes of a call in the card.

    Parameters
    ----------
    tool, args
        The call.
    bounds
        The values that are taken of each argument; the same where nothing is said. A call with an argument that this
        call does not have is taken only where all arguments may have any value.

    Raises
    ------
    UsageError
        If an argument is not there, or "up to" is said of a value that is no positive number.
    """
    if unknown := bounds.keys() - args.keys():
        raise UsageError(f"The call of {tool!r} has no argument {min(unknown)!r}.")
    conditions: dict[str, Condition] = {}
    told = []
    for name, value in args.items():
        match bounds.get(name, "same"):
            case "same":
                conditions[name] = _same_as(value)
                told.append(f"{name}={_short(flat(value))}")
            case "up_to":
                if not can_be_bounded(value):
                    raise UsageError(f"{name}={_short(flat(value))} is no positive number to stay below.")
                conditions[name] = _up_to(value)
                told.append(f"{name}≤{_short(flat(value))}")
    text = f"allow({', '.join([flat(tool), *told])})"
    names = None if args and not conditions else frozenset(args)
    return Rule("allow", tool, conditions, None, text, names, is_exact=True)


def can_be_bounded(value: Any) -> bool:
    """Tell whether "up to this value" is possible for an argument."""
    return is_number(value) and 0 < value < float("inf")


def _same_as(value: Any) -> Condition:
    wanted = digest(value)
    return lambda given: type(given) is type(value) and digest(given) == wanted


def _up_to(most: float) -> Condition:
    return lambda given: is_number(given) and 0 <= given <= most


# --- making -------------------------------------------------------------------------------------


def _rule(kind: Literal["allow", "deny"], tool: Any, conditions: Mapping[str, Any], message: str | None) -> Rule:
    if not isinstance(tool, str) or not tool.strip():
        raise UsageError(f'{kind}() takes the name of a tool, as in {kind}("search_*"), not {_named(tool)}.')
    for name, condition in conditions.items():
        _check_condition(f"{kind}({tool!r}, {name}=…)", name, condition)
    told = [repr(tool), *([] if message is None else [repr(message)])]
    told += [f"{name}={_source_of(name, condition)}" for name, condition in conditions.items()]
    return Rule(kind, tool, dict(conditions), message, f"{kind}({', '.join(told)})")


def _check_condition(where: str, name: str, condition: Any) -> None:
    if where.startswith("deny") and name == "message" and isinstance(condition, str):
        tool = where.removeprefix("deny(").partition(", message=")[0]
        raise UsageError(f"{where}: the reason stands without a name: deny({tool}, {_named(condition)}).")
    if not callable(condition):
        raise UsageError(
            f"{where}: a condition is a function of the argument, not {_named(condition)}; write "
            f"{name}=lambda value: value == {_named(condition)}."
        )
    if inspect.iscoroutinefunction(condition):
        raise UsageError(f"{where}: a condition answers at once, and an async function does not.")
    try:
        inspect.signature(condition).bind(None)
    except (ValueError, SystemError):
        return  # a builtin without a signature, or with one that `inspect` could not parse (`nbhitl.text.source`)
    except TypeError:
        raise UsageError(f"{where}: a condition takes one argument, the value of {name!r}.") from None


def _source_of(name: str, condition: Condition) -> str:
    """Return the source of a condition: a name, a lambda, or an ellipsis."""
    code = getattr(condition, "__code__", None)
    if not isinstance(code, CodeType) or code.co_name != "<lambda>":
        return str(getattr(condition, "__name__", "…"))
    source = "".join(linecache.getlines(code.co_filename))
    tree = parsed(source)
    nodes = () if tree is None else ast.walk(tree)
    found = [
        node.value
        for node in nodes
        if isinstance(node, ast.keyword) and node.arg == name and isinstance(node.value, ast.Lambda)
    ]
    here = {
        " ".join((ast.get_source_segment(source, each) or "…").split())
        for each in found
        if each.lineno == code.co_firstlineno
    }
    told = here.pop() if len(here) == 1 else "…"
    return told if len(told) <= LONGEST_CONDITION else "…"
