"""The file of recorded calls gives back each call as it was, whatever a prompt or an answer holds."""

from hypothesis import example, given
from hypothesis import strategies as st

from nbhitl.models.sidecar import Call, Sidecar, beside, read, write
from nbhitl.models.steady import Asked

TEXT = st.text(st.characters(), max_size=20)
MESSAGES = st.lists(
    st.one_of(st.builds(dict, system=TEXT), st.builds(dict, human=TEXT), st.builds(dict, ai=TEXT)), max_size=4
)
ANSWERS = st.builds(dict, ai=TEXT) | st.builds(dict, text=TEXT) | st.builds(dict, failed=TEXT, message=TEXT)
CALLS = st.builds(
    lambda cell, model, messages, said: Call(cell, Asked({"model": model}, messages), said),
    st.sampled_from(["first", "second"]),
    st.sampled_from(["small", "large"]),
    MESSAGES,
    ANSWERS,
)


def as_tuple(call):
    return call.cell, call.asked.settings, call.asked.messages, call.said


@given(st.lists(CALLS, max_size=6))
@example([Call("first", Asked({"model": "small"}, [{"human": "a\u2028b"}]), {"ai": "x\x85y"})])
@example([Call("first", Asked({"model": "small"}, [{"human": "\ud800"}]), {"ai": "\udfff"})])
def test_written_calls_are_read_as_they_were(tmp_path_factory, calls):
    path = beside(tmp_path_factory.getbasetemp() / "report.ipynb")
    write(path, Sidecar(calls, {"OPENAI_API_KEY"}))
    found = read(path)
    assert list(map(as_tuple, found.calls)) == list(map(as_tuple, calls))
    assert found.keys == {"OPENAI_API_KEY"}
