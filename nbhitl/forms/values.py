"""Forms whose answer becomes a Python value: a form for each kind of argument that `nbhitl.ask` takes."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_origin

from nbhitl.errors import InvalidAnswer, UsageError
from nbhitl.forms.base import EDITABLE, BaseForm, Form, refuse_decisions
from nbhitl.forms.conventions.idioms import MOST_OPTIONS, YES_OR_NO
from nbhitl.forms.conventions.schemas import BEGIN, SchemaForm
from nbhitl.forms.conventions.text import TextForm, recognise
from nbhitl.forms.frames import FrameForm, is_frame
from nbhitl.forms.given import is_widget
from nbhitl.forms.refusing import flaw, refuse
from nbhitl.forms.schema import BytesMode, as_json, bytes_in, mistake
from nbhitl.forms.types import adapter_of, schema_of
from nbhitl.forms.widget import WidgetForm
from nbhitl.jsontext import SCALARS, cut, place_of_itself, plain, sentence
from nbhitl.runs.run import Interrupt

if TYPE_CHECKING:
    from pydantic import ValidationError

NO_DEFAULT = object()
"""No ``default=`` was given: the field begins empty, or with the type's own default."""

BYTES_MODES: tuple[BytesMode, ...] = ("utf8", "base64", "hex")
"""The texts that types of pydantic read as bytes, the usual one first."""


@dataclass(frozen=True)
class ValueQuestion:
    """A question of `nbhitl.ask`.

    Attributes
    ----------
    payload
        The payload for recording and comparison: the prompt, with the options or the text to revise.
    form
        Draws the question, and reads the answer.
    returns
        Makes the result of `nbhitl.ask` from an answer that the form accepted.
    """

    payload: Any
    form: Form
    returns: Callable[[Any], Any]


def question_of(prompt: str, kind: Any, default: Any = NO_DEFAULT) -> ValueQuestion:
    """Return the question that asks for a value of ``kind``; see `nbhitl.ask`.

    Raises
    ------
    UsageError
        If no form can be made of ``kind``, or ``default`` is no answer to the question.
    """
    if is_widget(kind):
        return _of_widget(prompt, kind, default)
    if isinstance(kind, str):
        return _of_text(prompt, kind, default)
    if is_frame(kind):
        return _of_frame(prompt, kind, default)
    if isinstance(kind, list | tuple | range):
        return _of_options(prompt, list(kind), default)
    if kind is str:
        return ValueQuestion(prompt, StringForm(TextForm(prompt, _text_default(default))), _same)
    start = BEGIN if default is NO_DEFAULT else as_json(default)
    if kind is bool:
        return _checked(ValueQuestion(prompt, SchemaForm(prompt, YES_OR_NO, start=start), _same), default)
    if isinstance(kind, Mapping):
        if wrong := mistake(kind):
            raise UsageError(f"form= is no valid JSON Schema: {wrong}.")
        return _checked(ValueQuestion(prompt, SchemaForm(prompt, kind, start=start), _same), default)
    if _are_options(kind):
        raise UsageError(f"form= takes options as a list, not as a {type(kind).__name__}: write list(...) around it.")
    typed = TypedForm(prompt, kind, start=start)
    return _checked(ValueQuestion(prompt, typed, typed.instance), default)


class TypedForm(SchemaForm):
    """A form drawn from a Python type; the type validates the answer and makes the result."""

    def __init__(self, prompt: str, kind: Any, *, start: Any = BEGIN) -> None:
        super().__init__(prompt, schema_of(kind), start=start)
        self._adapter = adapter_of(kind)

    def value(self, draft: str) -> Any:
        """Return the answer as JSON.

        Raises
        ------
        InvalidAnswer
            If the answer does not fit the schema, or a validator of the type refuses the answer.
        """
        value = super().value(draft)
        self._check(value)
        return value

    def fit(self, value: Any) -> Any:
        """Return an answer from Python, an instance of the type or the instance's JSON, as JSON.

        Raises
        ------
        InvalidAnswer
            If the answer does not fit the schema, a validator of the type refuses the answer, or the answer has bytes
            that JSON does not keep, or contains itself.
        """
        refuse_decisions(value)
        if place_of_itself(value) is not None:
            raise InvalidAnswer("it contains itself, and no JSON can be written of it")
        written = super().fit(self._written(value))
        self._check(written)
        return written

    def instance(self, value: Any) -> Any:
        """Return the instance of the type for an answer."""
        return self._adapter.validate_json(json.dumps(value))

    def _written(self, value: Any) -> Any:
        """Return an answer as JSON from which the type reads the same bytes."""
        try:
            has_bytes = bool(bytes_in(value))
        except RecursionError:
            has_bytes = False
        if not has_bytes:
            return as_json(value)
        for mode in BYTES_MODES:
            written = as_json(value, bytes_as=mode)
            if self._keeps_bytes(value, written):
                return written
        if all(map(_is_utf8, bytes_in(value))):  # a validator changes the bytes, or refuses them
            return as_json(value)
        raise InvalidAnswer(
            "it has bytes that are not UTF-8, and the type reads other bytes from their JSON; ask for "
            "pydantic.Base64UrlBytes, or for a model with val_json_bytes='base64'"
        )

    def _keeps_bytes(self, value: Any, written: Any) -> bool:
        from pydantic import ValidationError

        try:
            return bytes_in(self.instance(written)) == bytes_in(self._adapter.validate_python(value))
        except ValidationError:
            return False

    def _check(self, value: Any) -> None:
        from pydantic import ValidationError

        try:
            self.instance(value)
        except ValidationError as error:
            refused = _places_of(error)
        else:
            return
        refuse(refused)  # out here, so that the error does not carry the answer along


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _places_of(error: "ValidationError") -> list[Any]:
    return [
        flaw(each["msg"], *map(str, each["loc"]))
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]


class StringForm(BaseForm):
    """A form whose answer must be a string: the result of `nbhitl.ask` has the type that was asked for.

    A text that a graph asks for may be answered with any JSON value, since the node may need another type.

    Parameters
    ----------
    drawn
        The field for the text: a text form, or a JSON editor for a text that a text field would change.
    """

    is_guess = False

    def __init__(self, drawn: Form) -> None:
        self._drawn = drawn
        self.prompt, self.field, self.shows = drawn.prompt, drawn.field, drawn.shows

    def value(self, draft: str) -> Any:
        """Return the string.

        Raises
        ------
        InvalidAnswer
            If a JSON editor holds another value than a string.
        """
        return self.fit(self._drawn.value(draft))

    def draft(self, value: Any) -> str | None:
        """Return the draft that stands for the string; ``None`` if the editor would change the string."""
        return self._drawn.draft(value)

    def show(self, value: Any) -> str:
        """Return the string for people."""
        return self._drawn.show(value)

    def fit(self, value: Any) -> Any:
        """Return ``value`` unchanged.

        Raises
        ------
        InvalidAnswer
            If ``value`` is no string.
        """
        if not isinstance(value, str):
            refuse_decisions(value)
            refuse([flaw(f"should be a text, not {type(value).__name__}")])
        return value


class OptionsForm(SchemaForm):
    """A choice among values of any type; the answer is the JSON of the chosen value."""

    def __init__(self, prompt: str, options: Sequence[Any], *, start: Any = BEGIN) -> None:
        self._keys = [_key(option) for option in options]
        self._options = options
        branches = [{"const": plain(option), "title": _label(option)} for option in options]
        super().__init__(prompt, {"oneOf": branches}, start=start)

    def fit(self, value: Any) -> Any:
        """Return an answer from Python, an option or the option's JSON, as JSON.

        Raises
        ------
        InvalidAnswer
            If the answer is none of the options.
        """
        refuse_decisions(value)
        if _key(value) not in self._keys:
            raise InvalidAnswer(f"it is none of the options: {', '.join(map(_label, self._options))}")
        return plain(value)

    def chosen(self, value: Any) -> Any:
        """Return the option for an answer."""
        return self._options[self._keys.index(_key(value))]


def _of_options(prompt: str, options: list[Any], default: Any) -> ValueQuestion:
    if not 0 < len(options) <= MOST_OPTIONS:
        raise UsageError(f"form= takes between 1 and {MOST_OPTIONS} options, not {len(options)}.")
    _check_different(options)
    form = OptionsForm(prompt, options, start=BEGIN if default is NO_DEFAULT else plain(default))
    payload = {"question": prompt, "options": [plain(option) for option in options]}
    return _checked(ValueQuestion(payload, form, form.chosen), default)


def _check_different(options: list[Any]) -> None:
    """Refuse options whose answers are the same JSON: an answer could mean each of them."""
    known: dict[str, Any] = {}
    for option in options:
        key = _key(option)
        if key not in known:
            known[key] = option
        elif isinstance(option, SCALARS) and type(option) is type(known[key]):
            raise UsageError(f"form= takes options that differ, and {_label(option)!r} is there twice: take one out.")
        else:
            raise UsageError(
                f"form= takes options that are written differently, and {known[key]!r} and {option!r} are both written "
                f"as {cut(key, 80)}, so that an answer could mean either. Give a text for each option, and look up the "
                "object by the answer."
            )


def _are_options(kind: Any) -> bool:
    """Tell whether an object is a collection other than a list, such as a set, an array or a Series."""
    is_type = isinstance(kind, type) or get_origin(kind) is not None
    return isinstance(kind, Collection | Iterator) and not is_type and not isinstance(kind, bytes)


def _of_frame(prompt: str, frame: Any, default: Any) -> ValueQuestion:
    _refuse_default(default, "a DataFrame")
    form = FrameForm(prompt, frame)
    return ValueQuestion({"question": prompt, "rows": form.rows}, form, form.frame)


def _of_widget(prompt: str, widget: Any, default: Any) -> ValueQuestion:
    if default is not NO_DEFAULT:
        widget.value = default
    return ValueQuestion(prompt, WidgetForm(prompt, widget), _same)


def _of_text(prompt: str, text: str, default: Any) -> ValueQuestion:
    _refuse_default(default, "a text to revise")
    payload = {"instruction": prompt, "content": text}
    form = recognise(Interrupt("", "", payload))
    assert form is not None, "a text to revise has a form"
    return ValueQuestion(payload, StringForm(form), _same)


def _text_default(default: Any) -> str:
    if default is NO_DEFAULT:
        return ""
    if not isinstance(default, str) or len(default) > EDITABLE:
        raise UsageError(f"default= is a text of at most {EDITABLE:,} characters here, not {type(default).__name__}.")
    return default


def _refuse_default(default: Any, kind: str) -> None:
    if default is not NO_DEFAULT:
        raise UsageError(f"ask() takes no default= beside {kind}: the field begins with that.")


def _checked(question: ValueQuestion, default: Any) -> ValueQuestion:
    """Return the question, if the default answers the question."""
    if default is not NO_DEFAULT:
        try:
            question.form.fit(default)
        except InvalidAnswer as error:
            raise UsageError(f"default= is no answer to {question.form.prompt!r}: {sentence(error)}") from None
    return question


def _key(option: Any) -> str:
    return json.dumps(plain(option), sort_keys=True)


def _label(option: Any) -> str:
    return option if isinstance(option, str) else str(option)


def _same(answer: Any) -> Any:
    return answer
