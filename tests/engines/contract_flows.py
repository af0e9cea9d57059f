"""Generators for the scripted engine, with the questions of the graphs of the same name in `contract_graphs`."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

Flow = Generator[Any, Any, Any]


def seed(value: Any) -> Flow:
    return {"text": (yield {"text_to_revise": value["text"]}), "runs": 1}


def silent(value: Any) -> Flow:
    yield from ()
    return {"text": value["text"].upper()}


def twice(value: Any) -> Flow:
    return {"answers": [(yield "First name?"), (yield "Last name?")]}


def loop(value: Any) -> Flow:
    answers: list[Any] = []
    while answers[-1:] != ["enough"]:
        answers.append((yield {"so far": len(answers)}))
    return {"answers": answers}


def picky(value: Any) -> Flow:
    return {"answers": [int((yield "How many?"))]}


def effect(value: Any) -> Flow:
    answer = yield "Send the mail?"
    with Path(value["gate"]).open("a") as mails:
        mails.write(f"{answer}\n")
