"""Names of LangGraph's that both engines use. Those that are private there stand nowhere else."""

STRICT = "__pregel_strict_resume"
"""Private: a resume for an interrupt that is not pending raises instead of being kept."""

COPY = "__copy__"
"""``as_node`` of an update that copies a checkpoint."""

RAISED = "placeholder-id"
"""The id of an interrupt that a node raised by itself, as ``NodeInterrupt``: LangGraph knows no answer to it."""

END = "__end__"
"""``as_node`` of an update that ends a thread where it stands."""

INTERRUPT = "__interrupt__"
"""Key of the interrupts in what a run returns and streams."""

STREAM = "__pregel_stream"
RUNTIME = "__pregel_runtime"
"""Keys of a config with which LangGraph tells a graph of the graph around it: its stream, and its runtime."""
