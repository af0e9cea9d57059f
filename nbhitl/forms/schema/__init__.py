"""JSON Schema as forms: `compile` draws a schema, `flaws` finds the parts of a value that do not fit a schema.

=====================================================  =========================================================
in the schema                                          on the page
=====================================================  =========================================================
``string``; ``format``, ``contentMediaType``           a text, an email, an address, a date, a time, program text,
``writeOnly``, ``maxLength``                           a secret, a long text
``integer``, ``number`` with bounds, ``multipleOf``    a number
``boolean``; ``null``                                  a switch; nothing to choose
``enum``, ``const``, ``oneOf`` of titled constants     a choice, or nothing to choose for a single value
``array`` of one kind; of flat objects                 a list; a table
unique ``array`` of an ``enum``                        a choice of several
``prefixItems``, a list of ``items`` (draft 7)         a row; up to five more items where the rest is of one kind
``object``                                             a group, with further members where ``additionalProperties``,
                                                       ``patternProperties`` or ``propertyNames`` allow these
``anyOf``, ``oneOf``, several types                    variants, identified by a tag, else by type
``$ref``, ``$anchor``, ``$dynamicRef``, ``$defs``      the target's controls, also for recursive schemas
``allOf``                                              the merged parts
``if``, ``then``, ``else``, dependencies               optional members; the conditions are tested
``not``, ``contains``, lengths, ``unevaluated…``       not drawn, only tested
``true``, ``{}`` inside a form                         a choice of type, with any values inside
=====================================================  =========================================================

Written as JSON are: an answer of any value, a reference to something outside the schema or only to itself, and parts of
a form beyond 5,000 controls. ``python -m tests.bench.schema_coverage`` measures how often that happens.
"""

from nbhitl.forms.schema.check import flaws, is_ready
from nbhitl.forms.schema.compiler import Compiled, compile  # noqa: A004 - as `re.compile`
from nbhitl.forms.schema.mistakes import mistake
from nbhitl.forms.schema.written import BytesMode, as_json, bytes_in

__all__ = ["BytesMode", "Compiled", "as_json", "bytes_in", "compile", "flaws", "is_ready", "mistake"]
