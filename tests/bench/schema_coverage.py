"""The share of JSON Schemas that are drawn without a fallback to JSON, and the keywords that cause the fallbacks.

``python -m tests.bench.schema_coverage [folder]`` reads the schemas of this repository: `tests.forms.corpus.schemas`,
and the schemas that pydantic makes of `tests.forms.corpus.models`. With a folder, the files of the folders inside are
read as well, a schema a file; ``node tests/bench/schemas_of_packages.mjs FOLDER`` writes such files.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbhitl.forms.schema import compile, flaws  # noqa: A004
from nbhitl.forms.schema.compiler import ANY
from nbhitl.forms.types import schema_of
from tests.forms.corpus.models import TYPES
from tests.forms.corpus.schemas import SCHEMAS


def ours() -> dict[str, Mapping[str, Any]]:
    return {"pydantic": {name: schema_of(kind) for name, kind in TYPES.items()}, "others": SCHEMAS}


def stored(folder: Path) -> dict[str, Mapping[str, Any]]:
    sets = sorted({file.parent for file in folder.glob("*/*.json") if file.parent.name != "node_modules"})
    return {
        each.name: {file.stem: json.loads(file.read_text()) for file in sorted(each.glob("*.json"))} for each in sets
    }


def row(name: str, schemas: Mapping[str, Any]) -> Counter[str]:
    start = time.perf_counter()
    compiled = {each: compile(schema) for each, schema in schemas.items()}
    took = (time.perf_counter() - start) * 1000
    fallbacks = {each: found.fallbacks for each, found in compiled.items()}
    built = sum(ANY in found.shared for found in compiled.values())
    drawn = sum(not found for found in fallbacks.values())
    print(f"{name:<24}{len(schemas):>8}{drawn:>8}{drawn / len(schemas):>9.1%}{built:>8}{took:>9.1f}", flush=True)
    for each, found in fallbacks.items():
        if found:
            print(f"    {each}: {', '.join(sorted(set(found)))}")
    return Counter(keyword for found in fallbacks.values() for keyword in set(found))


def wide(members: int) -> dict[str, Any]:
    kinds: list[dict[str, Any]] = [
        {"type": "string"},
        {"type": "integer", "minimum": 0},
        {"enum": ["a", "b"]},
        {"type": "boolean"},
    ]
    return {
        "type": "object",
        "properties": {f"member_{number}": dict(kinds[number % len(kinds)]) for number in range(members)},
        "required": [f"member_{number}" for number in range(members)],
    }


def speed(members: int = 500) -> None:
    times: dict[str, list[float]] = {"compile": [], "flaws, none": [], "flaws, all": []}
    schema = wide(members)
    good = {f"member_{number}": ["", 0, "a", False][number % 4] for number in range(members)}
    for _ in range(10):
        for name, call in {
            "compile": lambda: compile(schema),
            "flaws, none": lambda: flaws(schema, good),
            "flaws, all": lambda: flaws(schema, dict.fromkeys(good)),
        }.items():
            start = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - start) * 1000)
    for name, found in times.items():
        print(f"{name}, {members} members: {sorted(found)[len(found) // 2]:.1f} ms   (aim: < 20)")


def main() -> None:
    print(f"{'schemas of':<24}{'all':>8}{'drawn':>8}{'share':>9}{'any':>8}{'ms':>9}   (any: have parts of any value)")
    sets = stored(Path(sys.argv[1])) if len(sys.argv) > 1 else {}
    blamed: Counter[str] = Counter()
    for name, schemas in (ours() | sets).items():
        blamed += row(name, schemas)
    print("to blame:", ", ".join(f"{keyword} ({count})" for keyword, count in blamed.most_common()) or "none")
    speed()


if __name__ == "__main__":
    main()
