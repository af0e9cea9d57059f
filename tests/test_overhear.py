"""The output while a run works: the stream that gets a print, and the life of the wrapper around that stream."""

import contextlib
import io
import os
import subprocess
import sys
import weakref
from contextlib import ExitStack

from nbhitl.engines.local import prints
from nbhitl.engines.local.prints import overheard

ENDS_IN_A_PRINT = """
from contextlib import ExitStack
from nbhitl.engines.local.prints import overheard

class Ends:
    def __str__(self):
        run.close()
        return "ended"

run = ExitStack()
run.enter_context(overheard(lambda chunk: None))
print("before", Ends(), "after")
"""


def test_print_goes_on_when_the_run_ends_in_the_middle_of_it():
    # PYTHONMALLOC=debug overwrites freed memory, so that a use of freed memory crashes for certain.
    done = subprocess.run(
        [sys.executable, "-c", ENDS_IN_A_PRINT],
        env={**os.environ, "PYTHONMALLOC": "debug"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "before ended after\n")


def test_same_stream_gets_the_same_wrapper_in_each_run():
    with overheard(lambda chunk: None):
        first = sys.stdout
    with overheard(lambda chunk: None):
        assert sys.stdout is first


def test_stream_that_only_we_would_hold_is_let_go_after_the_run(monkeypatch):
    before = len(prints._wrappers)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with overheard(lambda chunk: None):
        print("heard")  # noqa: T201
    gone = weakref.ref(sys.stdout)
    assert gone() is not None
    monkeypatch.undo()
    assert gone() is None
    assert len(prints._wrappers) <= before + 1  # the wrapper of stderr may be new


def test_redirected_stream_that_is_left_during_the_run_is_let_go_after_it():
    with ExitStack() as run:
        with contextlib.redirect_stdout(io.StringIO()) as target:
            run.enter_context(overheard(lambda chunk: None))
            print("heard")  # noqa: T201
        assert target.getvalue() == "heard\n"
        gone = weakref.ref(target)
        del target
    assert gone() is None


def test_stream_redirected_during_the_run_is_back_when_that_ends_after_the_run(monkeypatch):
    written = []

    class Tee(io.StringIO):
        def write(self, text):
            written.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stdout", Tee())  # only sys holds the Tee
    with ExitStack() as redirected, overheard(lambda chunk: None):
        redirected.enter_context(contextlib.redirect_stdout(io.StringIO()))
    print("after")  # noqa: T201
    assert written == ["after", "\n"]
    with overheard(lambda chunk: None):
        pass
    assert type(sys.stdout) is Tee


def test_stream_without_weak_references_is_heard(monkeypatch):
    class Bare:
        __slots__ = ("text",)

        def write(self, text):
            self.text = text

    monkeypatch.setattr(sys, "stdout", bare := Bare())
    heard: list[object] = []
    with overheard(heard.append):
        sys.stdout.write("heard")
    assert (bare.text, len(heard), sys.stdout) == ("heard", 1, bare)


def test_display_that_waits_for_its_turn_is_told_as_text_meanwhile():
    heard, waiting, shown = [], [], []

    def later(output):
        waiting.append(output)
        return False, None

    publish = prints._displays_in_turn(lambda **shows: shown.append(shows["data"]))
    with overheard(lambda chunk: heard.append(chunk.data), later):
        publish(data={"text/plain": "a table", "text/html": "<table>"}, metadata={})
    assert (heard, shown) == (["a table\n"], [])
    waiting.pop()()
    assert shown == [{"text/plain": "a table", "text/html": "<table>"}]


def test_print_that_waits_for_a_turn_goes_to_the_stream_of_the_time_of_the_print(monkeypatch):
    first, waiting = io.StringIO(), []

    def later(output):
        waiting.append(output)
        return False, None

    monkeypatch.setattr(sys, "stdout", first)
    with overheard(lambda chunk: None, later):
        print("held")  # noqa: T201
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    for output in waiting:
        output()
    assert first.getvalue() == "held\n"
