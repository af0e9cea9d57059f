"""The output of benchmarks: two medians, their ratio, and the aim."""

from collections.abc import Sequence
from statistics import median


def ratio(ours: tuple[str, Sequence[float]], theirs: tuple[str, Sequence[float]], aim: float | None) -> None:
    """Print two series of milliseconds, the ratio of their medians, and the aim if there is an aim."""
    (our_name, our_times), (their_name, their_times) = ours, theirs
    for name, times in (ours, theirs):
        spread = f"{min(times):.2f} to {max(times):.2f}"
        print(f"{name:<44} {median(times):9.2f} ms   ({spread}, n={len(times)})")
    aimed = "" if aim is None else f"   (aim: <= {aim})"
    print(f"{our_name} / {their_name}: {median(our_times) / median(their_times):.2f}{aimed}")
