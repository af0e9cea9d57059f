"""The running cell: the callbacks and the outputs at the end of the cell."""

import gc
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nbhitl.kernel import LastOutput, after_this_cell, running_cell
from nbhitl.kernel import cell as module


class Kernel:
    """A kernel that only starts and ends cells."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[Any], None]] = []
        self.events = SimpleNamespace(
            register=lambda _event, call: self.callbacks.append(call),
            unregister=lambda _event, call: self.callbacks.remove(call),
        )
        self.request = {"msg_type": "execute_request", "msg_id": "1"}
        self.shown: list[Any] = []
        self.raised = 0

    def get_parent(self, _channel: str) -> Any:
        return {"header": self.request}

    def showtraceback(self) -> None:
        self.raised += 1

    def end(self, result: Any = None) -> None:
        for call in list(self.callbacks):
            call(SimpleNamespace(result=result, success=True))

    def next(self, request: str, kind: str = "execute_request") -> None:
        self.request = {"msg_type": kind, "msg_id": request}


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    kernel = Kernel()
    for name in ("_RUNNING", "_ENDED", "_LISTENING"):
        monkeypatch.setattr(module, name, [])
    monkeypatch.setattr(module, "running_kernel", lambda: kernel)
    monkeypatch.setattr(module, "_shell", lambda: kernel)
    monkeypatch.setattr(module, "show", lambda data, _metadata: kernel.shown.append(data["text/plain"]))
    return kernel


def output(text: str, *place: int) -> LastOutput:
    return LastOutput(place, lambda: {"text/plain": text}, {})


def test_last_outputs_are_sorted_and_come_after_all_that_is_left_to_do(kernel):
    cell = running_cell()
    for text, place in (("third", 3), ("dropped", 9), ("old", 1), ("second", 2)):
        assert cell.show_last(text, output(text, 0, place))
    cell.drop_last("dropped")
    cell.show_last("old", output("first", 0, 1))
    after_this_cell(lambda: kernel.shown.append("done"))

    def late() -> None:
        cell.show_last("late", output("fourth", 0, 4))

    cell.then(late)
    kernel.end()
    assert kernel.shown == ["done", "first", "second", "third", "fourth"]
    assert not cell.show_last("too late", output("?", 0))


def test_cell_that_a_magic_runs_within_a_cell_ends_nothing(kernel):
    shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
    ended, seen = list[int](), list[list[int]]()
    shell.events.register("post_run_cell", lambda _result: kernel.end())
    shell.user_ns.update(shell=shell, seen=seen, ended=ended, after_this_cell=after_this_cell)
    shell.run_cell("shell.run_cell('after_this_cell(lambda: ended.append(1))'); seen.append(list(ended))")
    assert seen == [[]]
    assert ended == [1]


def test_one_thing_that_raises_keeps_nothing_from_the_rest(kernel):
    def fail() -> None:
        raise ZeroDivisionError

    after_this_cell(fail)
    after_this_cell(lambda: kernel.shown.append("done"))
    kernel.end()
    assert (kernel.shown, kernel.raised) == (["done"], 1)


def test_last_output_that_cannot_be_drawn_keeps_nothing_from_the_rest(kernel):
    def fail() -> dict[str, Any]:
        raise ZeroDivisionError

    cell = running_cell()
    cell.show_last("first", LastOutput((0, 0), fail, {}))
    cell.show_last("second", output("second", 0, 1))
    kernel.end()
    assert (kernel.shown, kernel.raised) == (["second"], 1)


def test_each_execution_is_a_cell_of_its_own(kernel):
    first = running_cell()
    assert [first.add_card(), running_cell().add_card()] == [0, 1]
    kernel.end()
    kernel.next("2")
    second = running_cell()
    assert second is not first
    assert second.add_card() == 0
    second.show_last("x", output("of the second", 0))
    kernel.end()
    assert kernel.shown == ["of the second"]


def test_cell_that_has_ended_holds_nothing_of_its_reviews(kernel):
    class Review:
        def told(self):
            pass

    cell, review = running_cell(), Review()
    alive = weakref.ref(review)
    cell.then(review.told)
    cell.show_last(review, output("answer", 0))
    del review
    kernel.end()
    gc.collect()
    assert alive() is None


class DrawsItself:
    def _ipython_display_(self) -> None:
        pass


@pytest.mark.parametrize(("value", "shows"), [(None, False), ({"a": 1}, True), (0, True), (DrawsItself(), False)])
def test_ended_cell_knows_whether_the_value_of_the_last_line_is_shown(kernel, value, shows):
    cell, seen = running_cell(), []
    assert cell.shows_result is None
    cell.then(lambda: seen.append(cell.shows_result))
    kernel.end(value)
    assert seen == [shows]
    assert cell.shows_result is shows


@pytest.mark.parametrize("kind", ["execute_request", "comm_msg"])
def test_work_that_goes_on_after_its_cell_finds_no_running_cell(kernel, kind):
    running_cell()
    kernel.end()
    if kind == "comm_msg":
        kernel.next("3", kind)
    assert not running_cell().show_last("x", output("?", 0))
    after_this_cell(lambda: kernel.shown.append("after the next one"))
    kernel.next("4")
    assert running_cell().show_last("y", output("of the next", 0))
    kernel.end()
    assert sorted(kernel.shown) == ["after the next one", "of the next"]
    kernel.end()
    assert len(kernel.shown) == 2, "once"


def test_message_that_a_held_cell_lets_through_is_none_of_the_cell(kernel):
    cell = running_cell()
    kernel.next("5", "comm_msg")
    assert running_cell() is not cell
    after_this_cell(lambda: kernel.shown.append("after the cell"))
    kernel.next("1")
    assert running_cell() is cell
    kernel.end()
    assert kernel.shown == ["after the cell"]
