"""The file of recorded calls gives back each call unchanged, whatever a prompt or an answer holds."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nbhitl.errors import BadModelRecord
from nbhitl.models.recorder import CallRecorder
from nbhitl.models.sidecar import RecordedCall, Sidecar, as_text, beside, read, write
from nbhitl.models.steady import AskedCall

TEXT = st.text(st.characters(), max_size=20)
MESSAGES = st.lists(
    st.dictionaries(st.sampled_from(["system", "human", "ai"]), TEXT, min_size=1, max_size=1), max_size=4
)
ANSWERS = st.one_of(
    st.fixed_dictionaries({"ai": TEXT}),
    st.fixed_dictionaries({"text": TEXT}),
    st.fixed_dictionaries({"failed": TEXT, "message": TEXT}),
)
CALLS = st.builds(
    lambda cell, model, messages, said: RecordedCall(cell, AskedCall({"model": model}, messages), said),
    st.sampled_from(["first", "second"]),
    st.sampled_from(["small", "large"]),
    MESSAGES,
    ANSWERS,
)


def as_tuple(call):
    return call.cell, call.asked.settings, call.asked.messages, call.said


@given(st.lists(CALLS, max_size=6))
@example([RecordedCall("first", AskedCall({"model": "small"}, [{"human": "a\u2028b"}]), {"ai": "x\x85y"})])
@example(
    [
        RecordedCall("first", AskedCall({"model": "small"}, [{"ai": "", "calls": [sent]}]), {"ai": "x"})
        for sent in (1, True, 1.0)
    ]
)
@example([RecordedCall("first", AskedCall({"model": "small"}, [{"human": "\ud800"}]), {"ai": "\udfff"})])
def test_written_calls_are_read_unchanged(tmp_path_factory, calls):
    path = beside(tmp_path_factory.getbasetemp() / "report.ipynb")
    write(path, Sidecar(calls, {"OPENAI_API_KEY"}))
    found = read(path)
    assert list(map(as_tuple, found.calls)) == list(map(as_tuple, calls))
    assert repr(list(map(as_tuple, found.calls))) == repr(list(map(as_tuple, calls)))  # 1 is not True
    assert found.keys == {"OPENAI_API_KEY"}


def test_call_that_the_record_of_the_cell_answers_does_not_read_the_notebook(tmp_path):
    notebook, asked, looked = tmp_path / "report.ipynb", AskedCall({"model": "small"}, [{"human": "a"}]), []
    write(beside(notebook), Sidecar([RecordedCall("first", asked, {"ai": "b"})], set()))

    def order(path):
        looked.append(path)
        return ["first"]

    recorder = CallRecorder(notebook, "none", order)
    call, is_replayed = recorder.begin(recorder.execution("1", "first"), asked, ())
    assert (call.said, is_replayed, looked) == ({"ai": "b"}, True, [])


@pytest.mark.parametrize("mode", ["all", "new", "once", "none"])
def test_file_with_the_marks_of_a_merge_stays_and_the_error_names_the_next_step(tmp_path, mode):
    path = beside(tmp_path / "report.ipynb")
    write(path, Sidecar([RecordedCall("first", AskedCall({"model": "small"}, []), {"ai": "b"})], set()))
    broken = path.read_text() + "<<<<<<< HEAD\n"
    path.write_text(broken)
    with pytest.raises(BadModelRecord, match=r"Line 3 of report.models.jsonl cannot be read.*delete it and run"):
        CallRecorder(tmp_path / "report.ipynb", mode)
    assert path.read_text() == broken
    path.unlink()
    assert CallRecorder(tmp_path / "report.ipynb", "all").records


def test_conversation_of_some_hundred_turns_is_written_at_once():
    calls: list[RecordedCall] = []
    messages: list[dict[str, str]] = []
    for turn in range(400):
        messages = [*messages, {"human": f"question {turn}"}]
        calls.append(RecordedCall("first", AskedCall({"model": "small"}, messages), {"ai": f"answer {turn}"}))
        messages = [*messages, {"ai": f"answer {turn}"}]
    began = time.process_time()
    text = as_text(Sidecar(calls))
    assert time.process_time() - began < 3  # a comparison of every two calls took 7 s
    assert text.count('"question 7"') == 1
