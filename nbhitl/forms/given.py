"""Forms from users: ``forms={"node": ...}``, registered functions, and entry points of packages."""

import warnings
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar, get_origin

from nbhitl.errors import UsageError
from nbhitl.forms.base import Form
from nbhitl.forms.content import described
from nbhitl.forms.conventions.schemas import SchemaForm
from nbhitl.forms.fallback import JsonForm
from nbhitl.forms.schema import mistake
from nbhitl.forms.types import schema_of
from nbhitl.forms.widget import WidgetForm
from nbhitl.jsontext import place_of_itself
from nbhitl.runs.run import Interrupt
from nbhitl.text.characters import shown

Recognise = Callable[[Interrupt], Form | None]
"""Returns a form for an interrupt of the function's convention, else ``None``."""

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

R = TypeVar("R", bound=Recognise)

GROUP = "nbhitl.forms"
"""The entry points of packages with forms; each names a function as `register` takes."""

_registered: list[Recognise] = []


def register(recognise: R) -> R:
    """Add a form for a payload convention; tried before nbhitl's own conventions, the last registered first.

    Parameters
    ----------
    recognise
        Called with each `nbhitl.Interrupt`; returns the form, or ``None`` for an interrupt of another convention.

    Returns
    -------
    callable
        ``recognise``, so that `register` works as a decorator.
    """
    _registered.insert(0, recognise)
    return recognise


@cache
def registered() -> list[Recognise]:
    """Return the list that `register` adds to, with the functions of packages at the end."""
    _registered.extend(_of_packages())
    return _registered


def registered_form(recognise: Recognise, interrupt: Interrupt) -> Form | None:
    """Return the form that a registered function has for an interrupt."""
    name = f"{recognise.__module__}.{getattr(recognise, '__qualname__', 'form')}"
    return _made(partial(_form_of, recognise, name=name), interrupt, name)


def given_form(by_node: Mapping[str, Any], interrupt: Interrupt) -> Form | None:
    """Return the form given for an interrupt's node, by the node's whole path or the path's last part."""
    path = interrupt.node
    node = path if path in by_node else path.rsplit("/", 1)[-1]
    if interrupt.is_stop or node not in by_node:
        return None
    given, name = by_node[node], f"forms[{node!r}]"
    return _made(lambda asked: _form_of(given, asked, name), interrupt, name)


def check_given(by_node: Any) -> dict[str, Any]:
    """Return the forms in ``forms=`` by node.

    Raises
    ------
    UsageError
        If ``forms=`` is no mapping, or no form can be made of a value in the mapping.
    """
    if not isinstance(by_node, Mapping):
        raise UsageError(f"forms= maps nodes to forms, as in forms={{'review': int}}; not {by_node!r}.")
    for node, given in by_node.items():
        if not (_is_form(given) or is_widget(given) or _is_function(given)):
            _schema(given, f"forms[{node!r}]")
        if isinstance(given, Mapping) and (wrong := mistake(given)):
            raise UsageError(f"forms[{node!r}] is no valid JSON Schema: {wrong}.")
    return dict(by_node)


def _made(make: Recognise, interrupt: Interrupt, name: str) -> Form | None:
    """Return the form; if making the form raises, a JSON editor whose prompt tells the error."""
    try:
        return make(interrupt)
    except Exception as error:  # noqa: BLE001 - a user's function; the person at the card must be told, and can answer
        prompt, shows = described(interrupt.value, "Answer with any JSON value")
        form = JsonForm(f"{prompt} ({name} raised {type(error).__name__}: {error})")
        form.shows = shows
        return form


def _form_of(given: Any, interrupt: Interrupt, name: str) -> Form | None:
    """Return the form for a given form, function, widget or type; ``None`` if a function returns ``None``."""
    if _is_form(given):
        return given
    if _is_function(given):
        made = given(interrupt)
        return None if made is None else _form_of(made, interrupt, name)
    prompt, shows = described(interrupt.value, "")
    if is_widget(given):
        return WidgetForm(prompt, given, shows)
    return SchemaForm(prompt, _schema(given, name), shows=shows)


def _schema(given: Any, where: str) -> Mapping[str, Any]:
    if isinstance(given, Mapping) and place_of_itself(given) is not None:
        raise UsageError(f"{where} is no valid JSON Schema: {mistake(given)}.")
    try:
        return schema_of(given)
    except UsageError as error:
        raise UsageError(f"{where} makes no form: {error}") from None


def _is_form(given: Any) -> TypeGuard[Form]:
    return not isinstance(given, type) and all(hasattr(given, name) for name in ("field", "value", "draft", "fit"))


def is_widget(given: Any) -> bool:
    """Tell whether an object is an ipywidget, or a box of ipywidgets, with a value."""
    return not isinstance(given, type) and hasattr(given, "model_id") and hasattr(given, "value")


def _is_function(given: Any) -> TypeGuard[Callable[[Interrupt], Any]]:
    return callable(given) and not isinstance(given, type) and get_origin(given) is None


def _of_packages() -> list[Recognise]:
    from importlib.metadata import entry_points  # 0.05 s

    return [form for point in entry_points(group=GROUP) if (form := _loaded(point)) is not None]


def _loaded(point: "EntryPoint") -> Recognise | None:
    try:
        form: Recognise = point.load()
    except Exception as error:  # noqa: BLE001 - a package that cannot be imported must not take all forms with it
        warnings.warn(
            f"The form {point.name!r} of an installed package cannot be loaded and is left out: "
            f"{point.value} raised {type(error).__name__}: {shown(str(error))}",
            stacklevel=2,
        )
        return None
    return form
