"""Parts of payloads that users set aside, under nbhitl's runner: the question is found again, and shown alike."""

import pytest

from tests.kernel.notebooks import recorded
from tests.kernel.test_set_aside import IN_METADATA, IN_SOURCE, REVIEW, SETUP

PAYLOAD = {"text": "original text", "at": 17}


@pytest.mark.parametrize(
    ("review", "metadata"), [(IN_SOURCE, {}), (REVIEW, IN_METADATA)], ids=["in the source", "in the metadata"]
)
def test_notebook_whose_node_asks_with_a_clock_shows_the_same_each_time(suite, review, metadata):
    path = suite.notebook(SETUP, review, record=[recorded("Edited text", payload=PAYLOAD)])
    notebook = suite.read(path)
    notebook["cells"][1]["metadata"] = metadata
    suite.write(path, notebook)
    suite.run("--nbhitl-update", path)
    outputs = suite.read(path)["cells"][1]["outputs"]
    assert any("(set aside)" in "".join(output["data"]["text/plain"]) for output in outputs)
    suite.run(path).assert_outcomes(passed=1)


def test_notebook_that_sets_nothing_aside_fails_by_name(suite):
    path = suite.notebook(SETUP, REVIEW, record=[recorded("Edited text", payload=PAYLOAD)])
    result = suite.run("--nbhitl-no-compare", path)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "QuestionChanged" in result.stdout.str()
