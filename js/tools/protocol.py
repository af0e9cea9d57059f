"""Print the wire, as `nbhitl/protocol.py` defines it, as one JSON Schema.

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

CONSTANTS = ("RECORD_FORMAT", "METADATA_KEY")


def aliases() -> dict[str, Any]:
    """Every ``Name = A | B`` and ``Name = Literal[...]`` of the module, in its order."""
    return {name: value for name, value in vars(protocol).items() if name[0].isupper() and get_args(value)}


def refer(definition: dict[str, Any], unions: dict[str, Any]) -> dict[str, Any]:
    """Let each property that pydantic spells out as a union point to the union's name instead."""
    for key, value in definition["properties"].items():
        plain = {k: v for k, v in value.items() if k != "title"}
        name = next((name for name, union in unions.items() if union == plain), None)
        definition["properties"][key] = {"$ref": f"#/$defs/{name}"} if name else plain
    return definition


def schema() -> dict[str, Any]:
    """The schema of `Wire`, with each alias among its definitions."""
    inputs = [(name, "validation", TypeAdapter(alias)) for name, alias in aliases().items()]
    named, shared = TypeAdapter.json_schemas(inputs)
    unions = {name: spelled for (name, _), spelled in named.items()}
    types = {name: refer(definition, unions) for name, definition in shared["$defs"].items()}
    wire = unions.pop("Wire")["anyOf"] + [{"$ref": f"#/$defs/{name}"} for name in unions]
    return {
        "title": "Wire",
        "anyOf": wire,
        "$defs": types | {name: {"title": name, **union} for name, union in unions.items()},
        "x-constants": {name: getattr(protocol, name) for name in CONSTANTS},
    }


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=1)
