"""Graphs whose pauses do not reach the person: caught by a node, or asked side by side under the same id."""

from typing import Any, TypedDict

from langchain_core.messages import AIMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import interrupt


class Word(TypedDict):
    """A word."""

    word: str


def _ask(state: Word) -> Word:
    return {"word": interrupt(f"Which word, if not {state['word']!r}?")}


_inner = StateGraph(Word).add_node("ask", _ask).add_edge(START, "ask").compile()


def _careless(state: Word) -> Word:
    try:
        return {"word": _inner.invoke(state)["word"]}
    except Exception:  # noqa: BLE001 - as in people's code
        return {"word": "no word"}


careless = StateGraph(Word).add_node("careless", _careless).add_edge(START, "careless").compile()


def pick(word: str) -> str:
    """Ask a person."""
    return str(interrupt(f"Pick {word}?"))


def _call(state: MessagesState) -> Any:
    assert not state["messages"]
    calls: Any = [{"name": "pick", "args": {"word": word}, "id": word} for word in ("a", "b")]
    return {"messages": [AIMessage("", tool_calls=calls)]}


_tools: Any = ToolNode([pick], name="act")
_pickers = StateGraph(MessagesState).add_node("call", _call).add_node("act", _tools).add_edge("call", "act")
pickers = (
    StateGraph(MessagesState).add_node("team", _pickers.add_edge(START, "call").compile()).add_edge(START, "team")
).compile()
