"""The card's lines, run verbatim against a server: the state has exactly the value, for any JSON value."""

import asyncio
import uuid

import pytest

from tests.server.helpers import NEEDS, SEED_INPUT, run, run_each, unwatched

pytestmark = pytest.mark.needs("langgraph_server")

HOSTILE = {
    "plain": "Edited text",
    "empty": "",
    "single quotes": "it's '''three''' '",
    "double quotes": '"a" """b"""',
    "backslashes": "\\ \\n \\' \\\" \\",
    "lines": "one\ntwo\r\n\tthree\n",
    "shell": "$HOME $(id) `id` ${x:-y} !! ; rm x & > < | * ? ~ # %",
    "template literal": "${1 + 1} `code` \\${x}",
    "end of script": "</script><script>alert(1)</script><!-- -->",
    "line separators": "a\u2028b\u2029c\u0085d",
    "emoji": "👩‍👩‍👧 🎉 é e\u0301",
    "right to left": "\u202eevil\u202c مرحبا \u200b\u2066x\u2069",
    "leading at": "@/etc/passwd",
    "leading dash": "--request DELETE",
    "heredoc end": "END_OF_JSON\nEND_OF_JSON",
    "format braces": "{value} %s {{}} {0}",
    "control characters": "".join(map(chr, range(1, 32))) + "\x7f",
    "keys": {"__proto__": {"polluted": True}, "constructor": 1, "": 2, "a b": 3, "'": 4, "</script>": 5, "\u2028": 6},
    "nothing": None,
    "no": False,
    "zero": 0,
    "empty object": {},
    "empty list": [],
    "nested": [[[{"a": [None, True, "x"]}]]],
    "float": 0.1,
    "small float": -1.5e-300,
    "big float": 1.7e300,
    "largest whole number of JavaScript": 2**53 - 1,
    "long": "ä'\"\\\n" * 40_000,
}

NOT_FOR_JAVASCRIPT = {"2**53 + 1": 2**53 + 1, "64 bits": 2**64 - 1, "-2**63": -(2**63), "float of 1e20": {"x": 1e20}}

EVERY_CLIENT = [pytest.param(name, marks=pytest.mark.needs(*NEEDS[name])) for name in NEEDS]


@pytest.mark.parametrize("client", EVERY_CLIENT)
def test_every_value_arrives_exactly(agent, client, tmp_path):
    values = HOSTILE if client == "javascript" else HOSTILE | NOT_FOR_JAVASCRIPT
    engines = {name: agent.thread() for name in values}

    async def lines_for(name, value):
        (interrupt,) = (await engines[name].start(SEED_INPUT, unwatched)).snapshot.interrupts
        return getattr(engines[name].snippets(interrupt.id, value), client)

    async def answer_all():
        scripts = await asyncio.gather(*(lines_for(name, value) for name, value in values.items()))
        await asyncio.to_thread(run_each, client, scripts, tmp_path)
        snapshots = await asyncio.gather(*(engine.read() for engine in engines.values()))
        return {name: snapshot.values["some_text"] for name, snapshot in zip(engines, snapshots, strict=True)}

    arrived = run(answer_all, agent)
    assert arrived == values
    assert {name: type(value) for name, value in arrived.items()} == {k: type(v) for k, v in values.items()}


@pytest.mark.parametrize("value", NOT_FOR_JAVASCRIPT.values(), ids=NOT_FOR_JAVASCRIPT)
def test_number_that_javascript_cannot_send_is_a_comment(agent, value):
    lines = agent.thread(str(uuid.uuid4())).snippets("0" * 32, value).javascript
    assert all(line.startswith("//") for line in lines.splitlines())
    assert "Python or the cURL lines" in lines


def test_there_are_no_lines_before_there_is_a_thread(agent):
    with pytest.raises(LookupError):
        agent.thread().snippets("0" * 32, "x")
