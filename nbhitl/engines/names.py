"""Names of LangGraph that both engines use. Private names of LangGraph appear nowhere else."""

import re

STRICT = "__pregel_strict_resume"
"""Private: a resume for an interrupt that is not pending raises instead of being kept."""

COPY = "__copy__"
"""``as_node`` of an update that copies a checkpoint."""

_ANSWERABLE = re.compile("[0-9a-f]{32}")
"""Form of the ids that LangGraph takes answers for: digests, which it makes itself in ``interrupt()``."""

END = "__end__"
"""``as_node`` of an update that ends a thread at the present place."""

INTERRUPT = "__interrupt__"
"""Key of the interrupts in results and streams of a run."""

STREAM = "__pregel_stream"
RUNTIME = "__pregel_runtime"
"""Keys of a config through which LangGraph gives a graph the surrounding graph's stream and runtime."""


def is_raised(interrupt_id: str) -> bool:
    """Tell whether an interrupt is one that a node raised by itself, as ``NodeInterrupt``: no answer reaches it.

    Its id is one for all of these, or the one that the node has given it.
    """
    return _ANSWERABLE.fullmatch(interrupt_id) is None
