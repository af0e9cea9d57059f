"""Names of LangGraph that both engines use. Private names of LangGraph appear nowhere else."""

import re

STRICT = "__pregel_strict_resume"
"""Private: with this key in a config, a resume for an interrupt that is not pending raises instead of being kept."""

COPY = "__copy__"
"""``as_node`` in an update that copies a checkpoint."""

_ANSWERABLE = re.compile("[0-9a-f]{32}")
"""Form of the interrupt ids that accept answers: digests, which LangGraph computes in ``interrupt()``."""

END = "__end__"
"""``as_node`` in an update that ends a thread at the present checkpoint."""

INTERRUPT = "__interrupt__"
"""Key of the interrupts in results and streams of a run."""

STREAM = "__pregel_stream"
RUNTIME = "__pregel_runtime"
"""Keys of a config through which LangGraph gives a graph the surrounding graph's stream and runtime."""


def is_raised(interrupt_id: str) -> bool:
    """Tell whether a node raised this interrupt as ``NodeInterrupt``: no answer reaches such an interrupt.

    All such interrupts share an id, unless the node chose the id.
    """
    return _ANSWERABLE.fullmatch(interrupt_id) is None
