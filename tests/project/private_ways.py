"""Private ways of other packages that nbhitl uses: the list behind the table in ARCHITECTURE.md.

``python -m tests.project.private_ways`` writes the table into ARCHITECTURE.md and prints the ways that the installed
versions lack. "Private" includes names that are public and undocumented.
"""

import inspect
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from typing import Any

from tests.tools import ROOT

BEGIN = "<!-- private ways: python -m tests.project.private_ways -->"
END = "<!-- end of private ways -->"
WAITING_TEST = (
    "tests/engines/test_waiting.py::test_threads_with_a_question_are_found_with_payload_node_and_time_the_newest_first"
)

OWN_TEST = "tests/engines/test_waiting.py::test_call_of_a_tool_that_an_agent_lacks_is_of_another_agent"

CELL_TEST = (
    "tests/kernel/test_private_ways.py::test_cell_without_a_private_way_gets_the_answer_once_or_refuses_to_wait_by_name"
)

REVIEW_TEST = "tests/engines/test_private_ways.py::test_review_without_a_private_way_hands_each_answer_over"

HEAD = ("way", "whose, versions seen", "used in", "probe", "without the way", "test")


@dataclass(frozen=True)
class PrivateWay:
    """A way of another package that nbhitl uses without a promise of that package.

    Attributes
    ----------
    names
        Names of the way, as in the source of nbhitl.
    whose
        The package; a Python distribution has a pin in constraints.txt.
    since
        The oldest version seen; empty if only the pinned version was seen.
    used_in
        File of nbhitl or of the card.
    probe
        The place that looks for the way at the first use.
    fallback
        Behaviour of nbhitl without the way.
    test
        The test that fails when the way has changed.
    is_there
        Tells whether the installed version has the way; ``None`` where only a browser can tell.
    also_in
        Further files that use the way.
    """

    names: tuple[str, ...]
    whose: str
    since: str
    used_in: str
    probe: str
    fallback: str
    test: str
    is_there: Callable[[], bool] | None = None
    also_in: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The files that use the way."""
        return (self.used_in, *self.also_in)

    def row(self) -> str:
        """Return the row of the table."""
        names = ", ".join(f"`{name}`" for name in self.names)
        versions = " to ".join(filter(None, (self.since, pinned(self.whose))))
        cells = (
            names,
            f"{self.whose} {versions}".strip(),
            ", ".join(f"`{file}`" for file in self.files),
            self.probe,
            self.fallback,
            f"`{self.test}`",
        )
        return f"| {' | '.join(cells)} |"


@cache
def _pins() -> dict[str, str]:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    distributions = dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE))
    of_page = json.loads((ROOT / "tests/browser/vscode/page/package.json").read_text(encoding="utf-8"))
    return distributions | dict(of_page["dependencies"])


def pinned(package: str) -> str | None:
    """Return the pinned version of a distribution, or of a package in VS Code's page, else ``None``."""
    return _pins().get(package)


def _mentions(path: str, *names: str) -> Callable[[], bool]:
    """Return a check for names in the source of a module, a class or a function: ``"module:Class.method"``."""

    def is_there() -> bool:
        source = inspect.getsource(_found(path))
        return all(re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", source) for name in names)

    return is_there


def _has(path: str, *names: str) -> Callable[[], bool]:
    """Return a check for attributes."""
    return lambda: all(hasattr(_found(path), name) for name in names)


def _found(path: str) -> Any:
    module, _, inner = path.partition(":")
    found: Any = import_module(module)
    for name in filter(None, inner.split(".")):
        found = getattr(found, name)
    return found


def local(*names: str) -> tuple[str, ...]:
    """Return files of the local engine."""
    return tuple(f"nbhitl/engines/local/{name}" for name in names)


WAYS = (
    PrivateWay(
        ("_recv_callback",),
        "pyzmq",
        "",
        "nbhitl/kernel/shell_tap.py",
        "`tap_of`, at the first wait",
        "no tap: a blocking wait is refused by name, an awaited wait leaves the loop to the kernel, or, before "
        "ipykernel 7.4, is refused as well",
        CELL_TEST,
        _mentions("zmq.eventloop.zmqstream:ZMQStream", "_recv_callback"),
    ),
    PrivateWay(
        ("shell_handlers", "get_parent", "set_parent", "get_subshell_to_shell_channel_socket"),
        "ipykernel",
        "6.17.1",
        "nbhitl/kernel/shell_tap.py",
        "`tap_of`, at the first wait; `request_of`, for each review",
        "as above; the shell's `get_parent` tells the request",
        CELL_TEST,
        _mentions("ipykernel.kernelbase:Kernel", "shell_handlers", "get_parent", "set_parent"),
        also_in=("nbhitl/kernel/behind.py", "nbhitl/kernel/surroundings.py"),
    ),
    PrivateWay(
        ("msg_queue", "_queue", "dispatch_shell"),
        "ipykernel",
        "6.17.1",
        "nbhitl/kernel/behind.py",
        "`_queued`, at the beginning of each wait",
        "a page that is opened while a cell above is busy draws no card until the queued cells have run",
        "tests/kernel/test_waiting.py::"
        "test_page_opened_while_a_cell_above_is_busy_gets_the_widgets_before_the_queued_cells_run",
        _has("ipykernel.kernelbase:Kernel", "dispatch_shell"),
    ),
    PrivateWay(
        ("shell_main", "run_in_context", "comm_task", "_shell_channel_to_main", "to_stream"),
        "ipykernel",
        "7.0.1",
        "nbhitl/kernel/behind.py",
        "`_queued`, at the beginning of each wait",
        "as above",
        "tests/test_behind.py::test_kernel_with_renamed_private_names_has_no_message_behind_the_cells",
        _mentions("ipykernel.kernelbase:Kernel", "shell_main", "comm_task"),
    ),
    PrivateWay(
        ("_parent_ident",),
        "ipykernel",
        "6.17.1",
        "nbhitl/kernel/shell_tap.py",
        "`Tap._parent_ident`, for each message",
        "the sender of the message stands for the sender of the cell",
        CELL_TEST,
        _mentions("ipykernel.kernelbase:Kernel", "_parent_ident"),
    ),
    PrivateWay(
        ("_publish_status",),
        "ipykernel",
        "6.17.1",
        "nbhitl/kernel/shell_tap.py",
        "`Tap._publish_as_known`, for each message",
        "the documented status message, sent by public names",
        "tests/test_tap.py::test_kernel_without_a_private_way_to_say_busy_still_tells_the_page",
        _has("ipykernel.kernelbase:Kernel", "_publish_status"),
    ),
    PrivateWay(
        ("_shell_stream", "_send_on_shell_channel", "_main_to_shell_channel"),
        "ipykernel",
        "7.0.1",
        "nbhitl/kernel/shell_tap.py",
        "`Tap._mend_replies`, when the tap is installed",
        "replies take the kernel's own way, which is right from 7.4 on",
        CELL_TEST,
        _mentions("ipykernel.subshell_manager:SubshellManager", "_shell_stream"),
    ),
    PrivateWay(
        ("_flush_pending",),
        "ipykernel",
        "6.17.1",
        "nbhitl/kernel/shell_tap.py",
        "`_flush`, for each message",
        "printed output is flushed every time",
        "tests/kernel/test_waiting.py::test_held_cell_gets_the_answer_and_the_cells_below_keep_their_order",
        _mentions("ipykernel.iostream:OutStream", "_flush_pending"),
    ),
    PrivateWay(
        ("raw_input",),
        "ipykernel",
        "6.17.1",
        "nbhitl/kernel/typed_input.py",
        "`plug_in`, at the import of nbhitl",
        "`input()` is not answered from the notebook",
        "tests/kernel/test_typed.py::test_text_that_was_typed_is_given_again_and_shown_as_before",
        _has("ipykernel.kernelbase:Kernel", "raw_input"),
    ),
    PrivateWay(
        ("_threads_queues",),
        "Python",
        "3.11",
        "nbhitl/kernel/background.py",
        "`let_end`, at the end of the program",
        "the program ends when the last node has ended",
        "tests/test_script_ends.py::test_program_that_waits_for_a_node_ends_at_once_at_ctrl_c",
        _has("concurrent.futures.thread", "_threads_queues"),
    ),
    PrivateWay(
        ("__pregel_strict_resume",),
        "langgraph",
        "",
        "nbhitl/engines/names.py",
        "none: LangGraph ignores an unknown key",
        "only the look before a resume finds that another client was quicker",
        "tests/engines/test_local.py::test_second_resume_with_the_same_id_is_refused_and_runs_nothing",
        _mentions("langgraph._internal._constants", "__pregel_strict_resume"),
    ),
    PrivateWay(
        ("__pregel_stream", "__pregel_runtime"),
        "langgraph",
        "",
        "nbhitl/engines/names.py",
        "none: LangGraph ignores an unknown key",
        "the run works, and the card shows no progress",
        "tests/test_progress.py::test_node_is_running_until_its_task_ends",
        _mentions("langgraph._internal._constants", "__pregel_stream", "__pregel_runtime"),
    ),
    PrivateWay(
        (
            "__pregel_scratchpad",
            "get_null_resume",
            "_interrupt_id",
            "run_with_retry",
            "idx",
            "conf",
            "adapter",
            "resume",
        ),
        "langgraph",
        "",
        "nbhitl/engines/local/calls.py",
        "`Calls.get_null_resume`, for each unanswered `interrupt()`; `Calls.are_unseen`, after each segment",
        "swallowed pauses are not reported, questions side by side are not told apart, and a note says so",
        "tests/engines/test_calls.py::test_swallowed_pause_is_told_with_node_and_place",
        lambda: (
            _mentions("langgraph._internal._constants", "__pregel_scratchpad")()
            and _mentions("langgraph.types:interrupt", "get_null_resume", "idx", "conf", "adapter", "scratchpad")()
            and _has("langgraph.types", "_interrupt_id")()
            and _has("langgraph.pregel._retry", "run_with_retry", "arun_with_retry")()
        ),
    ),
    PrivateWay(
        ("__pregel_push",),
        "langgraph",
        "",
        "nbhitl/engines/whose.py",
        "the path of each task",
        "a question does not name its tool",
        "tests/engines/test_whose.py::test_questions_of_a_tool_node_name_the_tool",
        _mentions("langgraph._internal._constants", "__pregel_push"),
    ),
    PrivateWay(
        ("__resume__", "__error__", "__error_source_node__"),
        "langgraph",
        "",
        "nbhitl/engines/names.py",
        "the writes beside each checkpoint",
        "an answer that stuck is known from nbhitl's own journal only",
        "tests/test_found_midway.py",
        _mentions("langgraph._internal._constants", "__resume__", "__error__", "__error_source_node__"),
    ),
    PrivateWay(
        ("__error_handler__",),
        "langgraph",
        "",
        "nbhitl/runs/run.py",
        "the namespace of each task",
        "a question of a node's error handler is not found",
        "tests/engines/test_left_out.py::test_question_of_an_error_handler_is_found_in_another_kernel_by_its_node",
        _mentions("langgraph.graph.state", "__error_handler__"),
    ),
    PrivateWay(
        ("langgraph.pregel._algo",),
        "langgraph",
        "",
        "nbhitl/engines/local/left_out.py",
        "the traceback of a state that cannot be read",
        "a value that a schema refuses with an exception of its own leaves the thread stuck",
        "tests/engines/test_left_out.py"
        "::test_answer_refused_by_a_reducer_or_by_any_exception_of_a_schema_can_be_mended",
        _has("langgraph.pregel._algo", "apply_writes", "prepare_next_tasks"),
    ),
    PrivateWay(
        ("__pregel_pull",),
        "langgraph",
        "",
        "nbhitl/engines/local/state.py",
        "the path of each task",
        "tools that ask side by side, found in another kernel, are not told apart: a question may come twice",
        "tests/engines/test_doubled.py::test_each_tool_gets_the_answer_to_its_own_question_in_any_order_of_asking",
        _mentions("langgraph._internal._constants", "__pregel_pull"),
        also_in=local("threads.py"),
    ),
    PrivateWay(
        ("__copy__", "__end__"),
        "langgraph",
        "",
        "nbhitl/engines/names.py",
        "`_copied`, for each fork: LangGraph raises for an unknown node",
        "the checkpoint is copied by the checkpointer's `put`; on a server *Ask again* fails by name",
        REVIEW_TEST,
        _mentions("langgraph.pregel.main", "__copy__"),
    ),
    PrivateWay(
        ("__input__",),
        "langgraph",
        "",
        "nbhitl/engines/local/starting.py",
        "`prepared`: LangGraph raises for an unknown node",
        'a review with `key=` and `durability="exit"` is refused with the code to write',
        "tests/engines/test_private_ways.py::test_input_that_langgraph_cannot_save_is_refused_with_the_code_to_write",
        _mentions("langgraph._internal._constants", "__input__"),
    ),
    PrivateWay(
        ("_output_mapper", "_state_mapper"),
        "langgraph",
        "",
        "nbhitl/engines/local/state.py",
        "`output_of` and `copy_of`",
        '`version="v2"` returns plain values',
        "tests/parity/test_results.py",
        _has("langgraph.pregel:Pregel", "_output_mapper", "_state_mapper"),
    ),
    PrivateWay(
        ("builder", "branches", "ends"),
        "langgraph",
        "",
        "nbhitl/engines/local/reading/reader.py",
        "`_followed`, for each node that asks",
        "where a node goes on is not read: a question is a guess by the payload",
        "tests/reading",
        lambda: (
            _mentions("langgraph.graph.state:CompiledStateGraph", "builder")()
            and _mentions("langgraph.graph.state:StateGraph.__init__", "branches")()
            and _mentions("langgraph.graph._node:StateNodeSpec", "ends")()
        ),
    ),
    PrivateWay(
        ("bound", "func", "afunc"),
        "langgraph",
        "",
        "nbhitl/engines/local/options.py",
        "`needs_async`, for each graph",
        "a graph with async nodes runs by `invoke`, and LangGraph's error says so",
        "tests/test_options.py::test_graph_whose_private_names_have_changed_runs_as_a_sync_graph",
        lambda: (
            _mentions("langgraph.pregel._read:PregelNode", "bound")()
            and _mentions("langgraph._internal._runnable:RunnableCallable", "func", "afunc")()
        ),
        also_in=local("functions.py", "levels.py", "reading/reader.py", "state.py"),
    ),
    PrivateWay(
        ("subgraphs",),
        "langgraph",
        "",
        "nbhitl/engines/local/state.py",
        "`read_with`, for each graph",
        "the state of a graph with a `RemoteGraph` in a node cannot be read",
        "tests/test_options.py::test_graph_whose_private_names_have_changed_runs_as_a_sync_graph",
        _mentions("langgraph.pregel._read:PregelNode", "subgraphs"),
        also_in=local("functions.py"),
    ),
    PrivateWay(
        ("operator", "reducer"),
        "langgraph",
        "",
        "nbhitl/engines/local/levels.py",
        "`_reducer`, for each key at a stop",
        "a stop's form does not say which keys are added to",
        "tests/test_stops.py",
        _mentions("langgraph.channels.binop:BinaryOperatorAggregate", "operator"),
    ),
    PrivateWay(
        ("conn", "lock", "loop"),
        "langgraph-checkpoint-sqlite",
        "",
        "nbhitl/engines/local/locks/finding.py",
        "`place_of`, at the first turn",
        "turns reach this process only",
        "tests/engines/test_turns.py::test_saver_of_another_kind_reaches_this_process",
        lambda: (
            _mentions("langgraph.checkpoint.sqlite:SqliteSaver", "conn", "lock")()
            and _mentions("langgraph.checkpoint.sqlite.aio:AsyncSqliteSaver", "conn", "loop")()
        ),
        also_in=local("looking.py", "options.py", "savers.py", "stores.py"),
    ),
    PrivateWay(
        ("_cursor", "checkpoint_migrations", "checkpoint_writes"),
        "langgraph-checkpoint-postgres",
        "",
        "nbhitl/engines/local/stores.py",
        "`_is_known`, before each query: the cursor, and the version of the tables",
        "the public `list`, which reads all checkpoints",
        WAITING_TEST,
        _mentions("langgraph.checkpoint.postgres:PostgresSaver", "_cursor", "checkpoint_writes"),
    ),
    PrivateWay(
        ("task_path", "checkpoint_ns"),
        "langgraph-checkpoint-sqlite",
        "",
        "nbhitl/engines/local/stores.py",
        "`_is_known`, before each query: the columns of the table",
        "the public `list`, which reads all checkpoints",
        WAITING_TEST,
        _mentions("langgraph.checkpoint.sqlite:SqliteSaver", "task_path", "checkpoint_ns"),
    ),
    PrivateWay(
        ("storage", "writes", "blobs"),
        "langgraph-checkpoint",
        "",
        "nbhitl/engines/local/stores.py",
        "`telling` and `latest`, for each saver; `PrivateSaver`, for each review without a checkpointer",
        "the public `list`, which reads all checkpoints; without a checkpointer all checkpoints stay in memory",
        WAITING_TEST,
        _mentions("langgraph.checkpoint.memory:InMemorySaver", "storage", "writes", "blobs"),
        also_in=local("savers.py"),
    ),
    PrivateWay(
        ("_running",),
        "aiosqlite",
        "",
        "nbhitl/engines/local/savers.py",
        "`why_closed`, before each request",
        "a closed connection is noticed at the request",
        "tests/engines/test_savers.py::test_closed_connection_of_an_async_saver_is_seen_before_a_request",
        _mentions("aiosqlite.core:Connection", "_running"),
    ),
    PrivateWay(
        ("_transport",),
        "httpx",
        "",
        "nbhitl/engines/remote/http.py",
        "`_http_client`, once for each server",
        "a client's own transport is not refused by name",
        "tests/engines/test_connect.py::test_client_with_a_custom_transport_is_refused_with_advice",
        _mentions("httpx:AsyncClient.__init__", "_transport"),
    ),
    PrivateWay(
        ("_generate", "_agenerate", "_stream", "_astream"),
        "langchain-core",
        "1.0",
        "nbhitl/models/wrapping.py",
        "`install`, for each class of models",
        "calls of models are not recorded, and a replay says so",
        "tests/models/test_recording.py::test_call_is_replayed_as_recorded",
        _has("langchain_core.language_models:BaseChatModel", "_generate", "_agenerate", "_stream", "_astream"),
    ),
    PrivateWay(
        ("_generate_with_cache", "_agenerate_with_cache"),
        "langchain-core",
        "1.0",
        "nbhitl/models/wrapping.py",
        "`_wrap_cached`, once",
        "answers of a cache are not recorded",
        "tests/models/test_recording.py::test_answers_of_a_cache_are_recorded_and_replayed_without_the_cache",
        _has("langchain_core.language_models:BaseChatModel", "_generate_with_cache", "_agenerate_with_cache"),
    ),
    PrivateWay(
        ("_stream_chat_model_events", "_astream_chat_model_events"),
        "langchain-core",
        "",
        "nbhitl/models/wrapping.py",
        "`_wrap`, for each class of models",
        "calls by the events of the third version are not recorded for classes that make these events themselves",
        "tests/models/test_recording.py::test_events_of_the_third_version_are_recorded_and_replayed",
        _mentions("langchain_core.language_models:BaseChatModel._iter_v2_events", "_stream_chat_model_events"),
    ),
    PrivateWay(
        ("VCRConnection", "_vcr_request", "_url", "real_connection"),
        "vcrpy",
        "",
        "nbhitl/models/passing.py",
        "none: a request raises",
        "requests over `http.client`, urllib3 and requests fail where requests are recorded",
        "tests/models/test_traffic.py::test_request_is_replayed_as_recorded",
        _mentions("vcr.stubs:VCRConnection", "_vcr_request", "_url", "real_connection"),
    ),
    PrivateWay(
        ("_load", "_save", "can_play_response_for", "play_response"),
        "vcrpy",
        "",
        "nbhitl/models/traffic.py",
        "none: a request raises",
        "requests fail where requests are recorded",
        "tests/models/test_traffic.py::test_request_is_replayed_as_recorded",
        _has("vcr.cassette:Cassette", "_load", "_save", "can_play_response_for", "play_response"),
    ),
    PrivateWay(
        ("_request", "_build_url", "_prepare_headers"),
        "aiohttp",
        "",
        "nbhitl/models/passing.py",
        "`originals`, once",
        "streams of aiohttp are read to the end first, also of hosts that are not recorded",
        "tests/models/test_traffic.py::test_request_is_replayed_as_recorded",
        _has("aiohttp:ClientSession", "_request", "_build_url", "_prepare_headers"),
    ),
    PrivateWay(
        ("_run", "_arun", "tools_by_name"),
        "langchain-core",
        "",
        "nbhitl/engines/local/functions.py",
        "`own_functions`, for each node",
        "the source of a tool is not read: its question is a guess by the payload",
        "tests/reading",
        lambda: (
            _has("langchain_core.tools:BaseTool", "_run", "_arun")()
            and _has("langgraph.prebuilt:ToolNode", "tools_by_name")()
        ),
        also_in=local("levels.py", "options.py", "reading/reader.py", "state.py"),
    ),
    PrivateWay(
        ("_wrap_tool_call", "_awrap_tool_call", "interrupt_on", "ls_integration"),
        "langchain",
        "",
        "nbhitl/engines/local/own_threads.py",
        "`OwnThreads`, for each thread that waits",
        "an inbox also lists calls of a tool that only another agent with the same checkpointer has",
        OWN_TEST,
        lambda: (
            _mentions("langgraph.prebuilt:ToolNode", "_wrap_tool_call", "_awrap_tool_call")()
            and _mentions("langchain.agents.middleware:HumanInTheLoopMiddleware", "interrupt_on")()
            and _mentions("langchain.agents:create_agent", "ls_integration")()
        ),
    ),
    PrivateWay(
        ("tool_call_with_context", "lc_agent_name"),
        "langchain",
        "",
        "nbhitl/engines/whose.py",
        "the input and the metadata of each task",
        "a question does not name its tool or its agent",
        "tests/engines/test_whose.py::test_questions_of_an_agent_s_tools_name_the_tool",
        lambda: (
            _mentions("langgraph.prebuilt.tool_node", "tool_call_with_context")()
            and _mentions("langchain.agents.factory", "lc_agent_name")()
        ),
    ),
    PrivateWay(
        ("anywidget:",),
        "anywidget",
        "",
        "nbhitl/ui/widget.py",
        "none: the page finds no part",
        "the page does not draw Markdown, coloured code and batches",
        "js/test/parts.test.tsx",
        _mentions("anywidget._traits", "anywidget:"),
    ),
    PrivateWay(
        ("_model_name",),
        "ipywidgets",
        "",
        "nbhitl/forms/widget.py",
        "`_asks_for_a_password`, for each widget in a form",
        "the value of a password widget is not recognised as a secret",
        "tests/forms/test_widget_form.py::test_password_of_a_widget_reaches_the_node_and_nothing_that_is_shown_or_kept",
        _has("ipywidgets:Password", "_model_name"),
    ),
    PrivateWay(
        ("_instances", "msg_id"),
        "ipywidgets",
        "",
        "nbhitl/kernel/standing.py",
        "`is_captured`, after each clearing of a cell's outputs",
        "a box that a node clears (`ipywidgets.Output`) shows the card, too",
        "tests/kernel/test_cleared.py::test_held_cell_keeps_the_card_when_a_node_clears_or_rewrites_outputs",
        _mentions("ipywidgets.widgets.widget", "_instances"),
    ),
    PrivateWay(
        ("_async_poll_output_msg", "_update_display_id", "widget_registry"),
        "nbclient",
        "",
        "nbhitl/testing/client.py",
        "none: the runner raises",
        "`pytest --nbhitl` does not run",
        "tests/kernel/test_person_client.py::test_comm_message_answers_the_awaiting_cell_through_the_door",
        _mentions("nbclient.client:NotebookClient", "_async_poll_output_msg", "_update_display_id", "widget_registry"),
    ),
    PrivateWay(
        ("_async_check_alive", "_async_cleanup_kernel"),
        "nbclient",
        "",
        "nbhitl/testing/runner/replayer.py",
        "none: the runner raises",
        "`pytest --nbhitl` does not run",
        "tests/testing/test_plugin.py",
        _has("nbclient:NotebookClient", "_async_check_alive", "_async_cleanup_kernel"),
    ),
    PrivateWay(
        ("provisioner",),
        "jupyter-client",
        "",
        "nbhitl/testing/runner/kernels.py",
        "`let_fork`, for each kernel",
        "kernels are started plainly with `--nbhitl-isolation=process`",
        "tests/testing/test_kernels.py",
        _has("jupyter_client.manager:KernelManager", "provisioner"),
    ),
    PrivateWay(
        ("__pydantic_fields__", "__pydantic_extra__", "__pydantic_root_model__"),
        "pydantic",
        "",
        "nbhitl/forms/schema/written.py",
        "`_members`, for each value",
        "a model is tested as the JSON that it writes",
        "tests/forms/test_schema_types.py",
        _mentions("pydantic.main:BaseModel", "__pydantic_fields__", "__pydantic_extra__", "__pydantic_root_model__"),
        also_in=local("reading/kinds.py"),
    ),
    PrivateWay(
        ("widget_manager", "context", "sharedModel", "updateOutputs"),
        "jupyterlab",
        "",
        "js/src/host.ts",
        "`placeOf`, before each record",
        "the answer stands below the card, or the card says why the answer is not recorded",
        "tests/browser/test_jupyter.py",
    ),
    PrivateWay(
        ("_msg_buffer", "_msg_buffer_callbacks", "send_sync_message", "rememberLastUpdateFor", "luminoWidget"),
        "jupyterlab-widgets",
        "",
        "js/src/host.ts",
        "`flush` and `viewOf`, for a widget in a form",
        "a change of the last moment may come after the answer",
        "tests/browser/test_forms_held.py",
    ),
    PrivateWay(
        ("create_view", "jupyter-widgets-error-widget"),
        "jupyterlab-widgets",
        "",
        "js/src/host.ts",
        "`viewOf` and `isDrawn`, for a widget in a form",
        "the card offers the JSON editor, or takes the manager's error box for the widget",
        "js/test/own-field.test.tsx",
    ),
    PrivateWay(
        ("has_model", "views", "_handle_comm_msg", "on_msg"),
        "jupyterlab-widgets",
        "",
        "js/src/given-up.ts",
        "`initialize`, for each card and inbox that comes into a page",
        "a card that a busy page has given up needs a reload of the page",
        "tests/browser/test_card.py::test_card_that_a_busy_page_has_given_up_is_drawn_and_answered_all_the_same",
    ),
    PrivateWay(
        ("jp-TrimmedOutputs-button", "jp-OutputArea-child"),
        "jupyterlab",
        "",
        "js/src/trimmed.ts",
        "none: no button is found",
        'a card below the first 50 outputs of a cell is drawn after a click on "Show more outputs"',
        "tests/browser/test_trimmed.py",
    ),
    PrivateWay(
        ("scrollToItem", "data-windowed-list-index", "windowedListIndex", "parent"),
        "jupyterlab",
        "",
        "js/src/windowed.ts",
        "`placeAway` and `bringBack`, for each waiting card",
        'in the windowing mode "full" no line tells a card out of the page, and Alt+Q does not lead there',
        "tests/browser/test_windowed.py",
    ),
    PrivateWay(
        ("latexTypesetter", "MJX-CHTML-styles"),
        "jupyterlab",
        "",
        "js/src/host.ts",
        "`typesetterOf`, for each card",
        "formulas are shown as LaTeX",
        "js/test/host.test.ts",
    ),
    PrivateWay(
        ("jp-OutputArea-child",),
        "jupyterlab",
        "",
        "js/src/outputs.ts",
        "none: the rules match nothing",
        "a cell shows the record twice",
        "tests/browser/test_calm.py",
    ),
    PrivateWay(
        ("output_container", "cell-output-ipywidget-background"),
        "@vscode/jupyter-ipywidgets8",
        "",
        "js/src/outputs.ts",
        "none: the rules match nothing",
        "in VS Code a cell shows the record twice, and a white box around the card",
        "tests/browser/vscode/test_vscode.py",
    ),
    PrivateWay(
        ("output_area",),
        "nbclassic",
        "",
        "js/src/outputs.ts",
        "none: the rule matches nothing",
        "a cell shows the record twice",
        "tests/browser/test_nbclassic.py",
    ),
    PrivateWay(
        ("disposed", "isDisposed"),
        "@vscode/jupyter-ipywidgets8",
        "",
        "js/src/host.ts",
        "`onceDisconnected`, for each card",
        "a card in VS Code notices a restarted kernel at the next message",
        "tests/browser/vscode/test_vscode.py",
    ),
    PrivateWay(
        ("__scheduled__",),
        "langgraph-checkpoint",
        "",
        "nbhitl/engines/local/kept_drafts.py",
        "`Drafts.keep`, which reads the first draft back",
        "no draft is kept, and the card says so",
        "tests/test_drafts_kept.py::test_checkpointer_that_keeps_the_first_write_keeps_no_draft_and_the_card_says_so",
        _mentions("langgraph.checkpoint.serde.types", "__scheduled__"),
    ),
    PrivateWay(
        ("serverSettings", "collaborative"),
        "jupyterlab",
        "",
        "js/src/host.ts",
        "`serverOf` and `hasSharedNotebook`, for each card",
        "the kernel's own user answers",
        "js/test/later.test.tsx",
    ),
    PrivateWay(
        ("data-lm-suppress-shortcuts",),
        "jupyterlab",
        "",
        "js/src/keyboard.ts",
        "none",
        "JupyterLab's shortcuts react to keys in the card",
        "js/test/keyboard.test.ts",
    ),
)


def table() -> str:
    """Return the table in Markdown, with the marks around."""
    head = f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}"
    return "\n".join([BEGIN, head, *(way.row() for way in WAYS), END])


def lacking() -> list[PrivateWay]:
    """Return the ways that the installed versions lack."""
    return [way for way in WAYS if way.is_there is not None and not _holds(way.is_there)]


def _holds(is_there: Callable[[], bool]) -> bool:
    try:
        return is_there()
    except (AttributeError, ImportError, OSError, PackageNotFoundError):
        return False


if __name__ == "__main__":
    file = ROOT / "ARCHITECTURE.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index(BEGIN)] + table() + text[text.index(END) + len(END) :], encoding="utf-8")
    for way in lacking():
        sys.stdout.write(f"{way.whose} lacks {', '.join(way.names)}: {way.fallback}\n")
