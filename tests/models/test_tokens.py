"""Tokens of recorded models in a card: in a replay the same as before, and the same result in all ways."""

import asyncio
from itertools import product
from typing import Any

import pytest

from nbhitl.engines import connect
from nbhitl.runs.run import Chunk
from tests import graphs
from tests.models import ways
from tests.models.recording import cell

pytestmark = pytest.mark.needs("langchain_openai")

WORDS = ["Answer ", "1 ", "to ", "Write"]


@pytest.fixture
def notebook(tmp_path, monkeypatch, server):
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, ways.KEY)
    server.seen.clear()
    return tmp_path / "report.ipynb"


def invokes(model: Any) -> str:
    return str(model.invoke("Write").text)


def streams(model: Any) -> str:
    return "".join(chunk.text for chunk in model.stream("Write"))


MANNERS: dict[str, dict[str, Any]] = {
    "as the graph calls them": {},
    "tokens=True": {"tokens": True},
    "stream_mode with messages": {"stream_mode": ["messages", "values"]},
}


def run(url: str, maker: str, call: Any, options: dict[str, Any]) -> tuple[Any, list[str]]:
    """Return the result of a run, and the model's texts in the card's progress."""
    model = ways.MAKERS[maker](url)
    graph = graphs.compile_node(lambda _state: {"some_text": call(model)}, "write")
    seen: list[Chunk] = []
    engine = connect(graph, **options)
    update = asyncio.run(engine.start(graphs.SEED_INPUT, seen.append))
    told = [chunk.data[0] for chunk in seen if chunk.mode in ("tokens", "messages")]
    return update.output, [text for text in map(text_of, told) if text]


def text_of(message: Any) -> str:
    content = message["content"] if isinstance(message, dict) else message.content
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def shape_of(output: Any) -> Any:
    """Return an output without the ids that LangGraph makes for each run."""
    if not isinstance(output, list):
        return output
    return [(mode, data if mode == "values" else text_of(data[0])) for mode, data in output]


def result_of(output: Any) -> Any:
    return output[-1][1] if isinstance(output, list) else output


@pytest.mark.parametrize("maker", ["ChatOpenAI", "ChatAnthropic"])
@pytest.mark.parametrize("call", [invokes, streams])
@pytest.mark.parametrize("manner", MANNERS)
def test_replay_shows_the_tokens_of_the_first_run(server, notebook, maker, call, manner):
    with cell(notebook, "all"):
        first, told = run(server.url, maker, call, MANNERS[manner])
    is_streamed = call is streams or MANNERS[manner]
    assert told[: len(WORDS)] == (WORDS if is_streamed else ["Answer 1 to Write"])
    with cell(notebook, "none"):
        again, told_again = run("http://127.0.0.1:9", maker, call, MANNERS[manner])
    assert told_again == told
    assert shape_of(again) == shape_of(first)


@pytest.mark.parametrize(("recorded", "replayed"), [pair for pair in product(MANNERS, MANNERS) if len(set(pair)) > 1])
def test_result_is_the_same_however_the_models_are_called_in_the_replay(server, notebook, recorded, replayed):
    with cell(notebook, "all"):
        first, _ = run(server.url, "ChatOpenAI", invokes, MANNERS[recorded])
    with cell(notebook, "none"):
        again, told = run("http://127.0.0.1:9", "ChatOpenAI", invokes, MANNERS[replayed])
    assert result_of(again) == result_of(first) == {"some_text": "Answer 1 to Write"}
    assert told[: len(WORDS)] == WORDS or told[0] == "Answer 1 to Write"
