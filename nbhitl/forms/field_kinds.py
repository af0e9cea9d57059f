"""How the forms of each kind of field are handled, whichever form has the field.

A field kind that is not in the table is handled as `OTHER`. The page's half of a kind is in ``js/src/fields/``.
"""

from dataclasses import dataclass

from nbhitl.protocol import Field


@dataclass(frozen=True)
class FieldKind:
    """What code that knows no form of its own may assume of a field.

    Attributes
    ----------
    is_json
        Whether a draft is JSON already, finished or not.
    needs_schemas
        Whether the field's initial answer needs the library of JSON Schema, which is imported late.
    has_json_editor
        Whether the JSON editor may take the place of the field.
    shows_value
        Whether the page shows the value itself, so that the text of the answer need not be shown.
    is_revised
        Whether an answer is compared with the field's original word by word.
    """

    is_json: bool = False
    needs_schemas: bool = False
    has_json_editor: bool = True
    shows_value: bool = False
    is_revised: bool = False


OTHER = FieldKind()

FIELD_KINDS: dict[str, FieldKind] = {
    "text": FieldKind(is_revised=True),
    "form": FieldKind(is_json=True, needs_schemas=True),
    "decisions": FieldKind(needs_schemas=True),
    "json": FieldKind(has_json_editor=False),
    "continue": FieldKind(has_json_editor=False),
    "widget": FieldKind(has_json_editor=False, shows_value=True),
}


def kind_of(field: Field) -> FieldKind:
    """Return how a form with this field is handled."""
    return FIELD_KINDS.get(field["kind"], OTHER)
