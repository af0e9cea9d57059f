"""JSON Schema as forms: `compile` draws a schema, `flaws` tells what of a value does not fit it.

=====================================================  =========================================================
in the schema                                          on the page
=====================================================  =========================================================
``string``; ``format``, ``contentMediaType``           a text, an email, an address, a date, a time, program text,
``writeOnly``, ``maxLength``                           a secret, a long text
``integer``, ``number`` with bounds, ``multipleOf``    a number
``boolean``; ``null``                                  a switch; nothing to choose
``enum``, ``const``, ``oneOf`` of titled constants     a choice, or nothing to choose where there is one
``array`` of one kind; of flat objects                 a list; a table
unique ``array`` of an ``enum``                        a choice of several
``prefixItems``, a list of ``items`` (draft 7)         a row; up to five more items where the rest is of one kind
``object``                                             a group; others where ``additionalProperties``,
                                                       ``patternProperties`` or ``propertyNames`` tell of them
``anyOf``, ``oneOf``, several types                    variants, told by a tag where each has one, else by their type
``$ref``, ``$anchor``, ``$dynamicRef``, ``$defs``      what they lead to, also to themselves
``allOf``                                              its parts, merged
``if``, ``then``, ``else``, dependencies               their members, as optional ones; whether they hold is tested
``not``, ``contains``, lengths, ``unevaluated…``       not drawn, only tested
``true``, ``{}`` inside a form                         a choice of type, with any values inside
=====================================================  =========================================================

Written as JSON: an answer that may be any value, what refers to something outside the schema or only to itself, and
parts of a form of more than 5,000 controls. ``python -m tests.bench.schema_coverage`` measures how often that is.
"""

from nbhitl.forms.schema.check import flaws, is_ready, read
from nbhitl.forms.schema.compiler import Compiled, compile  # noqa: A004 - as `re.compile`
from nbhitl.forms.schema.written import as_json

__all__ = ["Compiled", "as_json", "compile", "flaws", "is_ready", "read"]
