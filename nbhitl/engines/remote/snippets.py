"""Lines that resume an interrupt from Python, JavaScript and a shell; they can be pasted and run unchanged.

Every text comes from a model or a person, so from an untrusted source. All values in the lines are quoted, so that no
value can become code, and invisible characters (direction marks, zero width, line separators) are written as escapes.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from nbhitl.engines.base import SnippetLines
from nbhitl.engines.remote.answer_format import why_not_exact

KEY_VARIABLE = "LANGGRAPH_API_KEY"
"""The environment variable from which the lines read an API key."""

LONGEST_ARGUMENT = 100_000
"""Bytes of one argument of a command; Linux takes 131,072."""

WHOLE_IN_JAVASCRIPT = 2**53
"""From here on a JavaScript number cannot hold each whole number."""

EXPONENT_IN_JAVASCRIPT = 1e21
"""From here on JavaScript writes an exponent, as Python does, so that a float stays a float."""


@dataclass(frozen=True)
class SnippetResume:
    """The resume that the lines send.

    Attributes
    ----------
    url
        The server's URL, without credentials.
    assistant, thread_id
        The assistant and the thread to resume.
    command
        LangGraph's command, ``{"resume": {interrupt id: value}}``.
    headers
        Names of the headers that the server requires; the lines read their values from the environment.
    remarks
        Remarks for the reader, each a single line.
    """

    url: str
    assistant: str
    thread_id: str
    command: dict[str, Any]
    headers: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def snippets(resume: SnippetResume) -> SnippetLines:
    """Return the lines for each client; a comment with the reason where a client cannot send the value."""
    if problem := why_not_exact(resume.command["resume"]):
        return SnippetLines(*(f"{mark} This value cannot be sent to a server: {problem}." for mark in ("#", "//", "#")))
    # once through JSON: enums, numpy's floats, tuples and the like become plain values
    plain = json.loads(json.dumps(resume.command))
    hash_remarks = "".join(f"# {remark}\n" for remark in resume.remarks)
    slash_remarks = "".join(f"// {remark}\n" for remark in resume.remarks)
    return SnippetLines(
        python=hash_remarks + _python_lines(resume, plain),
        javascript=slash_remarks + _javascript_lines(resume, plain),
        curl=hash_remarks + _curl_lines(resume, plain),
    )


def variable(header: str) -> str:
    """Return the environment variable for a header's value."""
    if header.lower() == "x-api-key":
        return KEY_VARIABLE
    return "LANGGRAPH_" + "".join(c if c.isalnum() else "_" for c in header).upper()


# --- Python -----------------------------------------------------------------------------------


def _python_lines(resume: SnippetResume, command: Any) -> str:
    imports = "import os\n\n" if resume.headers else ""
    key = "None"  # else the client would send the value of LANGSMITH_API_KEY
    extra = []
    for name in resume.headers:
        if variable(name) == KEY_VARIABLE:
            key = f'os.environ["{KEY_VARIABLE}"]'
        else:
            extra.append(f'{_python(name)}: os.environ["{variable(name)}"]')
    headers = f", headers={{{', '.join(extra)}}}" if extra else ""
    return (
        f"{imports}from langgraph_sdk import get_sync_client\n"
        "\n"
        f"client = get_sync_client(url={_python(resume.url)}, api_key={key}{headers})\n"
        "state = client.runs.wait(\n"
        f"    {_python(resume.thread_id)},\n"
        f"    {_python(resume.assistant)},\n"
        f"    command={_python(command)},\n"
        '    multitask_strategy="reject",\n'
        ")\n"
        "print(state)\n"
    )


def _python(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_python(key)}: {_python(item)}" for key, item in value.items()) + "}"
        case list():
            return f"[{', '.join(map(_python, value))}]"
        case str() if value.isprintable() and '"' not in value and "\\" not in value:
            return f'"{value}"'
    return repr(value)  # escapes invisible characters


# --- JavaScript -------------------------------------------------------------------------------


def _javascript_lines(resume: SnippetResume, command: Any) -> str:
    lost = [number for number in _numbers(command) if _lost_in_javascript(number)]
    if lost:
        return (
            f"// JavaScript cannot send {lost[0]!r} exactly: JavaScript numbers have 53 bits.\n"
            "// Resume with the Python or the cURL lines.\n"
        )
    whole = [number for number in _numbers(command) if isinstance(number, float) and number.is_integer()]
    remark = f"// JavaScript sends {whole[0]!r} as a whole number.\n" if whole else ""
    return (
        f'{remark}import {{ Client }} from "@langchain/langgraph-sdk";\n'
        "\n"
        f"const client = new Client({{ {', '.join(_javascript_options(resume))} }});\n"
        f"const state = await client.runs.wait({_json(resume.thread_id)}, {_json(resume.assistant)}, {{\n"
        f"  command: {_json(command, proto_is_a_key=False)},\n"
        '  multitaskStrategy: "reject",\n'
        "});\n"
        "console.log(state);\n"
    )


def _javascript_options(resume: SnippetResume) -> Iterator[str]:
    yield f"apiUrl: {_json(resume.url)}"
    variables = {name: variable(name) for name in resume.headers}
    yield f"apiKey: process.env.{KEY_VARIABLE}" if KEY_VARIABLE in variables.values() else "apiKey: null"
    extra = [f"{_json(name)}: process.env.{env}" for name, env in variables.items() if env != KEY_VARIABLE]
    if extra:
        yield f"defaultHeaders: {{ {', '.join(extra)} }}"


def _numbers(value: Any) -> Iterator[int | float]:
    match value:
        case dict():
            for item in value.values():
                yield from _numbers(item)
        case list():
            for item in value:
                yield from _numbers(item)
        case int() | float() if not isinstance(value, bool):
            yield value


def _lost_in_javascript(number: float) -> bool:
    """Whether ``JSON.stringify`` would write a different number."""
    if isinstance(number, int):
        return abs(number) >= WHOLE_IN_JAVASCRIPT
    return WHOLE_IN_JAVASCRIPT <= abs(number) < EXPONENT_IN_JAVASCRIPT or (number == 0 and math.copysign(1, number) < 0)


# --- a POSIX shell ----------------------------------------------------------------------------


def _curl_lines(resume: SnippetResume, command: Any) -> str:
    body = _json({"assistant_id": resume.assistant, "command": command, "multitask_strategy": "reject"})
    url = f"{resume.url}/threads/{quote(resume.thread_id, safe='')}/runs/wait"
    lines = [
        "curl --silent --show-error --fail-with-body --globoff",
        f"--request POST {_shell(url)}",
        "--header 'content-type: application/json'",
        *(f'--header "{name}: ${variable(name)}"' for name in resume.headers),
    ]
    if len(body.encode()) <= LONGEST_ARGUMENT:
        return _continued([*lines, f"--data-raw {_shell(body)}"])
    return _continued([*lines, "--data-binary @- <<'END_OF_JSON'"]) + f"{body}\nEND_OF_JSON\n"


def _continued(lines: Sequence[str]) -> str:
    return " \\\n  ".join(lines) + "\n"


def _shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# --- JSON, which is JavaScript too ------------------------------------------------------------


def _json(value: Any, *, proto_is_a_key: bool = True) -> str:
    """Return JSON; or, with ``proto_is_a_key=False``, JavaScript, where ``{"__proto__": x}`` sets the prototype."""
    match value:
        case dict():
            items = (
                f"{_json_key(key, proto_is_a_key)}: {_json(item, proto_is_a_key=proto_is_a_key)}"
                for key, item in value.items()
            )
            return "{" + ", ".join(items) + "}"
        case list():
            return f"[{', '.join(_json(item, proto_is_a_key=proto_is_a_key) for item in value)}]"
        case str():
            return _json_text(value)
    return json.dumps(value)


def _json_key(key: str, proto_is_a_key: bool) -> str:
    return _json_text(key) if proto_is_a_key or key != "__proto__" else '["__proto__"]'


def _json_text(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False).replace("</", "<\\/")  # no script element ends here
    if quoted.isprintable():
        return quoted
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in quoted)
