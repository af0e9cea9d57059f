"""Notebooks of strangers under nbhitl's runner: no hang, no crash, and no write outside the notebook's folder."""

import base64
import io
import json
import os
import re
import time

import nbformat
import pytest

from nbhitl.cli import main
from nbhitl.testing.compare import Difference, Rules, TooSlow, differences, within
from nbhitl.testing.compare.patterns import replaced
from nbhitl.testing.compare.text import finished
from nbhitl.testing.runner import command, outputs, report
from nbhitl.testing.runner.loading import BadNotebook, load
from nbhitl.testing.runner.markers import BadSetting, wanted
from tests.kernel.notebooks import ROOT, make, write
from tests.testing.conftest import REVIEW, SETUP

LENGTH = 80_000
ENDLESS = re.compile("^(a+)+$"), ""
VICTIM = "a" * 40 + "!"


def assert_time_grows_with_the_length(work, length=LENGTH):
    """Compare the processor time for a text with the time for a quarter of the text: a square would take 16 times."""
    quarter, whole = (processor_seconds_of(work, each) for each in (length // 4, length))
    assert whole < 10 * quarter + 0.2, (quarter, whole)


def processor_seconds_of(work, length):
    began = time.process_time()
    work(length)
    return time.process_time() - began


def stream(text):
    return [{"output_type": "stream", "name": "stdout", "text": text}]


def shown(text, mime="text/html"):
    return [{"output_type": "display_data", "data": {mime: text}}]


# --- patterns ---------------------------------------------------------------------------------------------------


def test_pattern_that_does_not_end_is_named_in_time_and_the_next_pattern_is_applied():
    with within(0.2), pytest.raises(TooSlow, match=r"pattern '\^\(a\+\)\+\$', .* 41 characters"):
        replaced([(re.compile("b"), "c"), ENDLESS], VICTIM)
    assert replaced([(re.compile("(a)(b)?"), r"<\1>"), (re.compile("<"), "\ud800é")], "xab") == "x\ud800éa>"


def test_patterns_of_a_cell_share_the_time_limit():
    with within(0.2):
        for _ in range(2):
            with pytest.raises(TooSlow):
                differences(stream(VICTIM), stream("other"), Rules(patterns=(ENDLESS,)))


@pytest.mark.parametrize("regex", ["a{99999999999}", "(" * 5000, "(?<=a+)", "(?P<a", "\\"])
def test_pattern_that_is_none_is_a_bad_setting(regex):
    cell = make("1").cells[0]
    cell.metadata["nbhitl"] = {"sanitize": {regex: ""}}
    with pytest.raises(BadSetting, match="is no regular expression"):
        wanted(cell, Rules(), "cell 1")


@pytest.mark.parametrize("put", [r"\g<unknown>", r"\1", r"\q", rf"\g<{'9' * 5000}>", None, 5, ["x"]])
def test_replacement_that_is_none_is_a_bad_setting(put):
    cell = make("1").cells[0]
    cell.metadata["nbhitl"] = {"sanitize": {r"\d+": put}}
    with pytest.raises(BadSetting, match="is no regular expression with a replacement"):
        wanted(cell, Rules(), "cell 1")


@pytest.mark.parametrize("name", ["tolerance", "image", "timeout"])
def test_number_that_is_too_large_to_calculate_with_is_a_bad_setting(name):
    cell = make("1").cells[0]
    cell.metadata["nbhitl"] = {name: 10**400}
    with pytest.raises(BadSetting, match=f"{name} is a number up to"):
        wanted(cell, Rules(), "cell 1")


def test_time_to_read_a_source_of_blank_lines_grows_with_the_length():
    def read(length):
        assert wanted(make("\n" * length + "# NBVAL_SKIP").cells[0], Rules(), "cell 1").skip

    assert_time_grows_with_the_length(read)


# --- long texts -------------------------------------------------------------------------------------------------

LONG = {
    "one line": lambda n: "x" * n,
    "digits": lambda n: "1" * n,
    "returns": lambda n: "a\r" * n,
    "backspaces": lambda n: "a" * n + "\b" * n,
    "escapes": lambda n: "\x1b[" * n,
    "an escape that does not end": lambda n: "\x1b[" + "0" * n,
    "spaces": lambda n: " " * n,
    "blank lines": lambda n: "\n" * n,
    "addresses": lambda n: "0x" * n,
    "tags that do not end": lambda n: "<a " * n,
    "attributes that do not end": lambda n: "<a b='" * n,
    "comments that do not end": lambda n: "<!--" * n,
    "sections that do not end": lambda n: "<![" * n,
    "declarations": lambda n: "<!" * n,
    "angles": lambda n: "<" * n,
    "styles": lambda n: "<style>" * n,
    "styles with ends": lambda n: "<style></style" * n,
    "references": lambda n: "&" * n,
    "a character's number of many digits": lambda n: f"&#{'1' * n};",
    "targets that do not end": lambda n: "<a " + "href = '" * n,
}


@pytest.mark.parametrize("text", LONG)
def test_time_to_compare_a_long_text_of_any_kind_grows_with_the_length(text):
    def compare(length):
        long = LONG[text](length)
        page = f"<table><tr><td>{long}"
        differences(stream(long), stream(f"{long}y"), Rules())
        differences(shown(page), shown(f"{page}y"), Rules())

    assert_time_grows_with_the_length(compare)


def test_time_to_tell_a_long_difference_grows_with_the_length():
    def tell(length):
        lines = [f"{n % 7} {n % 11}" for n in range(length)]
        report._difference(Difference("stdout", "\n".join(lines), "\n".join(reversed(lines))))

    assert_time_grows_with_the_length(tell, 20_000)


def test_long_differences_are_told_from_their_beginning():
    late = Difference("stdout", "x" * LENGTH + "before", "x" * LENGTH + "after")
    told = report._difference(late)
    assert len(told) < 10_000
    assert "(line 1 differs from character 80001 on: expected 'xxx" in told
    assert "before'" in told
    same_beginning = "same\n" * 5000
    assert "+new" in report._difference(Difference("stdout", same_beginning, f"{same_beginning}new"))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("10%\r50%\r100%\n", "100%\n"),
        ("a\r\nb", "a\nb"),
        ("abc\rde\r\n", "de\n"),
        ("abc\b\bX", "aX"),
        ("a\n\bb", "a\n\bb"),
        ("ab\r\r", "\r"),
        ("ab\r", "ab\r"),
        ("x\rab\r", "ab\r"),
    ],
)
def test_text_that_was_written_over_is_compared_in_the_last_form(text, end):
    assert finished(text) == end


def test_picture_that_stands_for_gigabytes_is_not_opened():
    image = pytest.importorskip("PIL.Image")
    files = []
    for colour in (0, 1):
        file = io.BytesIO()
        image.new("1", (8_000, 8_000), colour).save(file, "PNG")
        files.append(base64.b64encode(file.getvalue()).decode())
    stored, got = (shown(file, "image/png") for file in files)
    (difference,) = differences(stored, got, Rules())
    assert "that cannot be read (8000 x 8000 pixels)" in difference.got


# --- files ------------------------------------------------------------------------------------------------------


def deep(levels):
    return "[" * levels + "]" * levels


def with_metadata(metadata):
    return json.dumps(json.loads(json.dumps(make("1"))) | {"metadata": metadata})


BROKEN = {
    "a path whose name is no text": with_metadata({"nbhitl": {"paths": {"broken.ipynb \ud800": {"ask": "x"}}}}),
    "a record of a format of many digits": with_metadata({"nbhitl.cell-0": {"format": 10**4000, "answers": []}}),
    "deep": f'{{"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": {{"a": {deep(100_000)}}}}}',
    "250 levels": f'{{"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": {{"a": {deep(250)}}}}}',
    "a long number": f'{{"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": {{"a": {"1" * 10_000}}}}}',
    "a format that is none": '{"nbformat": 4, "nbformat_minor": "x", "cells": [], "metadata": {}}',
    "cells that are none": '{"nbformat": 4, "nbformat_minor": 5, "cells": [1], "metadata": {}}',
    "cells that are no list": '{"nbformat": 4, "nbformat_minor": 5, "cells": 1, "metadata": {}}',
    "no metadata": '{"nbformat": 4, "nbformat_minor": 5, "cells": []}',
    "tags that are none": json.dumps(make("1")).replace('"metadata": {}, "exec', '"metadata": {"tags": 5}, "exec', 1),
    "outputs that are none": json.dumps(make("1")).replace('"outputs": []', '"outputs": [5]', 1),
    "outputs without a type": json.dumps(make("1")).replace('"outputs": []', '"outputs": [{"text": "x"}]', 1),
    "a source that is none": json.dumps(make("1")).replace('"source": "1"', '"source": 1', 1),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_notebook_is_refused_by_name(tmp_path, broken):
    path = tmp_path / "broken.ipynb"
    path.write_text(BROKEN[broken])
    with pytest.raises(BadNotebook, match=r"broken\.ipynb") as caught:
        load(path)
    assert len(str(caught.value)) < 500


def test_metadata_that_are_no_settings_do_not_concern_a_run(tmp_path):
    for metadata in ({"nbhitl": "paths"}, {"nbhitl": ["paths"]}):
        path = tmp_path / "report.ipynb"
        path.write_text(with_metadata(metadata))
        assert load(path).paths == {}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    with pytest.raises(BadNotebook, match="not a regular file"):
        load(tmp_path / "pipe.ipynb")


def test_settings_that_are_none_are_bad_settings(tmp_path):
    for metadata in (
        {"nbhitl": {"timeout": "x"}},
        {"nbhitl": 1},
        {"nbhitl": {"sanitize": {"a": 1}}},
    ):
        cell = make("1").cells[0]
        cell.metadata |= metadata
        with pytest.raises(BadSetting):
            wanted(cell, Rules(), "cell 1")


@pytest.fixture
def runner(monkeypatch, crew):
    monkeypatch.setattr(command, "Crew", lambda workers, fork: crew)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.parametrize("name", ["x" * 300, "é" * 60, "漢" * 40])
def test_path_whose_name_is_too_long_for_a_file_is_named(tmp_path, capsys, name):
    path = write(tmp_path / "report.ipynb", make("1"))
    (tmp_path / "report.answers.yaml").write_text(json.dumps({name: {"ask": "x"}}))
    assert main(["run", str(path)]) == 2
    said = capsys.readouterr().err
    assert "The name of a decision path of report is too long to name a file" in said
    assert name[:20] in said


def test_notebook_whose_own_name_is_as_long_as_can_be_is_run_or_refused_by_name(tmp_path):
    path = write(tmp_path / f"{'x' * 249}.ipynb", make("1"))
    with pytest.raises(BadNotebook, match="too long"):
        load(path)


@pytest.mark.parametrize("link", ["folder", "file"])
def test_link_beside_a_notebook_is_not_followed(tmp_path, runner, capsys, link):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "other.json").write_text("{}")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    path = write(folder / "report.ipynb", make(SETUP, REVIEW, "print('after')"))
    (folder / "report.answers.yaml").write_text("other: {human_review: Left alone}")
    if link == "folder":
        (folder / "report.outputs").symlink_to(elsewhere)
    else:
        (folder / "report.outputs").mkdir()
        (folder / "report.outputs" / "other.json").symlink_to(elsewhere / "new.json")
    assert main(["run", str(path), "--path", "other", "--update"]) == 2
    assert "is a symbolic link. A link may lead anywhere" in capsys.readouterr().err
    assert [each.name for each in elsewhere.iterdir()] == ["other.json"]
    assert (elsewhere / "other.json").read_text() == "{}"


def test_link_that_was_put_there_while_the_notebook_ran_is_not_followed(tmp_path, runner, capsys):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder = tmp_path / "notebooks"
    folder.mkdir()
    puts = f"import os; os.symlink({str(elsewhere)!r}, 'report.outputs')"
    path = write(folder / "report.ipynb", make(SETUP, puts, REVIEW))
    (folder / "report.answers.yaml").write_text("other: {human_review: Left alone}")
    assert main(["run", str(path), "--path", "other", "--update"]) == 1
    assert (
        "Nothing was accepted: report.outputs/other.json: report.outputs is a symbolic link" in capsys.readouterr().err
    )
    assert list(elsewhere.iterdir()) == []


def test_notebook_that_is_a_link_is_run_and_not_written_through(tmp_path, runner, capsys):
    elsewhere = write(tmp_path / "elsewhere.ipynb", make("print('x')"))
    before = elsewhere.read_bytes()
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "report.ipynb").symlink_to(elsewhere)
    assert main(["run", str(folder / "report.ipynb"), "--update"]) == 1
    assert "report.ipynb is a symbolic link" in capsys.readouterr().err
    assert elsewhere.read_bytes() == before


def test_cell_whose_pattern_does_not_end_fails_in_time_and_the_next_cell_runs(tmp_path, runner, capsys):
    notebook = make(f"print({VICTIM!r})", "print('next')")
    notebook.cells[0].metadata["nbhitl"] = {"sanitize": {"^(a+)+$": ""}, "timeout": 3}
    notebook.cells[1].outputs = stream("next\n")
    path = write(tmp_path / "report.ipynb", notebook)
    assert main(["run", str(path)]) == 1
    said = capsys.readouterr()
    assert "cell 1 failed" in said.out
    assert "cell 2 passed" in said.out
    assert "The pattern '^(a+)+$', which replaces parts of outputs, did not end in time" in said.err


# --- half of a character ----------------------------------------------------------------------------------------


def test_half_of_a_character_in_a_notebook_stays_an_escape_when_outputs_are_accepted(tmp_path, runner):
    path = tmp_path / "report.ipynb"
    notebook = make("print('new')")
    notebook.cells.append(nbformat.v4.new_markdown_cell("cut \ud83d off"))
    path.write_text(json.dumps(notebook))
    path.chmod(0o640)
    assert main(["run", str(path), "--update", "--output", str(tmp_path / "executed.ipynb")]) == 0
    for written in (path, tmp_path / "executed.ipynb"):
        assert "cut \\ud83d off" in written.read_text(encoding="utf-8")
        cells = json.loads(written.read_text(encoding="utf-8"))["cells"]
        assert (cells[0]["outputs"][0]["text"], cells[1]["source"]) == (["new\n"], "cut \ud83d off")
    assert path.stat().st_mode & 0o777 == 0o640


def test_half_of_a_character_in_the_outputs_of_a_path_is_kept(tmp_path):
    file = outputs.file_of(tmp_path / "report.ipynb", "other")
    outputs.write(file, {"a": stream("cut \ud83d off")})
    assert outputs.read(file) == {"a": stream("cut \ud83d off")}
