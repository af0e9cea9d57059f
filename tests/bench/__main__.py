"""Run every benchmark, each in a separate process."""

import subprocess
import sys

NAMES = [
    "import_time",
    "answer_latency",
    "answer_trace",
    "next_question",
    "held_cell",
    "two_ways",
    "served_cycle",
    "large_payloads",
    "page",
    "growth",
    "batch",
    "memory",
    "sizes",
    "schema_coverage",
    "reading",
    "exactly_once",
    "recorded_models",
]

for name in NAMES:
    print(f"\n== {name}", flush=True)
    subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=True)
