"""Benchmarks: `poe bench`, or `python -m tests.bench.NAME`. Each prints a ratio from one interleaved run."""
