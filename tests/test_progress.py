"""The progress of a run that is shown while the run works."""

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import Any, ClassVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

import nbhitl
from nbhitl.core.progress import PIECE, Seen
from nbhitl.core.watching import Watching
from nbhitl.engines import connect
from nbhitl.engines.local.prints import TaskOutputs, overheard
from nbhitl.errors import UsageError
from nbhitl.protocol import PIECES
from nbhitl.runs.run import Chunk
from tests import graphs
from tests.graphs import SEED_INPUT


def seen(*chunks):
    progress = Seen()
    for chunk in chunks:
        progress.add(chunk)
    return progress


def begins(name, key="t1", path=()):
    return Chunk("tasks", {"id": key, "name": name, "input": {}, "triggers": ()}, path)


def ends(name, key="t1", path=(), **outcome):
    return Chunk("tasks", {"id": key, "name": name, "error": None, "interrupts": [], **outcome}, path)


def states(progress):
    return {step["node"]: (step["state"], step["runs"], step["again"]) for step in progress.view()["steps"]}


def test_node_is_running_until_its_task_ends():
    progress = seen(begins("ask"))
    assert states(progress) == {"ask": ("running", 1, False)}
    progress.add(ends("ask"))
    assert states(progress) == {"ask": ("done", 1, False)}


@pytest.mark.parametrize(
    ("outcome", "state"), [({"error": "ValueError()"}, "failed"), ({"interrupts": [{"id": "i"}]}, "asking")]
)
def test_node_that_raised_or_asks_is_shown_so(outcome, state):
    assert states(seen(begins("ask"), ends("ask", **outcome)))["ask"][0] == state


def test_error_handler_is_shown_as_its_node_whose_own_task_has_failed_and_never_ends():
    handler = "__error_handler__work"
    progress = seen(begins("work"), ends("work", error="ValueError()"), ends(handler, "t2", interrupts=[{}]))
    assert states(progress) == {"work": ("asking", 2, False)}
    progress.new_segment()
    progress.add(begins("work"))
    progress.add(begins(handler, "t2"))
    assert states(progress)["work"][0] == "running"
    progress.add(ends(handler, "t2"))
    assert states(progress) == {"work": ("done", 3, True)}


def test_outputs_after_an_error_handler_do_not_wait_for_the_task_that_has_failed():
    class Lane:
        at_work: ClassVar[set[str]] = set()

        def begin(self, task: str, _within: str | None) -> None:
            self.at_work.add(task)

        def end(self, *tasks: str) -> None:
            self.at_work.difference_update(tasks)

    lane = Lane()
    outputs = TaskOutputs(cast("Any", lane))
    for chunk in (begins("work"), begins("__error_handler__work", "t2"), ends("__error_handler__work", "t2")):
        outputs.saw(chunk)
    assert lane.at_work == set()


def test_same_task_that_runs_once_more_has_run_its_code_again():
    progress = seen(begins("ask"), ends("ask", interrupts=[{}]), begins("ask"))
    assert states(progress) == {"ask": ("running", 2, True)}


def test_loop_that_comes_to_a_node_again_has_not_run_its_code_again_for_an_answer():
    assert states(seen(begins("ask"), ends("ask"), begins("ask", "t2"), ends("ask", "t2")))["ask"] == ("done", 2, False)


def test_finished_sibling_whose_result_is_used_again_did_not_run_again():
    cached = Chunk("updates", {"plain": {}, "__metadata__": {"cached": True}})
    assert states(seen(begins("plain"), ends("plain"), begins("plain"), cached)) == {"plain": ("done", 1, False)}


def test_node_of_a_subgraph_has_its_whole_path_and_langgraphs_own_tasks_are_not_shown():
    assert list(states(seen(begins("ask", path=("outer:abc",)), begins("__start__")))) == ["outer/ask"]


def test_nothing_runs_after_the_segment_and_the_texts_of_models_are_dropped():
    progress = seen(begins("ask"), Chunk("messages", ({"type": "AIMessageChunk", "content": "Hel", "id": "m"}, {})))
    assert progress.view()["spoken"][0]["text"] == "Hel"
    progress.segment_ended()
    assert states(progress)["ask"][0] == "done"
    assert progress.view()["spoken"] == []


@pytest.mark.parametrize(
    ("event", "bar"),
    [
        ({"progress": 3, "total": 10, "label": "rows"}, ("rows", 3.0, 10.0)),
        ({"progress": 0.5}, ("", 0.5, 1.0)),
        ({"current": 2, "max": 4, "message": "pages"}, ("pages", 2.0, 4.0)),
    ],
)
def test_custom_event_with_the_usual_words_is_a_progress_bar(event, bar):
    (shown,) = seen(Chunk("custom", event)).view()["bars"]
    assert (shown["label"], shown["done"], shown["total"]) == bar


def test_bar_moves_and_other_events_are_texts_of_which_the_last_are_kept():
    progress = seen(*(Chunk("custom", {"progress": n, "total": 3, "label": "rows"}) for n in range(3)))
    assert [bar["done"] for bar in progress.view()["bars"]] == [2.0]
    for n in range(9):
        progress.add(Chunk("custom", {"found": n}))
    assert progress.view()["events"][-1] == '{ "found": 8 }'
    assert len(progress.view()["events"]) == 5


def test_task_is_put_aside_while_the_run_waits_and_is_there_for_whoever_looks(monkeypatch):
    read: list[Chunk] = []
    monkeypatch.setattr(Seen, "add", lambda _seen, chunk: read.append(chunk))
    monkeypatch.setattr(Watching, "_show_soon", lambda _watching: None)
    watching = Watching()
    watching.saw(begins("write"))
    assert read == []
    assert watching.progress()["kind"] == "progress"
    assert read == [begins("write")]


def test_log_keeps_its_end():
    log = seen(Chunk("log", "a" * PIECE * PIECES), Chunk("log", "end")).view()["log"]
    assert log.endswith("aend")
    assert PIECE * (PIECES - 1) < len(log) <= PIECE * PIECES


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["custom", "log", "updates"]),
            st.recursive(
                st.none() | st.booleans() | st.floats() | st.text(),
                lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            ),
        )
    )
)
def test_no_event_of_a_graph_breaks_the_display(chunks):
    progress = seen(*(Chunk(mode, str(data) if mode == "log" else data) for mode, data in chunks))
    assert progress.view()["kind"] == "progress"


class Says(GenericFakeChatModel):
    """A model that notes which of its methods were called."""

    called: list[str] = []  # noqa: RUF012 - pydantic copies the list for each model

    def _generate(self, *args: Any, **options: Any) -> Any:
        self.called.append("generate")
        return super()._generate(*args, **options)

    def _stream(self, *args: Any, **options: Any) -> Any:
        self.called.append("stream")
        return super()._stream(*args, **options)


def writes(model: Any, call: Callable[[Any], str]) -> Any:
    return graphs.compile_node(lambda _state: {"some_text": call(model)}, "write")


def invoked(model: Any) -> str:
    return str(model.invoke("Write").content)


def streamed(model: Any) -> str:
    return "".join(str(chunk.content) for chunk in model.stream("Write"))


def says() -> Says:
    return Says(messages=iter([AIMessage("Dear Ann, hello")]))


def shown(graph: Any, **options: Any) -> list[tuple[str, Any]]:
    """Return the messages of models that the card was told, with their types."""
    seen: list[Chunk] = []
    engine = connect(graph, **options)
    asyncio.run(engine.start(SEED_INPUT, seen.append))
    return [(chunk.data[0]["type"], chunk.data[0]["content"]) for chunk in seen if chunk.mode == "tokens"]


def test_model_is_called_unchanged_and_the_message_is_shown_whole():
    model = says()
    assert shown(writes(model, invoked)) == [("ai", "Dear Ann, hello")]
    assert model.called == ["generate"]


@pytest.mark.parametrize("run", ["sync", "async"])
def test_tokens_of_a_model_that_the_node_streams_are_shown_at_once(run):
    said = shown(writes(says(), streamed), run=run)
    assert said[-1] == ("ai", "Dear Ann, hello")
    assert [content for kind, content in said if kind == "AIMessageChunk"] == ["Dear", " ", "Ann,", " ", "hello"]


def test_tokens_are_of_the_node_of_a_subgraph_that_called_the_model():
    seen: list[Chunk] = []
    graph = graphs.compile_node(writes(says(), invoked), "inner")
    asyncio.run(connect(graph).start(SEED_INPUT, seen.append))
    (chunk,) = [chunk for chunk in seen if chunk.mode == "tokens"]
    assert [part.split(":")[0] for part in chunk.path] == ["inner"]
    assert chunk.data[1]["langgraph_node"] == "write"


def test_tokens_true_makes_every_model_stream():
    model = says()
    card = nbhitl.review(writes(model, invoked), SEED_INPUT, tokens=True)
    assert card.result == {"some_text": "Dear Ann, hello"}
    said = [message.content for message, _ in card.stream("messages")]
    assert [each for each in said if each] == ["Dear", " ", "Ann,", " ", "hello"]
    assert "stream" in model.called


def test_next_turn_streams_as_the_one_before_did():
    model = Says(messages=iter([AIMessage("one more"), AIMessage("one more")]))
    card = nbhitl.review(writes(model, invoked), SEED_INPUT, tokens=True)
    turn = card.send(SEED_INPUT)
    assert turn.result == {"some_text": "one more"}
    assert [message.content for message, _ in turn.stream("messages")][:2] == ["one", " "]


def test_mode_that_is_not_streamed_is_refused_with_the_argument_to_write():
    card = nbhitl.review(graphs.asks_nothing(), SEED_INPUT)
    with pytest.raises(UsageError, match=r"nbhitl.review\(..., tokens=True\), which makes every chat model stream"):
        card.stream("messages")
    with pytest.raises(UsageError, match="does not stream 'debug', but custom, tasks, updates, values"):
        card.stream(["values", "debug"])


def test_stream_mode_of_the_users_own_that_holds_messages_streams_them():
    model = says()
    card = nbhitl.review(writes(model, invoked), SEED_INPUT, stream_mode=["messages", "values"])
    assert card.result[-1] == ("values", {"some_text": "Dear Ann, hello"})
    assert "stream" in model.called
    assert len(list(card.stream("messages"))) > 1


@pytest.mark.parametrize("options", [{"tokens": True}, {"stream_mode": "custom"}])
def test_one_thread_for_nodes_and_stream_is_refused_before_the_run_hangs(options):
    with pytest.raises(UsageError, match='max_concurrency=1 leaves no thread .* run="async"'):
        nbhitl.review(graphs.seed(), SEED_INPUT, {"max_concurrency": 1}, **options)


def test_prints_and_logs_are_heard_by_their_own_run_only_and_printed_all_the_same(capsys):
    logging.getLogger("mine").warning("before")
    mine: list[Chunk] = []
    with overheard(mine.append):
        print("printed")  # noqa: T201
        logging.getLogger("mine").warning("logged")
    print("after")  # noqa: T201
    assert [chunk.data for chunk in mine if "printed" in chunk.data] == ["printed"]
    assert any("logged" in chunk.data for chunk in mine)
    assert not any("after" in chunk.data or "before" in chunk.data for chunk in mine)
    assert capsys.readouterr().out == "printed\nafter\n"


def test_streams_and_loggers_are_as_before_when_no_run_works():
    before = sys.stdout, sys.stderr, list(logging.getLogger().handlers)
    with overheard(lambda chunk: None):
        assert sys.stdout is not before[0]
    assert (sys.stdout, sys.stderr, list(logging.getLogger().handlers)) == before
