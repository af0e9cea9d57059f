"""Every way of making and calling a model is recorded, and replayed with no call and no key."""

import json
import re

import pytest
from langchain_core.caches import BaseCache, InMemoryCache
from langchain_core.globals import set_llm_cache
from langchain_core.language_models import FakeListChatModel
from langchain_core.load import dumps, loads

from tests.models import ways
from tests.models.provider import provider
from tests.models.recording import cell, normal

pytestmark = pytest.mark.needs("langchain_openai")

VARIABLES = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")


@pytest.fixture(scope="module")
def server():
    with provider() as running:
        yield running
    ways.RUNNER.close()


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    for name in VARIABLES:
        monkeypatch.setenv(name, ways.KEY)
    return tmp_path / "report.ipynb"


@pytest.mark.parametrize("way", ways.WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("maker", ways.MAKERS)
def test_call_is_replayed_as_recorded(server, notebook, maker, way):
    server.seen.clear()
    with cell(notebook, "all"):
        recorded = normal(way(ways.MAKERS[maker](server.url)))
    before = len(server.calls)
    with cell(notebook, "none"):
        replayed = normal(way(ways.MAKERS[maker]("http://127.0.0.1:9")))
    assert len(server.calls) == before
    assert without_ids(replayed) == without_ids(recorded)
    assert_clean(notebook.with_name("report.models.jsonl").read_text())


def test_llm_is_replayed_as_recorded(server, notebook):
    with cell(notebook, "all"):
        recorded = ways.llm_ways(ways.llm(server.url))
    with cell(notebook, "none"):
        assert ways.llm_ways(ways.llm("http://127.0.0.1:9")) == recorded
    assert_clean(notebook.with_name("report.models.jsonl").read_text())


class MakesEvents(FakeListChatModel):
    """A model that makes events of LangChain's third version itself, as a provider's class may."""

    made: list[str] = []  # noqa: RUF012 - pydantic copies the list for each model

    def _stream_chat_model_events(self, *_args, **_options):
        self.made.append("events")
        yield {"event": "message-start", "role": "ai"}
        yield {"event": "message-finish"}


@pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainBetaWarning")
@pytest.mark.parametrize("make", [ways.open_ai, lambda _: MakesEvents(responses=["Answer 1 to Count"])])
def test_events_of_the_third_version_are_recorded_and_replayed(server, notebook, make):
    server.seen.clear()
    with cell(notebook, "all"):
        recorded = "".join(make(server.url).stream_events("Count", version="v3").text)
    before = len(server.calls)
    with cell(notebook, "none"):
        assert "".join(make("http://127.0.0.1:9").stream_events("Count", version="v3").text) == recorded
    assert recorded == "Answer 1 to Count"
    assert len(server.calls) == before


def test_model_with_own_events_streams_own_events_where_nothing_is_recorded(server, notebook):
    with cell(notebook, "all"):
        model = MakesEvents(responses=["said"])
    assert list(model._stream_chat_model_events())
    assert model.made == ["events"]


IDS = re.compile(r"\b(call|chatcmpl|toolu|msg|fp|req|cmpl)[-_][0-9a-f]{8,}")
TIME = re.compile(r"\b1[5-9]\d{8}\b")


def without_ids(value):
    return IDS.sub("ID", repr(value))


def assert_clean(text):
    assert ways.KEY not in text
    assert "canary" not in text
    assert not IDS.search(text)
    assert not TIME.search(text)
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)
    for word in ("authorization", "x-request-id", "base_url", "127.0.0.1", "lc_run"):
        assert word not in text.lower()
    for line in text.splitlines():
        json.loads(line)


# --- caches of LangChain --------------------------------------------------------------------------


def cached_chat(url):
    model = ways.open_ai(url)
    return [model.invoke("again").content, ways.run(model.ainvoke("again")).content, *model.batch(["again"])[0].content]


def cached_llm(url):
    model = ways.llm(url)
    return [model.invoke("again"), ways.run(model.ainvoke("again")), model.generate(["again"]).generations[0][0].text]


of_loads = pytest.mark.filterwarnings(
    "ignore::langchain_core._api.LangChainBetaWarning", "ignore:The default value of .allowed_objects."
)


class WrittenCache(BaseCache):
    """A cache that writes answers as JSON, as `SQLiteCache` does."""

    def __init__(self):
        self.written = {}

    def lookup(self, prompt, llm_string):
        texts = self.written.get((prompt, llm_string))
        return None if texts is None else [loads(text) for text in texts]

    def update(self, prompt, llm_string, return_val):
        self.written[prompt, llm_string] = [dumps(each) for each in return_val]

    def clear(self, **_options):
        self.written.clear()


@pytest.fixture(params=[InMemoryCache, WrittenCache])
def fresh_cache(request):
    """Return a function that sets a new cache, as in a new kernel on another machine."""
    yield lambda: set_llm_cache(request.param())
    set_llm_cache(None)


@of_loads
@pytest.mark.parametrize("ask", [cached_chat, cached_llm])
def test_answers_of_a_cache_are_recorded_and_replayed_without_the_cache(server, notebook, fresh_cache, ask):
    server.seen.clear()
    fresh_cache()
    before = len(server.calls)
    with cell(notebook, "all"):
        first = ask(server.url)
    with cell(notebook, "all"):
        recorded = ask(server.url)
    assert recorded == first
    assert len(server.calls) == before + 1, "the cache has answered all further calls"
    fresh_cache()
    with cell(notebook, "none"):
        assert ask("http://127.0.0.1:9") == recorded
    set_llm_cache(None)
    with cell(notebook, "none"):
        assert ask("http://127.0.0.1:9") == recorded
    assert len(server.calls) == before + 1


@of_loads
def test_call_that_a_cache_answers_in_a_replay_only_needs_no_record(notebook, fresh_cache):
    fresh_cache()
    model = FakeListChatModel(responses=["one", "two"])
    with cell(notebook, "all", "cell-1"):
        model.invoke("a")
    with cell(notebook, "none", "cell-1"):
        model.invoke("a")
        assert model.invoke("a").content == "one"


@of_loads
def test_answer_of_a_cache_without_usage_is_replayed(notebook, fresh_cache):
    fresh_cache()
    model = FakeListChatModel(responses=["one", "two"])
    with cell(notebook, "all"):
        recorded = [normal(model.invoke("a")) for _ in range(2)]
    set_llm_cache(None)
    with cell(notebook, "none"):
        assert [normal(model.invoke("a")) for _ in range(2)] == recorded
    assert [each.content for each in recorded] == ["one", "one"]
