"""`nbhitl export`: a notebook as one HTML file that needs no network."""

import base64
import html
import json
import re
import sys
import time
from contextlib import suppress

import nbformat
import pytest

from nbhitl.cli import main
from nbhitl.export import NEEDS_PACKAGES, ExportFailed, export, page_of
from tests.tools import ROOT

NOTEBOOKS = ROOT / "notebooks"
SECONDS = 20
"""Processor time that no export may take; without nbhitl's limits, cells of these tests take minutes."""
LOADS = re.compile(r"""\b(?:src|href|poster)\s*=\s*["']?(?!#|data:)[^"'\s>]|@import|url\((?!["']?(?:data:|#))""")
WIDGET = {"application/vnd.jupyter.widget-view+json": {"model_id": "m", "version_major": 2, "version_minor": 0}}


def shown(data, **metadata):
    return nbformat.v4.new_output("display_data", data, metadata=metadata)


def told(text, card):
    output = {"text/plain": text, "text/html": f'<div class="nbhitl-record">{text}</div>'}
    return shown(output, nbhitl_answer={"card": card, "node": "review", "ordinal": 0, "place": [card, 0, 0, 0]})


def notebook_of(*outputs):
    notebook = nbformat.v4.new_notebook(metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {}}})
    notebook.cells = [nbformat.v4.new_code_cell("card", outputs=list(outputs))]
    return notebook


def card(name):
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": name, "version_major": 2, "version_minor": 0}}
    return shown({**view, "text/plain": name, "text/html": f"<small>{html.escape(name)}</small>"})


def test_page_has_no_address_of_a_script_a_style_or_an_image(tmp_path, capsys):
    assert main(["export", str(NOTEBOOKS / "forms.ipynb"), "--output", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    links = re.sub(r"<a [^>]*>", "", page)
    assert not LOADS.search(links), LOADS.findall(links)
    assert not re.search(r"https?://", re.sub(r">[^<]*", "", links[links.index("<body") :]))
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    for text in ("Revise the text", "The committee meets on Tuesday.", "<kbd>Approve</kbd>"):
        assert text in page


def test_card_stands_in_place_as_told_last():
    outputs = [
        card("first"),
        card("second"),
        shown({"text/plain": "printed"}),
        told("A", 0),
        told("B", 1),
        told("C", 1),
    ]
    page = page_of(notebook_of(*outputs), "title", NOTEBOOKS)
    body = page[page.index("<body") :]
    places = [body.index(f">{text}<") for text in "ABC"]
    assert places == sorted(places)
    assert places[-1] < body.index("printed")
    assert "first" not in body
    assert "widget-view" not in page


def order_of(texts, *outputs):
    """Return the texts in the order of the page."""
    page = page_of(notebook_of(*outputs), "title", NOTEBOOKS)
    body = page[page.index("<body") :]
    return re.findall(rf">({'|'.join(texts)})\s*<", body)


def test_further_widgets_before_a_card_do_not_take_the_place_of_the_record():
    texts = ("100%", "between", "Inbox", "A", "Review of &lt;x&gt;")
    bar = shown({**WIDGET, "text/plain": "100%"})
    inbox = shown({**WIDGET, "text/plain": "Inbox", "text/html": "<div><b>Inbox</b></div>"})
    between = shown({"text/plain": "between"})
    outputs = (bar, between, inbox, card("Review of <x>"), told("A", 0))
    assert order_of(texts, *outputs) == ["100%", "between", "Inbox", "A"]


def test_card_that_is_shown_again_does_not_take_the_place_of_a_record():
    first, second = card("Review of a"), card("Review of b")
    outputs = (first, first, second, told("A", 0), told("B", 1))
    assert order_of(("A", "B", "Review of a", "Review of b"), *outputs) == ["A", "Review of a", "B"]


def test_card_of_which_nothing_was_told_is_named():
    assert "<small>Review of x</small>" in page_of(notebook_of(card("Review of x")), "title", NOTEBOOKS)


def test_title_of_the_page_is_text():
    assert "<title>&lt;script&gt;</title>" in page_of(notebook_of(), "<script>", NOTEBOOKS)


def test_file_stands_beside_the_notebook(tmp_path):
    path = tmp_path / "report.ipynb"
    path.write_text(json.dumps(notebook_of(shown({"text/plain": "7"}))))
    assert export(path) == tmp_path / "report.html"
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "cannot be read as a notebook"), ("{", "cannot be read as a notebook"), ("[]", "cannot be read")],
    ids=["missing", "no JSON", "no notebook"],
)
def test_file_that_is_no_notebook_is_named(tmp_path, capsys, text, said):
    path = tmp_path / "report.ipynb"
    if text is not None:
        path.write_text(text)
    assert main(["export", str(path)]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "report.ipynb" in error


def test_command_without_nbconvert_names_the_package_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "nbconvert", None)
    assert main(["export", str(NOTEBOOKS / "seed.ipynb"), "--output", "unused.html"]) == 1
    assert capsys.readouterr().err.strip() == NEEDS_PACKAGES


def test_template_that_lies_in_the_current_folder_is_not_taken(tmp_path, monkeypatch):
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "conf.json").write_text('{"base_template": "base"}')
    (tmp_path / "lab" / "index.html.j2").write_text("<body>theirs</body>")
    monkeypatch.chdir(tmp_path)
    assert "theirs" not in page_of(notebook_of(shown({"text/plain": "7"})), "title", NOTEBOOKS)


# --- notebooks of strangers -------------------------------------------------------------------------


def write_as(path, *cells, **more):
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}))
    return path


def markdown(source, **more):
    return {"cell_type": "markdown", "id": "m", "metadata": {}, "source": source, **more}


@pytest.mark.parametrize("output", ["report.ipynb", "../here/report.ipynb", "another.ipynb", "REPORT.IPYNB"])
def test_page_in_the_place_of_a_notebook_is_refused(tmp_path, capsys, output):
    folder = tmp_path / "here"
    folder.mkdir()
    notebook = write_as(folder / "report.ipynb", markdown("text"))
    before = notebook.read_bytes()
    assert main(["export", str(notebook), "--output", str(folder / output)]) == 1
    assert "a page would replace a notebook. Name a file that ends in .html with --output." in capsys.readouterr().err
    assert notebook.read_bytes() == before
    assert list(folder.iterdir()) == [notebook]


def test_page_in_the_place_of_the_notebook_is_refused_under_any_name_of_the_file(tmp_path):
    notebook = write_as(tmp_path / "report.html", markdown("text"))
    before = notebook.read_bytes()
    link, hard_link = tmp_path / "link.ipynb", tmp_path / "hard.ipynb"
    link.symlink_to(notebook)
    hard_link.hardlink_to(notebook)
    (tmp_path / "there").mkdir()
    for source in (notebook, link, hard_link):
        for output in (notebook, tmp_path / "there" / ".." / "report.html"):
            with pytest.raises(ExportFailed, match="is the notebook itself"):
                export(source, output)
    with pytest.raises(ExportFailed, match="is the notebook itself"):
        export(notebook)
    assert notebook.read_bytes() == before


def test_symbolic_link_in_the_place_of_the_page_is_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text("kept")
    notebook = write_as(tmp_path / "report.ipynb", markdown("a"))
    (tmp_path / "report.html").symlink_to(elsewhere)
    for output in (None, tmp_path / "report.html"):
        with pytest.raises(ExportFailed, match="is a symbolic link"):
            export(notebook, output)
    assert elsewhere.read_text() == "kept"


@pytest.mark.parametrize(
    "cell",
    [{"cell_type": "evil", "source": "x", "metadata": {}}, markdown({"a": 1}), None, [], markdown("a", outputs=[None])],
    ids=str,
)
def test_broken_cell_is_an_error_with_a_name(tmp_path, cell):
    with suppress(ExportFailed):  # nbconvert leaves out some broken parts without an error
        export(write_as(tmp_path / "report.ipynb", cell))


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.parametrize(
    "source",
    [
        "![x](passport.png)",
        '<img src="passport.png">',
        'a <img src="passport.png"> b',
        "![x](link.png)",
        "![x](sub/../passport.png)",
    ],
)
def test_file_that_markdown_names_is_not_read_into_the_page(tmp_path, source):
    (tmp_path / "passport.png").write_bytes(base64.b64decode(PIXEL))
    (tmp_path / "link.png").symlink_to(tmp_path / "passport.png")
    page = export(write_as(tmp_path / "report.ipynb", markdown(source))).read_text()
    assert PIXEL not in page
    assert "img-src data:" in page


def test_image_that_is_attached_to_a_cell_is_in_the_page(tmp_path):
    cell = markdown("![x](attachment:a.png)", attachments={"a.png": {"image/png": PIXEL}})
    assert PIXEL in export(write_as(tmp_path / "report.ipynb", cell)).read_text()


def test_half_of_a_character_is_shown_as_unknown(tmp_path):
    page = export(write_as(tmp_path / "report.ipynb", markdown("before\ud800after")))
    assert "before?after" in page.read_text()


@pytest.mark.parametrize("mark", ["[", "![a](", "<!--"])
def test_marks_that_markdown_reads_in_square_time_are_shown_as_text(tmp_path, mark):
    begun = time.process_time()
    page = export(write_as(tmp_path / "report.ipynb", markdown(mark * 100_000)))
    assert time.process_time() - begun < SECONDS
    assert html.escape(mark) * 100 in page.read_text()
