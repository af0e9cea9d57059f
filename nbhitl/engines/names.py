"""Names of LangGraph that both engines use. Private names of LangGraph appear nowhere else."""

import re

STRICT = "__pregel_strict_resume"
"""Private: with this key in a config, a resume for an interrupt that is not pending raises instead of being kept."""

COPY = "__copy__"
"""``as_node`` in an update that copies a checkpoint."""

END = "__end__"
"""``as_node`` in an update that ends a thread at the present checkpoint."""

INTERRUPT = "__interrupt__"
"""Key of the interrupts in results and streams of a run, and channel of the interrupts that a task has raised."""

RESUME = "__resume__"
"""Channel of the answers that a task has taken."""

ERROR, ROUTED = "__error__", "__error_source_node__"
"""Channels of a task's exception, and of the name of a task that has gone on in its error handler."""

STREAM = "__pregel_stream"
RUNTIME = "__pregel_runtime"
"""Keys of a config through which LangGraph gives a graph the surrounding graph's stream and runtime."""

is_answerable = re.compile("[0-9a-f]{32}").fullmatch
"""Matches the interrupt ids that accept answers: digests, which LangGraph computes in ``interrupt()``.

Interrupts that a node raises as ``NodeInterrupt`` share another id, unless the node chose the id: these take no
answer.
"""
