"""The lines that resume a run: no text breaks out of the quotes, as read by the real bash, python and node."""

import json
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbhitl.engines.remote import snippets as module
from nbhitl.engines.remote.answer_format import why_not_exact
from nbhitl.engines.remote.snippets import SnippetResume, snippets

ID = "2eb4" * 8
PLAIN = SnippetResume("http://localhost:2024", "agent", "1f1e-thread", {"resume": {ID: "Edited text"}})
KEYED = SnippetResume(
    "https://example.org/api",
    "agent",
    "1f1e-thread",
    {"resume": {ID: True}},
    ("x-api-key", "authorization", "x-tenant"),
)


def test_python_lines():
    assert snippets(PLAIN).python == (
        "from langgraph_sdk import get_sync_client\n"
        "\n"
        'client = get_sync_client(url="http://localhost:2024", api_key=None)\n'
        "state = client.runs.wait(\n"
        '    "1f1e-thread",\n'
        '    "agent",\n'
        f'    command={{"resume": {{"{ID}": "Edited text"}}}},\n'
        '    multitask_strategy="reject",\n'
        ")\n"
        "print(state)\n"
    )


def test_javascript_lines():
    assert snippets(PLAIN).javascript == (
        'import { Client } from "@langchain/langgraph-sdk";\n'
        "\n"
        'const client = new Client({ apiUrl: "http://localhost:2024", apiKey: null });\n'
        'const state = await client.runs.wait("1f1e-thread", "agent", {\n'
        f'  command: {{"resume": {{"{ID}": "Edited text"}}}},\n'
        '  multitaskStrategy: "reject",\n'
        "});\n"
        "console.log(state);\n"
    )


def test_curl_lines():
    command = f'{{"resume": {{"{ID}": "Edited text"}}}}'
    body = f'{{"assistant_id": "agent", "command": {command}, "multitask_strategy": "reject"}}'
    assert snippets(PLAIN).curl == (
        "curl --silent --show-error --fail-with-body --globoff \\\n"
        "  --request POST 'http://localhost:2024/threads/1f1e-thread/runs/wait' \\\n"
        "  --header 'content-type: application/json' \\\n"
        f"  --data-raw '{body}'\n"
    )


def test_credentials_are_read_from_the_environment():
    lines = snippets(KEYED)
    assert 'api_key=os.environ["LANGGRAPH_API_KEY"]' in lines.python
    assert '"authorization": os.environ["LANGGRAPH_AUTHORIZATION"]' in lines.python
    assert lines.python.startswith("import os\n")
    assert "apiKey: process.env.LANGGRAPH_API_KEY" in lines.javascript
    assert '"x-tenant": process.env.LANGGRAPH_X_TENANT' in lines.javascript
    assert '--header "x-api-key: $LANGGRAPH_API_KEY"' in lines.curl
    assert '--header "authorization: $LANGGRAPH_AUTHORIZATION"' in lines.curl


def test_value_that_no_client_can_send_is_a_comment_in_each():
    lines = snippets(SnippetResume("http://x", "a", "t", {"resume": {ID: "a\0\nb"}}))
    for text, mark in ((lines.python, "# "), (lines.javascript, "// "), (lines.curl, "# ")):
        assert text.startswith(mark)
        assert "NUL" in text
        assert "\n" not in text


def test_float_that_javascript_sends_as_a_whole_number_is_remarked():
    assert snippets(SnippetResume("http://x", "a", "t", {"resume": {ID: 1.0}})).javascript.startswith(
        "// JavaScript sends 1.0"
    )


def test_characters_that_do_not_show_are_escaped():
    lines = snippets(SnippetResume("http://x", "a", "t", {"resume": {ID: "\u202e\u200b\u2028\x7f é 🎉"}}))
    for text in (lines.python, lines.javascript, lines.curl):
        assert text.replace("\n", "").isprintable()
        assert "é 🎉" in text


def test_no_script_element_ends_in_the_lines_of_a_page():
    lines = snippets(SnippetResume("http://x", "a", "t", {"resume": {ID: {"</script>": "</script>"}}}))
    assert "</script" not in lines.javascript
    assert "</script" not in lines.curl


# --- quoting, tested with the programs themselves ---------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30) | st.lists(
    st.sampled_from(
        ["'", '"', "\\", "`", "$", "{", "}", "\n", "\r", "!", "'''", "${x}", "$(x)", "</script>", "\u2028"]
    ),
    max_size=12,
).map("".join)
KEY = TEXT | st.sampled_from(["__proto__", "constructor", "toString"])
NUMBER = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2.0**40), 2.0**40).map(
    lambda number: number + 0.5 if number.is_integer() else number
)
VALUE = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3),
    max_leaves=4,
)
# a process for each batch: a process for each value would take minutes
BATCHES = st.lists(VALUE, min_size=8, max_size=20)
FEW = settings(max_examples=20, suppress_health_check=[HealthCheck.large_base_example])


@FEW
@given(BATCHES)
def test_python_reads_the_same_values(values):
    source = f"import json\nprint(json.dumps([{', '.join(map(module._python, values))}]))"
    assert output([sys.executable, "-"], source) == values


@pytest.mark.needs("node")
@FEW
@given(BATCHES)
def test_node_reads_the_same_values(values):
    items = ", ".join(module._json(value, proto_is_a_key=False) for value in values)
    source = f"process.stdout.write(JSON.stringify([{items}]))"
    assert output(["node", "--input-type=module", "-"], source) == values


@FEW
@given(BATCHES)
def test_bash_hands_over_the_same_values(values):
    arguments = " ".join(module._shell(module._json(value)) for value in values)
    printed = run_program(["bash"], f"printf '%s\\n' {arguments}\n")
    assert [json.loads(line) for line in printed.splitlines()] == values


@given(st.text() | st.floats() | st.integers() | VALUE)
def test_lines_are_made_of_any_value(value):
    lines = snippets(SnippetResume("http://x", "a", "t", {"resume": {ID: value}}))
    assert lines.python.startswith("#") == (why_not_exact(value) is not None)


def output(command, source):
    return json.loads(run_program(command, source))


def run_program(command, source):
    done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
