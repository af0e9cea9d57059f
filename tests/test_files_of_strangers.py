"""Hostile answers files, notebooks and neighbouring files cause no hang, no crash and no leak of their contents."""

import json
import os
import threading
import time
from contextlib import suppress

import pytest

import nbhitl
from nbhitl.answers import ByNode, Script, notebook_content, notebook_file
from nbhitl.answers.answers_file import read_answers
from nbhitl.answers.bounded_files import read_bytes, read_json, read_text
from nbhitl.answers.notebook_content import recorded_answers
from nbhitl.answers.notebook_file import find_notebook, record_of
from nbhitl.errors import BadAnswersFile, BadRecord, LeftoverAnswers
from nbhitl.runs.run import Interrupt
from tests import graphs
from tests.kernel.notebooks import make, recorded, write

SECONDS = 5.0
"""Processor time that no test may take: a busy machine does not stretch processor time, and an endless wait runs into
the time limit of each test."""

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")


@pytest.fixture(autouse=True)
def _soon():
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS


def aliases(levels):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


def json_bomb(levels):
    return "[" * levels + "]" * levels


HOSTILE_ANSWERS = {
    "an alias bomb": (aliases(9), "stands for more than 100,000 values"),
    "what stands within itself": ("a: &a [*a]", "it stands within itself"),
    "a merge of bombs": (f"{aliases(9)}\nb: {{<<: [*a8, *a8]}}", "stands for more than"),
    "deep lists": (f"a: {json_bomb(100_000)}", "levels deep"),
    "lists of 250 levels": (f"a: {json_bomb(250)}", "more than 200 levels deep"),
    "deep blocks": ("\n".join(" " * n + "a:" for n in range(900)), "levels deep"),
    "a number of 10,000 digits": (f"a: {'1' * 10_000}", "a number of 10,000 characters is too long"),
    "a float of 10,000 digits": (f"a: {'1' * 10_000}.5", "too long"),
    "a number with 60 to the power of many": (f"a: !!int {':'.join(['1'] * 100_000)}", "too long"),
    "a float with 60 to the power of many": (f"a: !!float {':'.join(['1'] * 1_000)}.5", "cannot be read as YAML"),
    "a date of no calendar": ("a: 2026-99-99", "cannot be read as YAML"),
    "a character that is none": ("a: \x00", "cannot be read as YAML"),
    "an object of Python": ("a: !!python/object/apply:os.system [id]", "is not a decision"),
    "many documents": ("a: 1\n---\n" * 10, "cannot be read as YAML"),
    "six megabytes": ("a: " + "x" * 6_000_000, "larger than 5 MB"),
}


@pytest.mark.parametrize("hostile", HOSTILE_ANSWERS)
def test_hostile_answers_file_is_refused_by_name(tmp_path, hostile):
    text, said = HOSTILE_ANSWERS[hostile]
    file = tmp_path / "answers.yaml"
    file.write_text(text)
    with pytest.raises(BadAnswersFile) as caught:
        read_answers(file)
    assert said in str(caught.value)
    assert "answers.yaml" in str(caught.value)
    assert len(str(caught.value)) < 500


@needs_pipes
def test_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(tmp_path):
    for name in ("answers.yaml", "report.ipynb"):
        os.mkfifo(tmp_path / name)
    with pytest.raises(BadAnswersFile, match="not a regular file"):
        read_answers(tmp_path / "answers.yaml")
    with pytest.raises(BadRecord, match="not a regular file"):
        recorded_answers(tmp_path / "report.ipynb")
    with pytest.raises(OSError, match="not a regular file"):
        read_text(tmp_path)


def taken(answers, node):
    answer = answers.take(Interrupt("1", node, "?"), 0)
    assert answer is not None
    return answer.value


def test_aliases_that_stand_for_little_are_taken(tmp_path):
    file = tmp_path / "answers.yaml"
    file.write_text("a: &yes !approve\nb: [*yes, *yes]\nc: &d {x: 1}\ne: {<<: *d, y: 2}")
    answers = read_answers(file)[""]
    for _ in range(2):
        assert taken(answers, "b") == nbhitl.approve()
    assert taken(answers, "e") == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *[(each, each) for each in ("12:30", "12:30:45", "1:20.5", "01234", "007", "-010", "1_000", "1_000.5")],
        *[
            ("0", 0),
            ("-7", -7),
            ("0x1f", 31),
            ("0b11", 3),
            ("+5", 5),
            ("0.5", 0.5),
            ("1.0e+3", 1000.0),
            ("00.5", "00.5"),
        ],
        *[("!!int 12:30", 750), ("!!int 0777", 511)],
    ],
)
def test_time_of_day_or_number_with_a_leading_zero_in_an_answers_file_stays_a_text(tmp_path, written, value):
    file = tmp_path / "answers.yaml"
    file.write_text(f"a: {written}")
    given = taken(read_answers(file)[""], "a")
    assert (type(given), given) == (type(value), value)


def test_message_about_a_broken_answers_file_quotes_none_of_its_answers(tmp_path):
    file = tmp_path / "answers.yaml"
    for text in (
        "a: 'hunter2' b",
        "a: hunter2\na: hunter2",
        "$reviews: [hunter2]",
        "- hunter2",
        "a: [hunter2",
        "a: !approve hunter2",
        "a: {$decision: edit, args: hunter2}",
    ):
        file.write_text(text)
        with pytest.raises(BadAnswersFile) as caught:
            read_answers(file)
        assert "hunter2" not in str(caught.value)


# --- answers that nothing asked for ---------------------------------------------------------------------------

LEFT = [
    ("hunter2", "a string"),
    ({"user": "hunter2", "password": "hunter2"}, "an object with 'user', 'password'"),
    (["hunter2"], "a list of 1"),
    (4711, "a number"),
    (nbhitl.respond("hunter2"), "respond()"),
    (nbhitl.edit({"password": "hunter2"}), "edit()"),
]


@pytest.mark.parametrize(("answer", "told"), LEFT, ids=str)
def test_answer_that_nothing_asked_for_is_named_and_not_quoted(answer, told):
    left = [Script([answer]).left_over(), ByNode({"ask": [answer]}).left_over()]
    with pytest.raises(LeftoverAnswers) as caught:
        nbhitl.review(graphs.asks_nothing(), graphs.SEED_INPUT, answers=[answer]).wait()
    for error in (*left, caught.value):
        assert told in str(error)
        assert "answer 1" in str(error)
        assert not any(secret in str(error) for secret in ("hunter2", "4711"))


# --- notebooks that lie in the same folder --------------------------------------------------------------------

CELL = "await nbhitl.review(graph, graphs.SEED_INPUT)"
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder with a notebook that has a record; the folder is the current directory."""
    for name in [name for name in os.environ if name.startswith(("NBHITL_", "PYTEST_CURRENT"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(notebook_content, "_loaded", {})
    notebook_file._pool.cache_clear()
    write(tmp_path / "report.ipynb", make("1", CELL, record=[recorded("Edited text")]))
    return tmp_path


def recorded_answer():
    record = record_of(CELL, "", 0)
    answer = record.take(Interrupt("1", "human_review", {"text_to_revise": "original text"}), 0)
    assert answer is not None, record.why_none(Interrupt("1", "human_review", {"text_to_revise": "original text"}), 0)
    return answer.value


def broken(**changes):
    return json.dumps(json.loads(json.dumps(make("1", CELL, record=[recorded("x")]))) | changes)


NEIGHBOURS = {
    "nothing": "",
    "no JSON": '{"metadata": {"nbhitl',
    "no notebook": '"nbhitl"',
    "a list": '["nbhitl.", "nbhitl"]',
    "deep": f'{{"metadata": {{"nbhitl.a": {DEEP}}}, "cells": []}}',
    "250 levels": f'{{"metadata": {{"nbhitl.a": {json_bomb(250)}}}, "cells": []}}',
    "a long number": broken(x=1).replace('"x": 1', f'"x": {"1" * 10_000}'),
    "cells that are none": broken(
        cells=[1, None, "x", [], {"source": 5}, {"source": [1, None]}, {"outputs": {"a": 1}}]
    ),
    "a cell with this source and outputs that are none": broken(
        metadata={"nbhitl": {}}, cells=[{"source": CELL, "outputs": [1, {"metadata": 5}]}]
    ),
    "metadata that are none": broken(metadata=[]),
    "a record that is none": broken(metadata={"nbhitl.cell-0": 5}, cells=[]),
    "no text": b"\xff\xfe\x00nbhitl",
}


@pytest.mark.parametrize("neighbour", NEIGHBOURS)
def test_broken_notebook_in_the_folder_changes_nothing(folder, neighbour):
    content = NEIGHBOURS[neighbour]
    path = folder / "another.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert recorded_answer() == "Edited text"


def test_folder_and_broken_link_among_the_notebooks_change_nothing(folder):
    (folder / "folder.ipynb").mkdir()
    (folder / "nowhere.ipynb").symlink_to(folder / "none")
    (folder / "loop.ipynb").symlink_to(folder / "loop.ipynb")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.ipynb")
    with suppress(OSError):
        (folder / "unread.ipynb").write_text("x")
        (folder / "unread.ipynb").chmod(0)
    assert recorded_answer() == "Edited text"


def test_folder_that_is_gone_has_no_notebook(tmp_path, folder, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert find_notebook(CELL) is None


def test_large_neighbours_are_read_once(folder, monkeypatch):
    """A large notebook with a record is parsed once, and again only when the file has changed."""
    with_outputs = make("2", record=[recorded("x", cell="cell-0")])
    with_outputs.cells[0].outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "x" * 500_000}}
    ]
    for number in range(4):
        write(folder / f"large{number}.ipynb", with_outputs)
    reads: list[str] = []

    def read(path):
        reads.append(path.name)
        return read_bytes(path)

    monkeypatch.setattr(notebook_content, "read_bytes", read)
    for _ in range(3):
        find_notebook(CELL)
    assert sorted(set(reads)) == [f"large{number}.ipynb" for number in range(4)] + ["report.ipynb"]
    assert len(reads) == 6, "the five notebooks once, and report.ipynb once more for the record"
    write(folder / "large0.ipynb", make("2", "3", record=[recorded("x", cell="cell-0")]))
    find_notebook(CELL)
    assert reads[6:] == ["large0.ipynb"]


def test_record_that_was_changed_is_read_again(folder):
    assert recorded_answers(folder / "report.ipynb")[0]["answer"] == '"Edited text"'
    write(folder / "report.ipynb", make("1", CELL, record=[recorded("Another text")]))
    assert recorded_answers(folder / "report.ipynb")[0]["answer"] == '"Another text"'


def test_recorded_answer_that_is_deep_or_long_is_refused_by_name(folder):
    for answer in (DEEP, "1" * 10_000):
        entry = recorded("x") | {"answer": answer}
        write(folder / "report.ipynb", make("1", CELL, record=[entry]))
        notebook_file._pool.cache_clear()
        with pytest.raises(BadRecord, match="recorded answer for node 'human_review' is no JSON text"):
            recorded_answer()


def test_notebook_that_is_named_and_cannot_be_read_is_a_named_error(folder, monkeypatch):
    for text, said in ((DEEP, "more than 200 levels"), (f"[{'1' * 10_000}]", "whole number"), ("", "cannot be read")):
        (folder / "named.ipynb").write_text(text)
        with pytest.raises(BadRecord, match=f"named.ipynb cannot be read as a notebook.*{said}|{said}"):
            recorded_answers(folder / "named.ipynb")
    for name in ("x" * 300 + ".ipynb", "a\0b.ipynb"):
        with pytest.raises(BadRecord, match="cannot be read as a notebook"):
            recorded_answers(folder / name)


def test_json_is_read_to_200_levels_and_in_any_thread():
    assert read_json(json_bomb(200)) is not None
    for text in (json_bomb(202), DEEP):
        with pytest.raises(ValueError, match="more than 200 levels"):
            read_json(text)
    threads = [threading.Thread(target=lambda: read_json(json_bomb(200))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
