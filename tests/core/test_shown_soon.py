"""When a page shows that the run works, and which progress is shown."""

import threading

from langgraph.types import interrupt

import nbhitl
from nbhitl.core import watching as watching_module
from nbhitl.core.watching import Watching
from nbhitl.kernel.background import background_loop
from nbhitl.protocol.entries import Reader
from nbhitl.runs.run import Chunk
from tests import graphs
from tests.graphs import SEED_INPUT

LIMIT = 30.0


class Shown:
    """Keeps the phases and open questions of a review that a page has been shown."""

    def __init__(self, card):
        page = card._screen.page
        page.mime_bundle()
        self._widget = widget = page._publisher.widget
        self.seen: list[tuple[str, int]] = []
        self._changed, publish = threading.Condition(), widget.publish

        def published(*args):
            publish(*args)
            with self._changed:
                self.seen.append(self._now())
                self._changed.notify_all()

        widget.publish = published

    def _now(self):
        reader = Reader()
        reader.take(self._widget.get_state())
        return reader.view["phase"]["kind"], len(reader.view["questions"])

    def wait_for(self, phase, questions):
        with self._changed:
            assert self._changed.wait_for(lambda: (phase, questions) in self.seen, LIMIT), self.seen


def asked(node):
    card = nbhitl.review(graphs.compile_node(node), SEED_INPUT)
    assert card.interrupts
    return card, Shown(card)


def test_page_sees_that_the_run_works_while_a_node_takes_its_time():
    may_end = threading.Event()

    def node(_state):
        answer = interrupt("?")
        assert may_end.wait(LIMIT)
        return {"some_text": answer}

    card, shown = asked(node)
    card.answer("yes")
    shown.wait_for("running", 0)
    may_end.set()
    assert card.result == {"some_text": "yes"}
    assert shown.seen[-1] == ("finished", 0)


class Viewer:
    def __init__(self):
        self.is_told = threading.Event()

    def show(self):
        self.is_told.set()


def on_the_loop(call):
    done = threading.Event()

    def both():
        call()
        done.set()

    background_loop().call_soon_threadsafe(both)
    assert done.wait(LIMIT)


def test_chunk_of_a_segment_that_has_begun_is_shown_without_waking_the_loop(monkeypatch):
    watching, viewer = Watching(), Viewer()
    watching.add_viewer(viewer.show)
    on_the_loop(watching.segment_begins)
    with monkeypatch.context() as patched:
        patched.setattr(background_loop(), "call_soon_threadsafe", None)
        watching.saw(Chunk("log", "working\n"))
    assert viewer.is_told.wait(LIMIT)
    assert watching.has_begun


def test_segment_of_which_nothing_was_seen_shows_no_progress(monkeypatch):
    monkeypatch.setattr(watching_module, "SHOWN_EVERY", 0.0)
    watching, viewer = Watching(), Viewer()
    watching.add_viewer(viewer.show)
    on_the_loop(watching.segment_begins)
    on_the_loop(lambda: None)
    on_the_loop(lambda: None)
    assert not viewer.is_told.is_set()
    assert not watching.has_begun
