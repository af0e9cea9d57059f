"""Notebooks under `pytest --nbhitl`: real kernels, real messages, compared with the stored outputs."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from tests.kernel.notebooks import recorded
from tests.testing.conftest import REVIEW, SETUP


def test_accepted_notebook_passes_cell_by_cell_and_is_not_written_again(suite):
    path = suite.accepted(SETUP, REVIEW, "print('done')")
    before = path.read_bytes()
    texts = [output.get("data", {}).get("text/plain") for output in suite.read(path)["cells"][1]["outputs"]]
    assert texts[0] == ["Review of LangGraph"]
    assert texts[2][-1] == "Edited text"
    assert texts[1] == ["{'some_text': 'Edited text'}"]
    result = suite.run("-v", "--nbhitl-update", "--junitxml=junit.xml", path)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*cell 1 PASSED*", "*cell 3 PASSED*", "*1 passed, 3 cells passed*"])
    assert path.read_bytes() == before
    assert [case.get("name") for case in ET.parse("junit.xml").iter("testcase")] == ["notebook"]  # noqa: S314 - our own


def test_changed_output_fails_with_the_cell_and_the_difference(suite):
    path = suite.accepted("1", "print('one')\nprint('two')", record=[])
    path.write_text(path.read_text().replace("print('two')", "print('three')"))
    result = suite.run(path)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["report.ipynb, cell 2:", "*print('one')", "stdout:", "-two", "+three"])


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ([], "NobodyThere: Node 'human_review' asks"),
        ([recorded("x", payload={"text_to_revise": "another"})], '-  "text_to_revise": "another"'),
        ([recorded("x"), recorded("y")], "LeftoverAnswers: nothing asked for the answer"),
    ],
    ids=["missing", "payload changed", "left over"],
)
def test_record_that_does_not_fit_is_a_named_failure(suite, record, said):
    path = suite.notebook(SETUP, REVIEW, record=record)
    result = suite.run("--nbhitl-no-compare", path)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert said in result.stdout.str()


def test_bare_card_is_answered_before_the_next_cell_runs(suite):
    path = suite.accepted(SETUP, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard", "card.result")
    assert suite.read(path)["cells"][2]["outputs"][0]["data"]["text/plain"] == ["{'some_text': 'Edited text'}"]
    assert len(suite.read(path)["cells"][1]["outputs"]) == 2, "the card, and the record of the answer"


def test_outputs_of_a_node_after_the_end_of_the_cell_with_the_card_are_kept(suite):
    node = """
from IPython.display import display

def human_review(state):
    text = graphs.interrupt({"text_to_revise": state["some_text"]})
    print("printed", text)
    display("shown " + text)
    print("and more", end="")
    return {"some_text": text}

graph = graphs.compile_node(human_review)
"""
    path = suite.accepted(SETUP + node, "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard\n", "card.result")
    outputs = suite.read(path)["cells"][1]["outputs"]
    printed = "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")
    assert printed == "printed Edited text\nand more"
    shown = [output["data"]["text/plain"][0] for output in outputs if output["output_type"] == "display_data"]
    assert shown == ["Review of LangGraph", "'shown Edited text'", "Revise the text human_review\n"]
    for _ in range(2):
        suite.run(path).assert_outcomes(passed=1)


def test_alike_reviews_of_a_cell_get_their_own_recorded_answers(suite):
    source = "one, two = (nbhitl.review(graph, graphs.SEED_INPUT) for _ in range(2))\ndisplay(one)\ndisplay(two)"
    record = [{**recorded("second"), "review": 1}, recorded("first")]
    path = suite.accepted(SETUP, source, "one.result, two.result", record=record)
    first, second = suite.read(path)["cells"][1:]
    assert [output["data"]["text/plain"][-1] for output in first["outputs"][2:]] == ["first", "second"]
    assert second["outputs"][0]["data"]["text/plain"] == ["({'some_text': 'first'}, {'some_text': 'second'})"]


def test_answer_given_before_the_card_is_shown_is_told_with_the_card(suite):
    path = suite.accepted(SETUP, "card = nbhitl.review(graph, graphs.SEED_INPUT)", "card", "card.result")
    made, shown = (cell["outputs"] for cell in suite.read(path)["cells"][1:3])
    assert [output["output_type"] for output in made] == ["stream"], "that the card is not shown yet"
    assert [output["data"]["text/plain"][-1] for output in shown] == ["Review of LangGraph", "Edited text"]


def test_each_decision_path_is_a_separate_test(suite):
    suite.notebook(SETUP, REVIEW + "\n", "if _['some_text'] == 'no': raise SystemError('rejected')", record=[])
    answers = suite.folder / "report.answers.yaml"
    answers.write_text("approve:\n  human_review: yes\nreject:\n  human_review: [no]\n")
    result = suite.run("-v", "--nbhitl-no-compare")
    result.stdout.fnmatch_lines(["*notebook?approve? PASSED*", "*SystemError*rejected*", "*FAILED*notebook?reject?*"])


OF_THIRD_CELL = [recorded("Edited text", cell="cell-2")]
PATHS = "same: {human_review: Edited text}\n'no/t': {human_review: Left alone}\n"


def test_path_that_shows_something_else_than_the_notebook_fails_until_that_is_accepted(suite):
    path = suite.accepted("print('before')", SETUP, REVIEW, "print('after')", record=OF_THIRD_CELL)
    (suite.folder / "report.answers.yaml").write_text(PATHS)
    before = path.read_bytes()
    refused = suite.run("-v")
    refused.stdout.fnmatch_lines(
        [
            "*notebook?same? PASSED*",
            "*-{'some_text': 'Edited text'}",
            "*+{'some_text': 'Left alone'}",
            "*would stand in report.outputs/no%2Ft.json*",
            "*FAILED*notebook?no/t?*",
        ]
    )
    accepted = suite.run("--nbhitl-update")
    accepted.assert_outcomes(passed=3)
    accepted.stdout.fnmatch_lines(["*[[]100%]*"])
    assert path.read_bytes() == before, "the notebook keeps the outputs of its record"
    assert [each.name for each in (suite.folder / "report.outputs").iterdir()] == ["no%2Ft.json"]
    kept = suite.outputs_of("no%2Ft")
    assert list(kept) == [suite.read(path)["cells"][2]["id"]], "only the cell that shows something else"
    suite.run().assert_outcomes(passed=3)
    suite.run("--nbhitl-update").assert_outcomes(passed=3)
    assert suite.outputs_of("no%2Ft") == kept


def test_change_in_all_paths_is_accepted_in_the_notebook_alone(suite):
    path = suite.accepted("print('before')", SETUP, REVIEW, record=OF_THIRD_CELL)
    (suite.folder / "report.answers.yaml").write_text(PATHS)
    suite.run("--nbhitl-update")
    kept = suite.outputs_of("no%2Ft")
    path.write_text(path.read_text().replace("print('before')", "print('changed')"))
    suite.run().assert_outcomes(failed=3 * 2)  # the record and two paths: for each the notebook and the cell
    suite.run("--nbhitl-update").assert_outcomes(passed=3)
    assert suite.outputs_of("no%2Ft") == kept
    suite.run().assert_outcomes(passed=3)


def test_outputs_of_a_path_that_equal_the_notebook_again_are_removed(suite):
    suite.accepted(SETUP, REVIEW)
    answers = suite.folder / "report.answers.yaml"
    answers.write_text(PATHS)
    suite.run("--nbhitl-update")
    answers.write_text(PATHS.replace("Left alone", "Edited text"))
    suite.run("--nbhitl-update").assert_outcomes(passed=3)
    assert not (suite.folder / "report.outputs").exists()


def test_path_of_a_notebook_without_a_record_has_all_outputs_in_a_separate_file(suite):
    path = suite.notebook(SETUP, REVIEW, record=[])
    (suite.folder / "report.answers.yaml").write_text(PATHS)
    suite.run("--nbhitl-update").assert_outcomes(passed=2)
    assert not suite.read(path)["cells"][1]["outputs"]
    assert "Edited text" in str(suite.outputs_of("same"))
    suite.run().assert_outcomes(passed=2)


def test_paths_that_run_side_by_side_are_accepted_in_separate_files(suite):
    suite.notebook(SETUP, REVIEW, record=[])
    (suite.folder / "report.answers.yaml").write_text(PATHS)
    suite.run("--nbhitl-update", "--nbhitl-workers=2").assert_outcomes(passed=2)
    assert sorted(each.stem for each in (suite.folder / "report.outputs").iterdir()) == ["no%2Ft", "same"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("same", "{", "report.outputs/same.json is no JSON"),
        ("same", "[]", "report.outputs/same.json maps ids of cells to outputs"),
        (
            "same",
            '{"a": [{"output_type": "stream"}]}',
            "report.outputs/same.json: the outputs of cell 'a' are not valid",
        ),
        ("gone", "{}", "report.outputs/gone.json belongs to no decision path of report.ipynb"),
    ],
)
def test_accepted_outputs_that_are_broken_or_of_no_path_are_located(suite, name, text, said):
    suite.notebook(SETUP, REVIEW, record=[])
    (suite.folder / "report.answers.yaml").write_text(PATHS)
    (suite.folder / "report.outputs").mkdir()
    (suite.folder / "report.outputs" / f"{name}.json").write_text(text)
    result = suite.run()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert said in result.stdout.str()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("approve: {human: 1}", "path 'approve' in report.answers.yaml has no answer for that node; it has some for"),
        ("approve: 3", "path 'approve' is a int; it maps nodes to answers"),
        ("- approve", "maps the names of paths to answers, and is no list"),
        (
            "approve: {human_review: {$decision: aprove}}",
            "node 'human_review': {'$decision': 'aprove'} is not a decision",
        ),
        ("approve: {human_review: 2020-01-01}", "Answers are JSON values"),
        ("approve: [", "cannot be read as YAML"),
        ("approve: {human_review: [a, b]}", "has 1 unused answer: answer 2 for node 'human_review' (a string)"),
    ],
)
def test_answers_file_that_is_wrong_is_located(suite, text, said):
    suite.notebook(SETUP, REVIEW, record=[])
    (suite.folder / "report.answers.yaml").write_text(text)
    result = suite.run()
    assert result.ret != pytest.ExitCode.OK
    assert said in result.stdout.str()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"cells": [', "is no JSON"),
        ('{"nbformat": 3, "worksheets": []}', "notebook format 3. Convert it with: jupyter nbconvert"),
        ("{}", "the key nbformat is missing"),
        (
            '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}',
            "is no valid notebook",
        ),
    ],
)
def test_file_that_is_no_notebook_is_an_error_that_says_where(suite, text, said):
    (suite.folder / "report.ipynb").write_text(text)
    result = suite.run()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert said in result.stdout.str()


def test_dying_kernel_fails_the_cell_and_does_not_hurt_the_next_notebook(suite):
    suite.notebook("print('before')", "import os; os._exit(3)", "1 + 1", name="a", record=[])
    suite.notebook("1 + 1", name="b", record=[])
    result = suite.run("--nbhitl-no-compare", "-v")
    result.stdout.fnmatch_lines(
        ["*cell 1 PASSED*", "*cell 2 FAILED*", "*b.ipynb::notebook PASSED*", "*The kernel died in this cell*"]
    )


def test_cell_that_never_ends_is_ended_and_named(suite):
    path = suite.notebook("import asyncio\nawait asyncio.Event().wait()", "1", record=[])
    result = suite.run("--nbhitl-timeout=1", path)
    result.stdout.fnmatch_lines(["*cell 1:", "*did not end within 1 s*", "*Not executed: cell 2*"])


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--nbhitl-timeout=-3", "*-3 is no positive number of seconds*"),
        ("--nbhitl-workers=0", "*0 is no whole number from 1*"),
    ],
)
def test_number_that_makes_no_sense_is_refused_by_name(suite, option, told):
    result = suite.run(option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([told])


def test_marks_of_cells_are_heeded(suite):
    stream = [{"output_type": "stream", "name": "stdout", "text": "old 12 at 0xabcdef01\n"}]
    changed = "print('new 34 at 0x12345678')"
    path = suite.notebook(
        "# NBVAL_IGNORE_OUTPUT\n" + changed,
        changed,
        changed,
        "raise ValueError",
        "1 / 0",
        record=[],
        outputs={0: stream, 1: stream, 2: stream},
    )
    notebook = suite.read(path)
    notebook["cells"][1]["metadata"]["tags"] = ["nbhitl-skip-output"]
    notebook["cells"][2]["metadata"]["nbhitl"] = {"sanitize": {r"(old|new) \d+": "age"}}
    notebook["cells"][3]["metadata"]["tags"] = ["skip-execution"]
    notebook["cells"][4]["metadata"]["tags"] = ["raises-exception", "nbhitl-skip-output"]
    path.write_text(json.dumps(notebook))
    result = suite.run("-v", path)
    result.stdout.fnmatch_lines(["*1 passed, 4 cells passed, 1 cells skipped*"])


def test_isolation_forked_kernels_share_nothing(suite):
    leave = """
import asyncio, os, sys, threading, random
import ipywidgets, langgraph
langgraph.left = os.environ["LEFT"] = "something"
os.chdir("/")
widget = ipywidgets.IntSlider()
threading.Thread(target=threading.Event().wait, daemon=True, name="left").start()
task = asyncio.create_task(asyncio.Event().wait(), name="left")
"""
    look = """
import asyncio, os, threading
import ipywidgets, langgraph
assert not hasattr(langgraph, "left") and "LEFT" not in os.environ
assert os.path.exists("b.ipynb"), os.getcwd()
import ipywidgets.widgets.widget
assert not ipywidgets.widgets.widget._instances
assert "left" not in [each.name for each in threading.enumerate()]
assert "left" not in [each.get_name() for each in asyncio.all_tasks()]
import random; print(random.random())
"""
    suite.notebook(leave, name="a", record=[])
    suite.notebook(look, name="b", record=[])
    suite.notebook(look, name="c", record=[])
    suite.run("--nbhitl-no-compare").assert_outcomes(passed=3)
    suite.run("--nbhitl-no-compare", "--nbhitl-workers=3").assert_outcomes(passed=3)


def test_plain_start_gives_the_same_verdict(suite):
    path = suite.accepted(SETUP, REVIEW)
    suite.run("--nbhitl-isolation=process", path).assert_outcomes(passed=1)


def test_default_xdist_keeps_notebooks_whole(suite):
    pytest.importorskip("xdist")
    for name in "ab":
        suite.notebook("x = 1", "assert x == 1", name=name, record=[])
    suite.run("-p", "xdist", "-n2", "--nbhitl-isolation=process").assert_outcomes(passed=2)


def test_plugin_costs_runs_without_notebooks_nothing():
    code = "import sys, nbhitl_pytest; print([n for n in ('nbhitl', 'langgraph', 'nbclient') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_kernel_that_dies_after_the_end_of_a_cell_is_told_in_this_cell(suite):
    dies = """
import os
graph = graphs.compile_node(lambda state: graphs.interrupt({"any": 1}) and os._exit(1), "ask")
card = nbhitl.review(graph, graphs.SEED_INPUT)
card
"""
    (suite.folder / "report.answers.yaml").write_text("die: {ask: 1}\n")
    suite.notebook(SETUP, dies, "1", record=[])
    result = suite.run("--nbhitl-timeout=30")
    result.stdout.fnmatch_lines(["*cell 2:", "*The kernel died in this cell*", "*Not executed: cell 3*"])


UNATTENDED = REVIEW.replace(")", ", unattended=['by the source'])")


@pytest.mark.parametrize("record", [[], [recorded("by a reader")]], ids=["no record", "a reader's record"])
def test_unattended_answers_of_the_source_are_given_under_the_plugin(suite, record):
    path = suite.notebook(SETUP, UNATTENDED, record=record)
    suite.run("--nbhitl-update", path).assert_outcomes(passed=1)
    assert "by the source" in path.read_text()


def test_path_wins_over_unattended_answers(suite):
    path = suite.notebook(SETUP, UNATTENDED, record=[])
    (suite.folder / "report.answers.yaml").write_text("other: {human_review: on the path}")
    suite.run("--nbhitl-update", path).assert_outcomes(passed=1)
    assert "on the path" in str(suite.outputs_of("other"))


@pytest.mark.parametrize("review", [REVIEW, UNATTENDED])
def test_file_of_answers_takes_the_place_of_record_and_unattended_answers(suite, monkeypatch, review):
    path = suite.notebook(SETUP, review)
    (suite.folder / "answers.yaml").write_text("human_review: From a file")
    monkeypatch.setenv("NBHITL_ANSWERS", "answers.yaml")
    for _ in range(2):  # the second run finds the answers of the file again
        suite.run("--nbhitl-update", path).assert_outcomes(passed=1)
    assert "From a file" in path.read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("human: x", "answers.yaml has no answer for that node; it has some for: 'human'"),
        (
            "{human_review: [x, y], other: 1}",
            "answers.yaml has 1 unused answer: answer 2 for node 'human_review' (a string)",
        ),
        ("[]", "answers.yaml is empty"),
    ],
)
def test_file_of_answers_that_does_not_fit_is_named(suite, monkeypatch, text, said):
    path = suite.notebook(SETUP, REVIEW)
    (suite.folder / "answers.yaml").write_text(text)
    monkeypatch.setenv("NBHITL_ANSWERS", "answers.yaml")
    result = suite.run("--nbhitl-no-compare", path)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert said in result.stdout.str()


def test_file_of_answers_may_have_answers_for_nodes_of_further_notebooks(suite, monkeypatch):
    suite.notebook("1", record=[], name="asks_nothing")
    suite.notebook(SETUP, REVIEW)
    (suite.folder / "answers.yaml").write_text("{human_review: x, other: 1, $reviews: {q3: {human_review: y}}}")
    monkeypatch.setenv("NBHITL_ANSWERS", "answers.yaml")
    suite.run("--nbhitl-no-compare").assert_outcomes(passed=2)


def test_key_of_a_review_without_a_record_finds_the_answers_of_the_file(suite, monkeypatch):
    saver = "from langgraph.checkpoint.memory import InMemorySaver\n"
    review = saver + REVIEW.replace(")", ", key='q3', record=False, checkpointer=InMemorySaver())")
    path = suite.notebook(SETUP, review, record=[])
    (suite.folder / "answers.yaml").write_text("{human_review: for all, $reviews: {q3: {human_review: for q3}}}")
    monkeypatch.setenv("NBHITL_ANSWERS", "answers.yaml")
    suite.run("--nbhitl-update").assert_outcomes(passed=1)
    assert "for q3" in path.read_text()


RAISES = "graph = graphs.raises_after_the_answer()\n"


@pytest.mark.parametrize("path", [False, True], ids=["record", "path"])
def test_error_of_a_node_after_the_answer_is_raised_in_the_cell(suite, path):
    asked = {"node": "check", "payload": "A number?"}
    suite.notebook(SETUP, RAISES + REVIEW, "1", record=[] if path else [recorded("x", **asked)])
    if path:
        (suite.folder / "report.answers.yaml").write_text("once: {check: x}")
    result = suite.run("--nbhitl-no-compare")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*ZeroDivisionError*: cannot use*", "*Not executed: cell 3*"])
    assert "NobodyThere" not in result.stdout.str()


def test_run_that_fails_under_a_card_whose_result_nobody_reads_fails_the_notebook(suite):
    """The run takes the recorded answers, and then a node raises, which was not so when the notebook was recorded."""
    fails = (
        "STRICT = False\n\ndef check(state):\n    if STRICT:\n        raise ValueError('not good')\n    return state\n"
    )
    builder = (
        "builder = graphs.StateGraph(graphs.State).add_node('human_review', graphs.human_review)\n"
        "builder.add_node('check', check).add_edge(graphs.START, 'human_review').add_edge('human_review', 'check')\n"
        "graph = builder.compile()\n"
    )
    path = suite.accepted(f"{SETUP}\n{fails}{builder}", "card = nbhitl.review(graph, graphs.SEED_INPUT)\ncard", "1")
    suite.run(path).assert_outcomes(passed=1)
    path.write_text(path.read_text().replace("STRICT = False", "STRICT = True"))
    result = suite.run(path)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*The run failed*", "*ValueError: not good*"])


def test_stream_that_the_cell_of_a_card_reads_waits_for_the_recorded_answer(suite):
    source = (
        "card = nbhitl.review(graph, graphs.SEED_INPUT)\nfor chunk in card.stream():\n    print(chunk)\ncard.result"
    )
    path = suite.notebook(SETUP, source)
    suite.run("--nbhitl-update").assert_outcomes(passed=1)
    shown = str(suite.read(path)["cells"][1]["outputs"])
    assert "{'human_review': {'some_text': 'Edited text'}}" in shown


def test_card_that_is_not_shown_is_answered_too(suite):
    path = suite.notebook(SETUP, "card = nbhitl.review(graph, graphs.SEED_INPUT)", "card.result")
    suite.run("--nbhitl-update").assert_outcomes(passed=1)
    assert "{'some_text': 'Edited text'}" in str(suite.read(path)["cells"][2]["outputs"])


def test_answer_of_the_same_cell_comes_before_that_of_another(suite):
    of_first, of_second = recorded("first", cell="cell-1"), recorded("second", cell="cell-2")
    path = suite.notebook(SETUP, REVIEW, REVIEW, record=[of_first, of_second])
    notebook = suite.read(path)
    notebook["cells"][1]["metadata"]["tags"] = ["skip-execution"]
    path.write_text(json.dumps(notebook))
    suite.run("--nbhitl-update").assert_outcomes(passed=1)
    assert "{'some_text': 'second'}" in str(suite.read(path)["cells"][2]["outputs"])


@pytest.mark.parametrize("minor", [0, 5], ids=["a format without ids", "ids that are missing"])
def test_answer_that_is_recorded_in_the_output_of_a_cell_without_an_id_is_given_and_kept(suite, minor):
    path = suite.notebook(SETUP, REVIEW + "\n", "print('after')", record=[])
    notebook = suite.read(path)
    notebook["nbformat_minor"] = minor
    for cell in notebook["cells"]:
        del cell["id"]
    record = {"format": 1, "answers": [recorded("Kept")]}
    stands = {"output_type": "display_data", "data": {}, "metadata": {"nbhitl_record": record}}
    notebook["cells"][1]["outputs"] = [stands]
    path.write_text(json.dumps(notebook))
    for _ in range(2):
        suite.run("--nbhitl-update").assert_outcomes(passed=1)
        assert "{'some_text': 'Kept'}" in str(suite.read(path)["cells"][1]["outputs"])
    suite.run().assert_outcomes(passed=1)


def test_paths_of_a_notebook_whose_ids_are_missing_settle(suite):
    path = suite.accepted(SETUP, REVIEW)
    notebook = suite.read(path)
    for cell in notebook["cells"]:
        del cell["id"]
    path.write_text(json.dumps(notebook))
    (suite.folder / "report.answers.yaml").write_text("other: {human_review: Left alone}")
    suite.run("--nbhitl-update")
    assert list(suite.outputs_of("other")) == ["nbhitl-1"]
    suite.run("-k", "other").assert_outcomes(passed=1)


def test_stored_error_does_not_excuse_an_error_without_a_tag(suite):
    error = {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": []}
    suite.notebook("1 / 0", record=[], outputs={0: [error]})
    result = suite.run("--nbhitl-update")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])


def test_failed_paths_alone_are_run_again_with_lf(suite):
    suite.accepted(SETUP, REVIEW)
    (suite.folder / "report.answers.yaml").write_text(PATHS)
    cached = ("-p", "cacheprovider", "-o", "cache_dir=cached")
    suite.run(*cached).assert_outcomes(passed=2, failed=2)
    again = suite.run(*cached, "--lf")
    again.assert_outcomes(failed=2)  # the path, and the cell in the path


def test_record_of_another_notebook_is_taken(suite, monkeypatch):
    path = suite.notebook(SETUP, REVIEW, record=[])
    suite.notebook("1", name="answered", record=[recorded("in another")])
    monkeypatch.setenv("NBHITL_ANSWERS", "answered.ipynb")
    suite.run("--nbhitl-update", path).assert_outcomes(passed=1)
    assert "in another" in path.read_text()


def test_answer_whose_cell_is_gone_is_told_and_taken_out_when_that_is_accepted(suite):
    path = suite.accepted(SETUP, REVIEW)
    before = path.read_bytes()
    notebook = suite.read(path)
    gone, moved = recorded("y", cell="gone"), recorded("x", cell="gone", payload={"text_to_revise": "of another"})
    notebook["metadata"]["nbhitl.gone"] = {"format": 1, "answers": [gone, moved]}
    other = "graph = graphs.seed()\nawait nbhitl.review(graph, {'some_text': 'of another'})"
    source = notebook["cells"][1]["source"]
    notebook["cells"][1]["source"] += f"\n{other}"
    path.write_text(json.dumps(notebook, indent=1))
    refused = suite.run("--nbhitl-no-compare")
    refused.stdout.fnmatch_lines(["*in a cell that is gone*", "Remove the answer from the notebook: *--nbhitl-update"])
    suite.run("--nbhitl-update").assert_outcomes(passed=1)
    assert suite.read(path)["metadata"]["nbhitl.gone"]["answers"] == [moved], "another cell asks for this answer now"
    notebook["cells"][1]["source"] = source
    notebook["metadata"]["nbhitl.gone"]["answers"] = [gone]
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False))
    suite.run("--nbhitl-update").assert_outcomes(passed=1)
    assert json.loads(before) == suite.read(path)


def test_answer_that_the_cell_no_longer_asks_for_is_not_accepted(suite):
    path = suite.notebook(SETUP, REVIEW, record=[recorded("x"), recorded("y")])
    before = path.read_bytes()
    assert suite.run("--nbhitl-update").ret == pytest.ExitCode.TESTS_FAILED
    assert path.read_bytes() == before


def test_nothing_is_accepted_where_a_cell_raised(suite):
    path = suite.notebook("print('new')", "1 / 0", record=[])
    before = path.read_bytes()
    assert suite.run("--nbhitl-update", path).ret == pytest.ExitCode.TESTS_FAILED
    assert path.read_bytes() == before


def test_text_of_a_notebook_cannot_rewrite_the_output_of_pytest(suite):
    """The text stands in a traceback, a differing output, a cell's source and a path's name; JUnit is read as well."""
    attack = "deleted\r1 passed\x1b[K\x1b]52;c;cm0gLXJmIC8=\x07\u202e"
    path = suite.accepted("print('before')", "1", record=[])
    notebook = suite.read(path)
    notebook["cells"][0]["source"] = f"# \x1b[K\u202e\nprint({attack!r})"
    notebook["cells"][1]["source"] = f"raise ValueError({attack!r})"
    notebook["metadata"]["nbhitl"] = {"paths": {f"way {attack}": {"ask": "x"}}}
    path.write_text(json.dumps(notebook))
    result = suite.run("-v", "--junitxml=junit.xml", path)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    printed = result.stdout.str()
    assert "ValueError: deleted⟨U+000D⟩1 passed⟨U+001B⟩[K" in printed
    assert "way deleted⟨U+000D⟩" in printed
    for text in (printed, (suite.folder / "junit.xml").read_text()):
        assert not set("\r\x1b\x07\u202e") & set(text)
