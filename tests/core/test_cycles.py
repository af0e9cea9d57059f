"""At run time, too, references go in a single direction: a callable that is handed upwards is an import in disguise."""

import nbhitl
from nbhitl.core.review_core import ReviewCore
from nbhitl.core.session import Session
from nbhitl.core.stream import Stream
from nbhitl.ui.card import Page
from nbhitl.ui.console import Console
from nbhitl.ui.screen import Screen
from tests import graphs
from tests.object_graph import cycles, graph_of


class Held:
    """An object that can hold a second object of this test: tests the count of cycles itself."""

    __module__ = "nbhitl.made_up"

    def __init__(self) -> None:
        self.other: object = None

    def call(self) -> None:
        """Hold this object, as a bound method."""


def test_measure_finds_two_objects_that_hold_each_other_through_a_callable():
    one, other = Held(), Held()
    one.other, other.other = [lambda: other], {"call": one.call}
    assert cycles([one]) == [["Held", "Held"]]
    other.other = None
    assert cycles([one]) == []


def test_live_review_has_a_single_cycle_of_page_publisher_and_widget():
    review = nbhitl.review(graphs.seed(), graphs.SEED_INPUT)
    assert review.interrupts
    review._screen.page.mime_bundle()
    stream = review.stream()
    assert [sorted(cycle) for cycle in cycles([review, stream])] == [["CardWidget", "Page", "Publisher"]]
    review.answer("Edited text")
    assert review.result
    assert len(cycles([review, stream])) == 1


def test_core_holds_no_page_screen_console_stream_or_review():
    review = nbhitl.review(graphs.seed(), graphs.SEED_INPUT)
    assert review.interrupts
    review._screen.page.mime_bundle()
    held = {type(each) for each in graph_of([review._core])[0].values()}
    assert Session in held
    assert not held & {nbhitl.Review, Screen, Page, Console, Stream}
    below_the_page = {type(each) for each in graph_of([review._screen.page])[0].values()}
    assert ReviewCore in below_the_page
    assert not below_the_page & {nbhitl.Review, Screen, Console, Stream}
