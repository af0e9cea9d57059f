"""Print the wire types of `nbhitl/protocol/` as a single JSON Schema.

Run by ``tools/protocol.mjs``. Besides the types, the schema carries the names that the Python gives
to unions (``Field``, ``Phase``, ...) and, under ``x-constants``, the constants the page needs too.
"""

import json
import pathlib
import sys
from typing import Any, get_args

from pydantic import TypeAdapter

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from nbhitl import protocol  # noqa: E402

CONSTANTS = ("ANSWER_KEY", "OUTPUT_KEY", "PIECES", "RECORD_FORMAT", "RECORD_KEY")


def aliases() -> dict[str, Any]:
    """Return every ``Name = A | B`` and ``Name = Literal[...]`` of the module, in order."""
    return {name: value for name, value in vars(protocol).items() if name[0].isupper() and get_args(value)}


def refer(spelled: Any, unions: dict[str, Any]) -> Any:
    """Let each union that pydantic spells out point to the union's name instead, with ``null`` beside it or not."""
    if isinstance(spelled, list):
        return [refer(each, unions) for each in spelled]
    if not isinstance(spelled, dict):
        return spelled
    options = [each for each in spelled.get("anyOf", []) if each != {"type": "null"}]
    for name, union in unions.items():
        if options and union.get("anyOf") == options:
            named = {"$ref": f"#/$defs/{name}"}
            return {"anyOf": [named, {"type": "null"}]} if len(options) < len(spelled["anyOf"]) else named
        if {key: value for key, value in spelled.items() if key != "title"} == union:
            return {"$ref": f"#/$defs/{name}"}
    return {key: refer(value, unions) for key, value in spelled.items() if key != "title" or isinstance(value, dict)}


def schema() -> dict[str, Any]:
    """Return the schema of `Wire`, with each alias among the definitions."""
    inputs = [(name, "validation", TypeAdapter(alias)) for name, alias in aliases().items()]
    named, shared = TypeAdapter.json_schemas(inputs)
    unions = {name: spelled for (name, _), spelled in named.items()}
    types = {name: {"title": name, **refer(definition, unions)} for name, definition in shared["$defs"].items()}
    wire = unions.pop("Wire")["anyOf"] + [{"$ref": f"#/$defs/{name}"} for name in unions]
    return {
        "title": "Wire",
        "anyOf": wire,
        "$defs": types | {name: {"title": name, **union} for name, union in unions.items()},
        "x-constants": {name: getattr(protocol, name) for name in CONSTANTS},
    }


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=1)
