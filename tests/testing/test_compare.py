"""Outputs that look the same to a person are equal, and every further difference is told."""

import base64
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbhitl.testing.compare import Rules, differences, with_joined_streams
from nbhitl.testing.compare.text import finished


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def shown(**data):
    return {"output_type": "display_data", "data": {name.replace("_", "/"): text for name, text in data.items()}}


def is_same(stored, got, **rules):
    return not differences(stored, got, Rules(**rules))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\x08\x1b")), max_size=5))
def test_how_a_kernel_cuts_a_stream_does_not_matter(pieces):
    assert is_same([stream(piece) for piece in pieces], [stream("".join(pieces))])


@pytest.mark.parametrize(
    ("stored", "got"),
    [
        ("<A at 0x7f00112233>", "<A at 0x7f99887766>"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("0.1", "0.10000000000000002"),
        ("in ipykernel_12/34.py:1: W", "in ipykernel_56/78.py:1: W"),
        ("Interrupt(id='" + "a" * 32 + "')", "Interrupt(id='" + "b" * 32 + "')"),
        ("10%\r100%\n", "50%\r100%\n"),
        ("call_" + "a1B2c3" * 4, "call_" + "x9Y8z7" * 4),
        ("chatcmpl-" + "a1B2c3" * 5, "chatcmpl-" + "x9Y8z7" * 5),
        ("fp_44709d6fcb", "fp_50cad350e4"),
    ],
)
def test_parts_that_change_from_run_to_run_are_set_aside(stored, got):
    assert is_same([stream(stored)], [stream(got)])


@pytest.mark.parametrize(
    ("stored", "got"),
    [
        ("1", "2"),
        ("1.0", "1.1"),
        ("a", "b"),
        ("10", "10.5"),
        ("True", "1"),
        ("12345678901234567890", "12345678901234567891"),
        ("run_20260101.csv", "run_20260102.csv"),
        ("msg_12345678", "msg_12345679"),
        ("Score #", "Score 0.5"),
        ("Score 0.5", "Score #"),
        ("# 0.5", "0.5 #"),
    ],
)
def test_difference_of_outputs_is_told(stored, got):
    (found,) = differences([stream(stored)], [stream(got)], Rules())
    assert (found.what, found.expected, found.got) == ("stdout", stored, got)


def test_streams_are_told_apart():
    found = differences([stream("x")], [stream("x", "stderr")], Rules())
    assert [each.what for each in found] == ["stdout", "stderr"]


def test_tolerance_is_that_of_the_cell():
    assert not is_same([stream("1.00")], [stream("1.01")])
    assert is_same([stream("1.00")], [stream("1.01")], tolerance=0.02)


def test_widget_ids_do_not_matter_but_the_text_beside_them_does():
    view = "application_vnd.jupyter.widget-view+json"
    assert is_same(
        [shown(**{view: {"model_id": "a"}, "text_plain": "x"})], [shown(**{view: {"model_id": "b"}, "text_plain": "x"})]
    )
    assert not is_same([shown(text_plain="x")], [shown(text_plain="y")])


TABLE = "<style>{style}</style><table><tr><th>a</th></tr><tr><td>{value}</td></tr></table>"


@pytest.mark.parametrize(
    ("value", "same"), [("1.0", True), ("1", True), ("1.0000000001", True), ("1.1", False), ("", False)]
)
def test_tables_are_compared_by_value(value, same):
    stored = TABLE.format(style="td {{}}", value="1.0")
    assert is_same([shown(text_html=stored)], [shown(text_html=TABLE.format(style="", value=value))]) is same


def test_table_whose_cells_moved_is_another():
    stored, got = "<table><tr><td>1</td><td></td></tr></table>", "<table><tr><td></td><td>1</td></tr></table>"
    assert not is_same([shown(text_html=stored)], [shown(text_html=got)])


def picture(line, *, level=0, **options):
    image = pytest.importorskip("PIL.Image").new("RGB", (120, 80), "white")
    for column in range(120):
        image.putpixel((column, line), (level, level, level))
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return base64.b64encode(file.getvalue()).decode()


def test_pictures_are_compared_by_look():
    stored = picture(20, compress_level=0)
    assert is_same([shown(image_png=stored)], [shown(image_png=picture(20, compress_level=9))])
    assert is_same([shown(image_png=stored)], [shown(image_png=picture(20, level=4))])
    assert not is_same([shown(image_png=stored)], [shown(image_png=picture(60))]), "a line that moved"
    assert not is_same([shown(image_png=stored)], [shown(image_png="not a picture")])


def test_missing_and_additional_outputs_are_told():
    one, two = shown(text_plain="1"), shown(text_plain="2")
    assert [each.got for each in differences([one], [one, two], Rules())] == ["2"]
    assert [each.expected for each in differences([one, two], [one], Rules())] == ["2"]


def test_errors_are_compared_by_name_and_message_and_not_by_traceback():
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["here"]}
    assert is_same([error], [{**error, "traceback": ["there"]}])
    assert not is_same([error], [{**error, "evalue": "yes"}])


@given(st.text(), st.text())
def test_comparing_a_text_with_itself_finds_nothing_and_never_raises(one, other):
    assert is_same([shown(text_plain=one, text_html=one)], [shown(text_plain=one, text_html=one)])
    differences([shown(text_plain=one, text_html=one)], [shown(text_plain=other, text_html=other)], Rules())


def test_text_that_a_progress_bar_wrote_over_is_gone():
    assert finished("a\rb\r\nc\x08d") == "b\nd"


CARD = shown(text_plain="Review of LangGraph")
BAR = [stream("\r0 of 2"), CARD, stream("\r1 of"), stream(" 2"), CARD, stream("\r2 of 2\n")]
PAGE = [stream("0 of 2"), CARD, stream("1 of 2"), CARD, stream("2 of 2\n")]
"""The page saves each piece between two cards in the final form, without the carriage returns."""


@pytest.mark.parametrize("stored", [PAGE, BAR, with_joined_streams(BAR)], ids=["page", "kernel", "joined"])
def test_progress_bar_that_goes_on_after_a_card_is_the_same_in_each_form_of_a_file(stored):
    assert is_same(stored, BAR)
    assert not is_same(stored, [*BAR[:-1], stream("\r1 of 2\n")])


def test_difference_of_a_progress_bar_is_told_in_the_pieces_of_the_page():
    (found,) = differences(PAGE, [*BAR[:2], *BAR[4:]], Rules())
    assert (found.expected, found.got) == ("0 of 21 of 22 of 2", "0 of 22 of 2")


def test_pieces_are_the_same_with_and_without_a_carriage_return_at_the_end():
    kernel = [stream("0\r"), CARD, stream("1\r"), CARD, stream("end\n")]
    assert is_same([stream("0"), CARD, stream("1"), CARD, stream("end\n")], kernel)
    assert is_same(kernel, kernel)


def test_errors_printed_between_pieces_are_compared_apart_from_them():
    kernel = [stream("\r0"), stream("\re0", "stderr"), stream("\r1\n"), stream("\re1", "stderr")]
    assert is_same([stream("0"), stream("e0", "stderr"), stream("1\n"), stream("e1", "stderr")], kernel)
    assert not is_same([stream("0"), stream("e0", "stderr"), stream("1\n"), stream("e2", "stderr")], kernel)


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr", "card"]), st.text("ab\r\b\n", max_size=4)), max_size=6))
def test_joined_streams_are_the_same_outputs_and_joining_again_changes_nothing(made):
    outputs = [CARD if name == "card" else stream(text, name) for name, text in made]
    joined = with_joined_streams(outputs)
    assert is_same(joined, outputs)
    assert with_joined_streams(joined) == joined
    assert [each for each in joined if each is CARD] == [each for each in outputs if each is CARD]


def test_joined_streams_have_stdout_first_where_both_adjoin():
    joined = with_joined_streams([stream("e", "stderr"), stream("a"), CARD, stream("b")])
    assert joined == [stream("ab"), stream("e", "stderr"), CARD]
