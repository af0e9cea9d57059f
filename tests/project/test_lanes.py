"""A running lane tells the test at work."""

from tests.lane_progress import PROGRESS_FILE, read_progress
from tests.lanes import FAILURES_AT_MOST, PYTEST, Lane, failures_of, in_words, lanes
from tests.tools import ROOT

TESTS = """
import os
from pathlib import Path

def test_one():
    pass

def test_two():
    assert Path(os.environ["COPY"]).write_text(Path(os.environ["NBHITL_PROGRESS_FILE"]).read_text())
    assert False
"""


def test_lane_tells_the_test_at_work_and_each_failure(pytester, monkeypatch):
    file, copy = pytester.path / "progress.jsonl", pytester.path / "copy.jsonl"
    monkeypatch.setenv(PROGRESS_FILE, str(file))
    monkeypatch.setenv("COPY", str(copy))
    pytester.makepyfile(test_lane=TESTS)

    pytester.runpytest_inprocess("-p", "tests.lane_progress")

    during, after = read_progress(copy), read_progress(file)
    assert in_words(during) == "1 of 2 done, 0 failed, at test_lane.py::test_two"
    assert in_words(after) == "2 of 2 done, 1 failed"
    assert after.failed == ["test_lane.py::test_two"]


def test_half_written_line_is_left_for_the_next_look(tmp_path):
    file = tmp_path / "progress.jsonl"
    file.write_text('{"event": "collected", "count": 5}\n{"event": "beg', encoding="utf-8")

    assert in_words(read_progress(file)) == "0 of 5 done, 0 failed"


def test_lane_without_a_file_yet_has_begun_no_test(tmp_path):
    assert in_words(read_progress(tmp_path / "none")) == "no test has begun"


def test_failures_of_a_lane_are_told_once_more_at_the_end(pytester, capsys):
    tests = pytester.makepyfile(test_lane=f"def test_long():\n    print('x' * {FAILURES_AT_MOST})\n    assert 1 == 2")
    lane = Lane.start("long", [*PYTEST, "-p", "no:cacheprovider", str(tests)], pytester.path)
    lane.process.wait()

    told = lane.end()

    assert " 1 failed in " in capsys.readouterr().out
    assert told.startswith("[long] failed with exit code 1\n")
    assert len(told) < FAILURES_AT_MOST + 200


def test_failures_are_cut_out_of_the_output():
    failures = "=== FAILURES ===\n___ test_one ___\nE   assert 1 == 2\n"
    assert failures_of(f"collected 5 items\n{failures}=== slowest 20 durations ===\n1 s\n=== 1 failed ===") == failures
    assert failures_of("error: Name is not defined\n") == "error: Name is not defined\n"


def test_each_file_of_tests_is_run_by_a_single_lane():
    run = [path for arguments in lanes().values() for path in files_of(arguments)]
    assert sorted(run) == sorted(path for path in (ROOT / "tests").rglob("test_*.py") if "bench" not in path.parts)


def files_of(arguments):
    ignored = [ROOT / each.removeprefix("--ignore=") for each in arguments if each.startswith("--ignore=")]
    places = [ROOT / each for each in arguments if not each.startswith("-")]
    assert all(each.exists() for each in [*places, *ignored])
    found = [path for place in places for path in ([place] if place.is_file() else place.rglob("test_*.py"))]
    return [
        path for path in found if not any(path.is_relative_to(each) for each in ignored) and "bench" not in path.parts
    ]
