"""The time that a large payload takes in the kernel: to draw, to find the record of, to tell in static output."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from nbhitl.answers.volatile import steady
from nbhitl.forms import form_for
from nbhitl.jsontext import cut, digest, flat, pretty
from nbhitl.runs.run import Interrupt

ROUNDS = 5


def rows(characters: int) -> list[dict[str, Any]]:
    return [{"id": n, "name": f"name {n:06}", "ok": True, "score": n / 3} for n in range(characters // 70)]


def nested(levels: int) -> Any:
    value: Any = "inside"
    for _ in range(levels):
        value = [value]
    return value


PAYLOADS: dict[str, Callable[[], Any]] = {
    f"{kind}, {size}": lambda make=make, length=length: make(length)
    for size, length in (("10 kB", 10_000), ("1 MB", 1_000_000), ("10 MB", 10_000_000))
    for kind, make in (("text to revise", lambda length: {"text_to_revise": "word " * (length // 5)}), ("rows", rows))
} | {"500 levels": lambda: nested(500)}


def view(payload: Any) -> object:
    """Do the work for a question in every view that is drawn."""
    form = form_for(Interrupt("id", "node", payload))
    return cut(form.prompt), form.field, pretty(payload)


def static(payload: Any) -> object:
    """Do the work for the record of an answer, equal to the payload, and for the transcript."""
    form = form_for(Interrupt("id", "node", payload))
    return pretty(payload, steady), form.show(payload), flat(payload, steady)


def found(payload: Any) -> object:
    """Do the work that finds the record of an answer."""
    return digest(payload, steady)


def ms(call: Callable[[Any], object], payload: Any) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call(payload)
        times.append((time.perf_counter() - start) * 1000)
    return median(times)


def main() -> None:
    print(f"{'payload':<24}{'view':>12}{'static':>12}{'found':>12}   (ms, median of {ROUNDS})")
    for name, make in PAYLOADS.items():
        payload = make()
        print(f"{name:<24}" + "".join(f"{ms(call, payload):12.2f}" for call in (view, static, found)), flush=True)
    print("Aim: view and static below 20 ms for any size. To find a record reads the whole payload, once an answer.")


if __name__ == "__main__":
    main()
