"""Graphs of every kind that LangGraph knows: rows of the table."""

import asyncio
import operator
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Annotated, Any, NotRequired

from langchain_core.callbacks import adispatch_custom_event, dispatch_custom_event
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langgraph.cache.memory import InMemoryCache
from langgraph.channels import EphemeralValue, UntrackedValue
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_config, get_store, get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.managed import IsLastStep, RemainingSteps
from langgraph.runtime import Runtime
from langgraph.store.memory import InMemoryStore
from langgraph.types import CachePolicy, Command, Overwrite, RetryPolicy, Send, interrupt
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from tests.parity.cases import Log, case


class Text(TypedDict):
    text: str


class Notes(TypedDict, total=False):
    notes: Annotated[list[Any], operator.add]
    text: str


SCHEMAS = ("context_schema", "input_schema", "output_schema")


def chain(schema: Any, *nodes: Any, **options: Any) -> Any:
    """Return a compiled graph that runs the nodes in a row."""
    settings = {
        name: options.pop(name) for name in ("context_schema", "input_schema", "output_schema") if name in options
    }
    graph = StateGraph(schema, **settings)
    names = []
    for node in nodes:
        name, run = node if isinstance(node, tuple) else (node.__name__, node)
        graph.add_node(name, run)
        names.append(name)
    for one, other in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(one, other)
    return graph.compile(**options)


def asks(log: Log) -> Any:
    def ask(state: Text) -> Text:
        log("ask")
        return {"text": interrupt({"text_to_revise": state["text"]})}

    return ask


# --- schemas ----------------------------------------------------------------------------------


@case({"text": "a"}, "b")
def typed_dict(log: Log) -> Any:
    return chain(Text, asks(log))


class Answered(TypedDict):
    answer: str


class Question(TypedDict):
    question: str


class Everything(Question, Answered):
    secret_notes: str


@case({"question": "why?"}, "because")
def output_schema_hides_the_rest(log: Log) -> Any:
    def ask(state: Everything) -> Any:
        log("ask")
        return {"answer": interrupt(state["question"]), "secret_notes": "hidden"}

    return chain(Everything, ask, input_schema=Question, output_schema=Answered)


@case({"question": "why?"}, "because")
def last_node_writes_only_what_is_hidden(log: Log) -> Any:
    def ask(state: Everything) -> Any:
        return {"answer": interrupt(state["question"])}

    def file(state: Everything) -> Any:
        log(["file", state["answer"]])
        return {"secret_notes": "filed"}

    return chain(Everything, ask, file, output_schema=Answered)


class Private(TypedDict):
    private: str


@case({"text": "a"}, "b")
def private_channel(log: Log) -> Any:
    def first(state: Text) -> Private:
        return {"private": state["text"] + "!"}

    def ask(state: Private) -> Text:
        log(["ask", state])
        return {"text": interrupt(state["private"])}

    return chain(Text, first, ask)


class Model(BaseModel):
    text: str
    count: int = 0
    tags: list[str] = Field(default_factory=list)


@case({"text": "a"}, "b")
def pydantic_state(log: Log) -> Any:
    def ask(state: Model) -> Any:
        log(["ask", type(state).__name__])
        return {"text": interrupt(state.text), "count": state.count + 1}

    return chain(Model, ask)


class ModelOut(BaseModel):
    model_config = {"extra": "forbid"}
    text: str


@case({"text": "a"}, "b", version="v2", places="sync async")
def pydantic_output_of_version_2(log: Log) -> Any:
    def ask(state: Model) -> Any:
        return {"text": interrupt(state.text), "count": 3}

    return chain(Model, ask, output_schema=ModelOut)


@dataclass
class Data:
    text: str
    count: int = 0
    tags: list[str] = field(default_factory=list)


@case({"text": "a"}, "b")
def dataclass_state(log: Log) -> Any:
    def ask(state: Data) -> Any:
        log(["ask", type(state).__name__])
        return {"text": interrupt(state.text), "count": state.count + 1}

    return chain(Data, ask)


@dataclass
class DataOut:
    text: str


@case({"text": "a"}, "b", version="v2", places="sync async")
def dataclass_output_of_version_2(log: Log) -> Any:
    def ask(state: Data) -> Any:
        return {"text": interrupt(state.text), "count": 3}

    return chain(Data, ask, output_schema=DataOut)


@case({"text": "a"}, "b", version="v2", places="sync async")
def version_2(log: Log) -> Any:
    return chain(Text, asks(log))


@case({"notes": ["a"]}, "b", "c", version="v2", places="sync async", stream_mode="updates")
def version_2_in_chunks(log: Log) -> Any:
    def ask(state: Notes) -> Any:
        return {"notes": [interrupt("one?"), interrupt("two?")]}

    return chain(Notes, ask)


@case(["a"], "b")
def root_state(log: Log) -> Any:
    def ask(state: Any) -> Any:
        log(["ask", list(state)])
        return [interrupt("more?")]

    return chain(Annotated[list, operator.add], ask)


@case({"messages": [("user", "hello")]}, "hi")
def messages_state(log: Log) -> Any:
    def reply(state: MessagesState) -> Any:
        log(len(state["messages"]))
        return {"messages": [AIMessage(interrupt("reply?"))]}

    return chain(MessagesState, reply)


class MessagesWithoutReducer(TypedDict):
    messages: list[Any]


@case({"messages": [HumanMessage("hello")]}, "hi")
def messages_keep_having_no_id(log: Log) -> Any:
    def reply(state: MessagesWithoutReducer) -> Any:
        return {"messages": [AIMessage(interrupt("reply?"))]}

    return chain(MessagesWithoutReducer, reply)


class Optional(TypedDict):
    text: NotRequired[str]
    never: NotRequired[str]


@case({}, None)
def nothing_is_written(log: Log) -> Any:
    def ask(state: Optional) -> Any:
        log(interrupt("anything?"))

    return chain(Optional, ask)


class Kinds(TypedDict, total=False):
    text: str
    once: Annotated[str, EphemeralValue]
    aside: Annotated[str, UntrackedValue]
    last: IsLastStep
    left: RemainingSteps


@case({"text": "a"}, "b")
def channels_that_are_not_kept(log: Log) -> Any:
    def ask(state: Kinds) -> Any:
        return {"text": interrupt("text?"), "once": "once"}

    def see(state: Kinds) -> Any:
        log([state.get("once"), state.get("last"), state.get("left")])
        return {"text": state["text"] + str(state.get("once")), "aside": "aside"}

    def end(state: Kinds) -> Any:
        log([state.get("once"), state.get("aside")])

    return chain(Kinds, ask, see, end)


@case({"notes": ["a"]}, "b")
def overwrite(log: Log) -> Any:
    def ask(state: Notes) -> Any:
        return {"notes": Overwrite([interrupt("only?")])}

    return chain(Notes, ask)


# --- the functional API -----------------------------------------------------------------------


@case({"text": "a"}, "b")
def functional(log: Log) -> Any:
    @entrypoint()
    def workflow(value: dict[str, str]) -> dict[str, str]:
        log("workflow")
        return {"text": interrupt(value["text"])}

    return workflow


@case(["a", "b"], "c", in_any_order=True)
def tasks_side_by_side(log: Log) -> Any:
    @task
    def shout(text: str) -> str:
        log(["shout", text])
        return text.upper()

    @entrypoint()
    def workflow(texts: list[str]) -> list[str]:
        done = [shout(text) for text in texts]
        return [*(each.result() for each in done), interrupt("more?")]

    return workflow


@case(["a"], "c", places="async served")
def tasks_of_an_async_workflow(log: Log) -> Any:
    @task
    async def shout(text: str) -> str:
        log(["shout", text])
        return text.upper()

    @entrypoint()
    async def workflow(texts: list[str]) -> list[str]:
        return [*[await shout(text) for text in texts], interrupt("more?")]

    return workflow


@case("a", "b")
def task_that_asks(log: Log) -> Any:
    @task
    def ask(text: str) -> str:
        log(["ask", text])
        return str(interrupt(text))

    @entrypoint()
    def workflow(text: str) -> str:
        return ask(text).result() + "!"

    return workflow


@case(1, 2)
def final_with_previous(log: Log) -> Any:
    @entrypoint()
    def workflow(number: int, *, previous: Any = None) -> Any:
        log(["previous", previous])
        return entrypoint.final(value=interrupt(number), save="saved")

    return workflow


# --- graphs in graphs -------------------------------------------------------------------------


@case({"text": "a"}, "b")
def subgraph_as_node(log: Log) -> Any:
    return chain(Text, ("inner", chain(Text, asks(log))))


@case({"text": "a"}, "b")
def three_levels(log: Log) -> Any:
    return chain(Text, ("middle", chain(Text, ("inner", chain(Text, asks(log))))))


class Inner(TypedDict):
    word: str


@case({"text": "a"}, "b")
def subgraph_called_in_a_node(log: Log) -> Any:
    def ask(state: Inner) -> Inner:
        log("ask")
        return {"word": interrupt(state["word"])}

    inner = chain(Inner, ask)

    def call(state: Text) -> Text:
        log("call")
        return {"text": inner.invoke({"word": state["text"]})["word"]}

    return chain(Text, call)


@case({"text": "a"}, "b", places="async served")
def subgraph_called_in_an_async_node(log: Log) -> Any:
    async def ask(state: Inner) -> Inner:
        log("ask")
        return {"word": interrupt(state["word"])}

    inner = chain(Inner, ask)

    async def call(state: Text, config: RunnableConfig) -> Text:
        log("call")
        return {"text": (await inner.ainvoke({"word": state["text"]}, config))["word"]}

    return chain(Text, call)


@case({"text": "a"}, "b")
def subgraph_streamed_in_a_node(log: Log) -> Any:
    inner = chain(Text, asks(log))

    def call(state: Text) -> Text:
        chunks = list(inner.stream(state, stream_mode=["updates", "values"]))
        log([mode for mode, _ in chunks])
        return {"text": chunks[-1][1]["text"]}

    return chain(Text, call)


@case({"text": "a"}, "b", "c")
def subgraph_that_keeps_its_state(log: Log) -> Any:
    def count(state: Notes) -> Notes:
        log(len(state.get("notes", ())))
        return {"notes": [interrupt("note?")]}

    inner = chain(Notes, count, checkpointer=True)
    return chain(Notes, ("one", inner), ("two", inner))


@case({"text": "a"}, "b")
def subgraph_without_checkpoints_beside_a_question(log: Log) -> Any:
    def shout(state: Text) -> Text:
        log("shout")
        return {"text": state["text"].upper()}

    return chain(Text, ("inner", chain(Text, shout, checkpointer=False)), asks(log))


@case({"text": "a"}, "b")
def subgraph_without_checkpoints_after_a_question(log: Log) -> Any:
    def shout(state: Text) -> Text:
        log("shout")
        return {"text": state["text"].upper()}

    return chain(Text, asks(log), ("inner", chain(Text, shout, checkpointer=False)))


@case({"text": "a"}, "b")
def subgraph_without_checkpoints_called_after_a_question(log: Log) -> Any:
    def shout(state: Text) -> Text:
        log("shout")
        return {"text": state["text"].upper()}

    inner = chain(Text, shout, checkpointer=False)

    def call(state: Text) -> Text:
        return {"text": inner.invoke(state)["text"]}

    return chain(Text, asks(log), call)


@case({"text": "a"}, "b")
def tasks_after_a_question(log: Log) -> Any:
    @task
    def shout(text: str) -> str:
        log(["shout", text])
        return text.upper()

    @entrypoint()
    def workflow(value: Text) -> str:
        return shout(interrupt(value["text"])).result()

    return workflow


@case({"text": "a"}, "b")
def subgraph_in_a_task(log: Log) -> Any:
    inner = chain(Text, asks(log))

    @task
    def call(text: str) -> str:
        return str(inner.invoke({"text": text})["text"])

    @entrypoint()
    def workflow(value: Text) -> str:
        return call(value["text"]).result()

    return workflow


@case({"text": "a"}, "b")
def graph_with_a_thread_of_its_own_in_a_node(log: Log) -> Any:
    other = chain(Text, asks(log), checkpointer=InMemorySaver())

    def drive(state: Text) -> Text:
        config: Any = {"configurable": {"thread_id": f"own {state['text']}"}}
        first = other.invoke({"text": state["text"]}, config)
        log(sorted(first))
        return {"text": other.invoke(Command(resume="own answer"), config)["text"]}

    return chain(Text, asks(log), drive)


@case({"text": "a"}, "b")
def output_schema_of_a_subgraph(log: Log) -> Any:
    def ask(state: Everything) -> Any:
        log("ask")
        return {"answer": interrupt("why?"), "secret_notes": "hidden"}

    class Outer(TypedDict):
        text: str
        answer: str
        secret_notes: str

    return chain(Outer, ("inner", chain(Everything, ask, output_schema=Answered)))


# --- the way through a graph ------------------------------------------------------------------


@case({"notes": ["a", "b", "c"]}, 1, 2, 3, in_any_order=True)
def sends(log: Log) -> Any:
    def ask(state: Any) -> Notes:
        log(["ask", state["one"]])
        return {"notes": [[state["one"], interrupt(state["one"])]]}

    def spread(state: Notes) -> list[Send]:
        return [Send("ask", {"one": each}) for each in state["notes"]]

    return StateGraph(Notes).add_node(ask).add_conditional_edges(START, spread, ["ask"]).compile()


@case({"notes": []}, "l", "r", in_any_order=True)
def branches_that_join_late(log: Log) -> Any:
    def left(state: Notes) -> Notes:
        log("left")
        return {"notes": [interrupt("left?")]}

    def right(state: Notes) -> Notes:
        log("right")
        return {"notes": [interrupt("right?")]}

    def longer(state: Notes) -> Notes:
        log("longer")
        return {"notes": ["longer"]}

    def join(state: Notes) -> Notes:
        log(["join", sorted(state["notes"])])
        return {"text": ",".join(sorted(state["notes"]))}

    graph = StateGraph(Notes).add_node(left).add_node(right).add_node(longer).add_node("join", join, defer=True)
    graph.add_edge(START, "left").add_edge(START, "right").add_edge("right", "longer")
    return graph.add_edge("left", "join").add_edge("longer", "join").compile()


@case({"text": "a"}, "again", "stop")
def command_goes_back(log: Log) -> Any:
    def ask(state: Text) -> Command[Any]:
        log("ask")
        answer = interrupt("on?")
        return Command(goto="ask" if answer == "again" else "end", update={"text": state["text"] + answer})

    def end(state: Text) -> Text:
        return {"text": state["text"] + "."}

    return StateGraph(Text).add_node(ask).add_node(end).add_edge(START, "ask").compile()


@case({"text": "a"}, "b")
def command_to_the_parent(log: Log) -> Any:
    def ask(state: Text) -> Command[Any]:
        log("ask")
        return Command(graph=Command.PARENT, goto="after", update={"text": interrupt("b?")})

    def after(state: Text) -> Text:
        log(["after", state["text"]])
        return {"text": state["text"] + "!"}

    inner = chain(Text, ask)
    return StateGraph(Text).add_node("inner", inner).add_node(after).add_edge(START, "inner").compile()


@case(Command(goto="two", update={"notes": ["jumped"]}), "b", places="sync async")
def command_as_input(log: Log) -> Any:
    def one(state: Notes) -> Notes:
        log("one")
        return {"notes": ["one"]}

    def two(state: Notes) -> Notes:
        log(["two", state["notes"]])
        return {"notes": [interrupt("b?")]}

    return StateGraph(Notes).add_node(one).add_node(two).add_edge(START, "one").compile()


@case({"text": "a"}, "Ann", "Lee")
def two_questions_in_a_node(log: Log) -> Any:
    def ask(state: Text) -> Text:
        log("ask")
        return {"text": f"{interrupt('first?')} {interrupt('last?')}"}

    return chain(Text, ask)


@case({"text": "a"}, "yes")
def question_in_an_edge(log: Log) -> Any:
    def one(state: Text) -> Text:
        log("one")
        return {"text": "one"}

    def end(state: Text) -> Text:
        return {"text": state["text"] + "."}

    def choose(state: Text) -> str:
        return "end" if interrupt("end?") == "yes" else END

    graph = StateGraph(Text).add_node(one).add_node(end).add_edge(START, "one")
    return graph.add_conditional_edges("one", choose, ["end", END]).compile()


@case({"text": "a"})
def nobody_is_asked(log: Log) -> Any:
    def shout(state: Text) -> Text:
        log("shout")
        return {"text": state["text"].upper()}

    return chain(Text, shout)


# --- policies, stores, contexts ---------------------------------------------------------------


@case({"text": "a"}, "b")
def retries(log: Log) -> Any:
    tries = []

    def flaky(state: Text) -> Text:
        tries.append(1)
        log(["flaky", len(tries)])
        if len(tries) < 3:
            raise ConnectionError("once more")
        return {"text": state["text"] + str(len(tries))}

    graph = StateGraph(Text).add_node("flaky", flaky, retry_policy=RetryPolicy(initial_interval=0.001, jitter=False))
    return graph.add_node("ask", asks(log)).add_edge(START, "flaky").add_edge("flaky", "ask").compile()


@case({"text": "a"}, "b")
def cached_node(log: Log) -> Any:
    def slow(state: Text) -> Any:
        log("slow")
        return {"notes": ["slow"]}

    class Both(Text):
        notes: Annotated[list[str], operator.add]

    graph = StateGraph(Both).add_node("slow", slow, cache_policy=CachePolicy(key_func=lambda _: "same"))
    graph.add_node("again", slow, cache_policy=CachePolicy(key_func=lambda _: "same")).add_node("ask", asks(log))
    graph.add_edge(START, "slow").add_edge("slow", "ask").add_edge("ask", "again").add_edge("again", END)
    return graph.compile(cache=InMemoryCache())


@case({"text": "a"}, "b", places="sync async")
def store(log: Log) -> Any:
    def remember(state: Text) -> Any:
        get_store().put(("names",), "one", {"text": state["text"]})

    def recall(state: Text, runtime: Runtime[Any]) -> Text:
        assert runtime.store is not None
        found = runtime.store.get(("names",), "one")
        log(found.value if found else None)
        return {"text": interrupt("b?") + str(found.value if found else None)}

    return chain(Text, remember, recall, store=InMemoryStore())


@dataclass
class Context:
    user: str = "nobody"


@case({"text": "a"}, "b", context={"user": "Ann"})
def context(log: Log) -> Any:
    def ask(state: Text, runtime: Runtime[Context]) -> Text:
        log(runtime.context)
        return {"text": f"{runtime.context.user} {interrupt('b?')}"}

    return chain(Text, ask, context_schema=Context)


OF_THE_RUN = ("langgraph_", "run_", "thread_id", "nbhitl_")
"""Beginnings of the keys of metadata that differ from run to run; nbhitl's key finds a lost run on a server."""


def seen_config(config: RunnableConfig) -> Any:
    """Return the part of the config that users' nodes read."""
    metadata = {key: each for key, each in config["metadata"].items() if not key.startswith(OF_THE_RUN)}
    own = {
        key: each
        for key, each in config["configurable"].items()
        if not key.startswith(("__", "checkpoint", *OF_THE_RUN))
    }
    rest = {key: config.get(key) for key in ("recursion_limit", "max_concurrency", "run_name")}
    return [sorted(config["tags"]), metadata, own, rest]


CONFIG = {
    "tags": ["mine"],
    "metadata": {"who": "Ann", "deep": {"x": 1}},
    "run_name": "my run",
    "recursion_limit": 7,
    "configurable": {"level": 3, "listed": ["x"]},
}


@case({"text": "a"}, "b", "c", config=CONFIG)
def config_seen_by_nodes(log: Log) -> Any:
    def ask(state: Text, config: RunnableConfig) -> Text:
        log(seen_config(config))
        assert get_config()["metadata"] == config["metadata"]
        return {"text": interrupt("b?")}

    return chain(Text, ask, ("inner", chain(Text, ask)))


@case(
    {"text": "a"},
    "b",
    config={"tags": ["given"], "metadata": {"from": "call"}, "max_concurrency": 1},
    places="sync async",
)
def config_bound_to_the_graph(log: Log) -> Any:
    def ask(state: Text, config: RunnableConfig) -> Text:
        log(seen_config(config))
        return {"text": interrupt("b?")}

    graph = chain(Text, ask, name="named")
    return graph.with_config(tags=["bound"], metadata={"bound": True}, recursion_limit=9, configurable={"own": "x"})


@case({"text": "a"}, "b", places="sync async", config={"thread_hint": "x", "configurable": {"checkpoint_ns": ""}})
def config_with_loose_keys(log: Log) -> Any:
    def ask(state: Text, config: RunnableConfig) -> Text:
        log(seen_config(config))
        return {"text": interrupt("b?")}

    return chain(Text, ask)


@case({"text": "a"}, "b", config={"recursion_limit": 4})
def recursion_limit(log: Log) -> Any:
    def ask(state: Text) -> Text:
        log("ask")
        return {"text": interrupt("b?")}

    def turn(state: Text) -> Text:
        log("turn")
        return {"text": state["text"] + "."}

    graph = StateGraph(Text).add_node(ask).add_node(turn).add_edge(START, "ask").add_edge("ask", "turn")
    return graph.add_edge("turn", "turn").compile()


@case({"text": "a"}, "b")
def node_raises_after_the_answer(log: Log) -> Any:
    def ask(state: Text) -> Text:
        log("ask")
        interrupt("b?")
        return state

    def fail(state: Text) -> Text:
        raise ZeroDivisionError("after the answer")

    return chain(Text, ask, fail)


@case({"text": "a"}, "b", places="sync async")
def runnable_with_parts(log: Log) -> Any:
    steps = RunnableLambda(lambda state: state["text"] + "1", name="first") | RunnableLambda(
        lambda text: {"text": f"{text}{interrupt('b?')}"}, name="second"
    )
    return chain(Text, ("steps", steps))


@case({"text": "a"}, "b")
def custom_events_and_writes(log: Log) -> Any:
    def write(state: Text) -> Any:
        get_stream_writer()({"progress": 1, "total": 2})
        dispatch_custom_event("mine", {"x": 1})

    return chain(Text, write, asks(log))


@case({"text": "a"}, "b", places="async")
def custom_events_of_an_async_node(log: Log) -> Any:
    async def write(state: Text) -> Any:
        get_stream_writer()("written")
        await adispatch_custom_event("mine", {"x": 1})
        await asyncio.gather(*(asyncio.to_thread(log, "in a thread") for _ in range(2)))

    return chain(Text, write, asks(log))


@case({"text": "a"}, "b", places="sync async")
def writer_used_in_a_pool_of_threads(log: Log) -> Any:
    """Not on a server: there events are streamed for the card, and LangGraph's writer fails in such a thread."""

    def work(state: Text) -> Any:
        write = get_stream_writer()
        with ThreadPoolExecutor(2) as pool:
            log(list(pool.map(write, range(3))))

    return chain(Text, work, asks(log))


@case({"text": "a"}, "b", places="sync async")
def nodes_that_share_their_thread(log: Log) -> Any:
    """As nodes that share a connection to SQLite, which only the thread that opened the connection may use."""
    threads: list[threading.Thread] = []

    def first(state: Text) -> Any:
        threads.append(threading.current_thread())

    def second(state: Text) -> Any:
        log(threading.current_thread() is threads[-1])

    return chain(Text, first, second, asks(log))


@case({"notes": ["a", "b"]}, "c", config={"max_concurrency": 1}, places="sync async")
def one_node_at_a_time(log: Log) -> Any:
    at_work: list[Any] = []

    def work(state: Any) -> Notes:
        at_work.append(state["one"])
        log(len(at_work))
        at_work.pop()
        return {"notes": [state["one"]]}

    def spread(state: Notes) -> list[Send]:
        return [Send("work", {"one": each}) for each in state["notes"]]

    def ask(state: Notes) -> Notes:
        get_stream_writer()("asked")
        return {"notes": [interrupt("c?")]}

    graph = StateGraph(Notes).add_node(work).add_node(ask).add_conditional_edges(START, spread, ["work"])
    return graph.add_edge("work", "ask").compile()


# --- the options of invoke --------------------------------------------------------------------


@case({"text": "a"}, "b", stream_mode="updates", places="sync async")
def chunks_of_one_mode(log: Log) -> Any:
    return chain(Text, ("inner", chain(Text, asks(log))))


@case({"text": "a"}, "b", stream_mode=["custom", "values"], places="sync async")
def chunks_of_two_modes(log: Log) -> Any:
    def write(state: Text) -> Any:
        get_stream_writer()("written")

    return chain(Text, asks(log), write)


@case({"text": "a"}, "b", stream_mode="tasks", places="sync async")
def chunks_of_tasks(log: Log) -> Any:
    return chain(Text, ("inner", chain(Text, asks(log))))


@case({"text": "a"}, "b", stream_mode=["debug", "checkpoints"], places="sync async")
def chunks_for_debugging(log: Log) -> Any:
    return chain(Text, asks(log))


@case({"question": "why?"}, "because", output_keys="secret_notes", places="sync async")
def one_output_key(log: Log) -> Any:
    return output_schema_hides_the_rest(log)


@case({"question": "why?"}, "because", output_keys=["answer", "question"], places="sync async")
def output_keys(log: Log) -> Any:
    return output_schema_hides_the_rest(log)


@case({"text": "a"}, None, interrupt_before=["second"])
def breakpoint_before(log: Log) -> Any:
    def first(state: Text) -> Text:
        log("first")
        return {"text": state["text"] + "1"}

    def second(state: Text) -> Text:
        log("second")
        return {"text": state["text"] + "2"}

    return chain(Text, first, second)


@case({"text": "a"}, None, interrupt_after="*")
def breakpoint_after_each(log: Log) -> Any:
    return breakpoint_before(log)


@case({"text": "a"}, None, "b")
def breakpoint_of_the_graph_and_a_question(log: Log) -> Any:
    return chain(Text, asks(log), interrupt_before=["ask"])


@case({"text": "a"}, "b", print_mode="updates", places="sync async")
def prints_for_debugging(log: Log) -> Any:
    return chain(Text, ("inner", chain(Text, asks(log))))


@case({"text": "a"}, "b", places="sync async")
def graph_for_debugging(log: Log) -> Any:
    return chain(Text, ("inner", chain(Text, asks(log))), debug=True)


@case({"text": "a"}, "b", debug=True, places="sync async")
def call_for_debugging(log: Log) -> Any:
    return chain(Text, asks(log))


@case({"text": "a"}, "b", durability="exit")
def saved_at_the_exit(log: Log) -> Any:
    return chain(Text, asks(log))


class Seats(BaseModel):
    seats: int


@case({"text": "a"}, {"seats": 3})
def answer_with_a_schema(log: Log) -> Any:
    def ask(state: Text) -> Text:
        answer: Any = interrupt("seats?", response_schema=Seats)
        log(type(answer).__name__)
        return {"text": str(answer)}

    return chain(Text, ask)
