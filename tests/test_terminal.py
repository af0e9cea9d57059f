"""Texts of others in a terminal: no character in them moves the cursor, rewrites shown lines or is invisible."""

import io
import json
import logging
import os
import pty
import random
import re
import subprocess
import sys
import traceback
import warnings
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nbhitl
from nbhitl import answers, cli, errors
from nbhitl.answers.answers_file import read_answers
from nbhitl.answers.claims import Claim
from nbhitl.core.questions import Answered
from nbhitl.forms import Forms
from nbhitl.forms import given as given_forms
from nbhitl.recording import outputs
from nbhitl.runs.run import Interrupt
from nbhitl.testing import NotSeen, Person, Refused, ReplayFailed, replay
from nbhitl.testing.compare import Difference, Rules
from nbhitl.testing.runner import report
from nbhitl.testing.runner.loading import BadNotebook, Loaded, load
from nbhitl.testing.runner.markers import BadSetting, wanted
from nbhitl.testing.runner.run import CellRun, Run
from nbhitl.text.characters import escaped, shown, shown_in_line
from tests import graphs
from tests.outputs import record_output
from tests.test_answers import entry
from tests.tools import ROOT

# Characters that nbhitl prints in no terminal: C0 but tab and newline, DEL, C1, marks that reorder or have no width.
HOSTILE = sorted(
    {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0))} - set("\n\t")
    | set(
        "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2060\ufeff\u00ad\u3164\u2028"
    )
)
ATTACKS = [
    "\rList the files?\x1b[K",
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b[2J\x1b[H",
    "\u202eexe.txt",
    "\x9b31m",
    "\x1b[8m",
]

texts = st.lists(
    st.sampled_from(HOSTILE) | st.sampled_from(ATTACKS) | st.sampled_from(["a", "delete", " ", "'", '"', "[", "é"]),
    min_size=1,
    max_size=8,
).map(lambda parts: "x".join(["", *parts, ""]))  # between letters, where no such character belongs


def is_clean(printed):
    return not set(HOSTILE) & set(printed)


# --- every way in which a text of others reaches a terminal ---------------------------------------------------


def typed(payload, *lines, node="ask", **options):
    """Return the text that a terminal shows while a question is answered with these lines."""
    said, left = io.StringIO(), list(lines)

    def read(prompt=""):
        said.write(f"{prompt}\n")
        if not left:
            raise EOFError
        return left.pop(0)

    graph = graphs.compile_node(lambda _state: {"some_text": str(graphs.interrupt(payload))}, node)
    reading = mock.patch("builtins.input", read), mock.patch("getpass.getpass", read)
    with reading[0], reading[1], redirect_stdout(said), suppress(errors.NobodyThere):
        nbhitl.review(graph, graphs.SEED_INPUT, ui="text", **options).wait()
    assert said.getvalue().count("\n") > 1, "something was asked"
    return said.getvalue()


def calls(text):
    configs = [{"action_name": text, "allowed_decisions": ["approve", "edit", "reject"], "description": text}]
    return {
        "action_requests": [{"name": text, "args": {text: text, "n": [text]}, "description": text}],
        "review_configs": configs,
    }


def schema(text):
    return {
        "title": text,
        "type": "object",
        "properties": {
            text: {"type": "string", "title": text, "description": text, "default": text},
            "choice": {"title": text, "enum": [text, "b"]},
            "number": {"type": "integer", "title": text, "default": 1},
            "secret": {"type": "string", "format": "password", "title": text},
        },
        "required": [text, "choice", "number", "secret"],
    }


def review(text, ask=None, **options):
    def node(_state):
        return {"some_text": (ask or graphs.interrupt)({"question": text, text: text})}

    return nbhitl.review(graphs.compile_node(node, "ask"), graphs.SEED_INPUT, **options)


def waiting(text):
    card = review(text)
    assert card.interrupts
    return str(card)


def fails(text):
    def ask(payload):
        raise ValueError(f"{text} {graphs.interrupt(payload)}")

    card = review(text, ask)
    card.answer(text)
    with pytest.raises(ValueError, match="x"):
        _ = card.result
    return str(card)


def asked_again_in_text(text):
    def node(_state):
        if (answer := graphs.interrupt("?")) == "bad":
            raise ValueError(text)
        return {"some_text": answer}

    said, left = io.StringIO(), ["bad", "good"]

    def read(prompt=""):
        said.write(f"{prompt}\n")
        return left.pop(0)

    with mock.patch("builtins.input", read), redirect_stdout(said):
        card = nbhitl.review(graphs.compile_node(node, "ask"), graphs.SEED_INPUT, ui="text")
        assert card.wait() == {"some_text": "good"}
    return said.getvalue()


def answered(text):
    card = review(text)
    card.answer(text)
    assert card.result == {"some_text": text}
    return f"{card}\n{card!r}\n{card.answers.as_code()}"


def told(error):
    return "".join(traceback.format_exception(error)) + "".join(getattr(error, "_render_traceback_", list)())


def raised(what, *kinds):
    with pytest.raises(kinds or errors.NbhitlError) as caught:
        what()
    return told(caught.value)


def changed_question(text):
    record = answers.Record([entry(Interrupt("1", "ask", f"{text} before"), text)], text)
    return told(record.why_none(Interrupt("2", "ask", f"{text} now"), 0)) + told(
        record.why_none(Interrupt("2", text, text), 1)
    )


def left_over(text):
    record = answers.Record([entry(Interrupt("1", text, text), text)], text, claim_of=lambda _: Claim.MINE)
    script, by_node = answers.Script([text]), answers.ByNode({text: [text]}, text)
    return "".join(map(told, (record.left_over(), script.left_over(), by_node.left_over())))


def every_error(text):
    kinds: list[Any] = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.NbhitlError)
    ]
    kinds += [BadNotebook, BadSetting, ReplayFailed, NotSeen]
    assert len(kinds) > 25
    return "".join(told(kind(text)) for kind in kinds) + told(Refused(text, text, []))


def static_output(text):
    interrupt = Interrupt("1", text, {"text_to_revise": text})
    record = record_output(Answered(interrupt, 0, f"{text} {text}", "person"), Forms())
    return "".join([*record.values(), *outputs.placeholder(text).values()])


def log(text):
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger("nbhitl").addHandler(handler)
    try:
        try:
            json.loads(f"{text}")
        except ValueError:
            logging.getLogger("nbhitl").exception("A message of the card failed: %s", text)
    finally:
        logging.getLogger("nbhitl").removeHandler(handler)
    assert "Traceback" in written.getvalue()
    return written.getvalue()


def warning(text):
    point = mock.Mock(value="a form", load=mock.Mock(side_effect=ImportError(text)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        given_forms._loaded(point)
    return str(caught[0].message)


def notebook(folder, text, **metadata):
    made = nbformat.v4.new_notebook(metadata=metadata)
    made.cells = [nbformat.v4.new_code_cell(f"# {text}\n1", id="cell-0")]
    path = folder / "report.ipynb"
    path.write_text(json.dumps(made))
    return path


def runner_reports(text):
    with TemporaryDirectory() as folder:
        loaded = load(notebook(Path(folder), text))
    cell = CellRun(0, 1, "cell-0", f"# {text}\n1", [], outcome="failed", problem=f"\x1b[31mValueError\x1b[0m: {text}")
    cell.differences = [Difference(text, text, f"{text} now"), Difference(text, "", text), Difference(text, text, "")]
    run = Run(Loaded(Path(f"{text}.ipynb"), loaded.node, loaded.names, []), None, [cell], problems=[text])
    return report.of_cell(run.loaded, cell) + report.of_run(run)


def command(text):
    """Run `nbhitl run` on notebooks with an unknown path, with unreadable settings, and with no JSON."""
    said = io.StringIO()
    with TemporaryDirectory() as folder, redirect_stdout(said), redirect_stderr(said):
        path = notebook(Path(folder), text, nbhitl={"paths": {text: {"ask": text}}})
        assert cli.main(["run", str(path), "--path", "none"]) == 2
        path = notebook(Path(folder), text, nbhitl={"paths": {text: text}})
        assert cli.main(["run", str(path)]) == 2
        path.write_text(text)
        assert cli.main(["run", str(path)]) == 2
    return said.getvalue()


def bad_files(text):
    with TemporaryDirectory() as folder:
        file = Path(folder) / "answers.yaml"
        file.write_text(json.dumps([text]))
        said = raised(lambda: read_answers(file), errors.BadAnswersFile)
        cell = nbformat.v4.new_code_cell("1", metadata={"nbhitl": {"sanitize": {f"({text}": ""}}})
        said += raised(lambda: wanted(cell, Rules(), text), BadSetting)
        said += raised(lambda: replay(Path(folder) / "none.ipynb"), ReplayFailed)
    return said


def person_sees_something_else(text):
    with Person(patience=0.01) as person:
        card = review(text)
        said = raised(lambda: person.sees("nothing of it"), NotSeen)
        card.answer("x")
        assert card.result == {"some_text": "x"}
    return said


def swallowed(text):
    def node(state):
        with suppress(Exception):
            graphs.interrupt(text)
        return state

    said = io.StringIO()
    name = re.sub(r"[|:]", "", text)
    with redirect_stderr(said):
        nbhitl.review(graphs.compile_node(node, name), graphs.SEED_INPUT, answers=[]).wait()
    return said.getvalue()


def rules(text):
    return f"{nbhitl.allow(text)} {[nbhitl.deny(text, text)]} {nbhitl.remote('http://localhost:9', text)}"


def tables(text):
    """Return the text of tables: an inbox, an audit, a history, a comparison, a batch."""

    def node(_state):
        return {"some_text": str(graphs.interrupt({"text_to_revise": text, "instruction": text}))}

    def fails(state):
        raise ValueError(text) if state["some_text"] == "b" else OSError(text)

    graph = graphs.compile_node(node, "ask", checkpointer=graphs.InMemorySaver())
    card = nbhitl.review(graph, graphs.SEED_INPUT)
    assert card.interrupts
    box = nbhitl.inbox(graph).to_frame()
    card.answer(f"{text}b")
    assert card.result
    audit, history = nbhitl.audit(graph).to_frame(), card.history().to_frame()
    both = nbhitl.compare(graph, card, answers=[text, "b"]).to_frame()
    batch = nbhitl.batch(graphs.compile_node(fails), [{"some_text": "b"}, {"some_text": "c"}], answers=[]).wait()
    words = [box["asked"], audit["difference"], history["changed"], both["difference"], batch["error"]]
    assert all(any(isinstance(each, str) and each for each in column) for column in words)
    return "".join(str(each) for column in words for each in column)


def names_of_files(text):
    said = io.StringIO()
    with TemporaryDirectory() as folder, redirect_stdout(said), redirect_stderr(said):
        name = text.replace("/", "").replace(chr(0), "")[:40]
        file = Path(folder, f"{name}.ipynb")
        cli.main(["run", str(file), "--output", str(file / "to" / "x.ipynb")])
        cli.main(["export", str(file)])
        with mock.patch("nbhitl.export.export", side_effect=lambda notebook, _output: notebook.with_suffix(".html")):
            cli.main(["export", str(file)])
        with mock.patch("subprocess.call", return_value=0):
            cli.main(["demo", "--folder", str(file.with_suffix(""))])
    return said.getvalue()


WAYS = {
    "a swallowed question": swallowed,
    "rules and servers": rules,
    "the words of tables": tables,
    "names of files": names_of_files,
    "a question in words": lambda text: typed(text, "yes"),
    "a payload of any shape": lambda text: typed({text: [text, {"deep": text}]}, "1"),
    "a text to revise": lambda text: typed({"text_to_revise": text, "instruction": text}, ""),
    "tool calls": lambda text: typed(calls(text), "e", "", "r", text),
    "a form": lambda text: typed("?", text, "b", "no number", "s", forms={"ask": schema(text)}),
    "what a node raised, asked again": asked_again_in_text,
    "a transcript": answered,
    "a transcript of an open question": waiting,
    "a transcript of a failed run": fails,
    "every error": every_error,
    "an answer that does not fit": lambda text: raised(
        lambda: review(text, forms={"ask": schema(text)}).answer({text: 1, "choice": text})
    ),
    "a question that has changed": changed_question,
    "answers left over": left_over,
    "nobody there": lambda text: raised(lambda: review(text, answers=[]).wait()),
    "what stays in a notebook": static_output,
    "a log": log,
    "a warning": warning,
    "reports of the runner": runner_reports,
    "the command": command,
    "broken files": bad_files,
    "a test's person": person_sees_something_else,
}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=15)
@given(text=texts)
def test_text_of_others_reaches_a_terminal_with_its_control_characters_as_visible_escapes(way, text):
    printed = WAYS[way](text)
    assert is_clean(printed), printed
    assert "x" in printed


# --- characters that are shown by their code ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Delete?\rList?\x1b[K", "Delete?⟨U+000D⟩List?⟨U+001B⟩[K"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("pass\u200bword", "pass⟨U+200B⟩word"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("\x9b31m", "⟨U+009B⟩31m"),
    ],
)
def test_suspicious_character_is_told_by_its_code(text, expected):
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a\tb\r\nc\n",
        "שלום עולם 123",
        "مرحبا\u200f (abc)\u200e",
        "می\u200cخواهم",  # noqa: RUF001
        "क्\u200dष",
        "👨\u200d👩\u200d👧 👩🏽\u200d💻",
        "1\ufe0f\u20e3",
        "葛\U000e0100",
        "e\u0301",
    ],
)
def test_ordinary_text_stays_unchanged(text):
    assert shown(text) == text


def test_text_of_a_single_line_shows_newlines():
    assert shown_in_line("list\n  Approve [a]: \r\n") == "list⟨U+000A⟩  Approve [a]: ⟨U+000D⟩⟨U+000A⟩"


@given(st.text())
def test_code_with_its_escapes_means_the_same(text):
    code = escaped(repr(text))
    assert eval(code) == text  # noqa: S307 - our own code
    assert shown(code) == code


LETTERS = ["a", "1", "\u05d0", "\u0915", "\u0645", "\u4e00", "\U0001f469", "\U0001f3f4", "\u094d", "\u1820", "\n", "\r"]
MARKS = [*HOSTILE, "\u200c", "\u200d", "\ufe0f", "\u20e3", "\u180b", "\u180e", "\U000e0067", "\U000e007f", "\U0001f3fd"]
NODE = """
import { readFileSync } from "node:fs";
import { build } from "esbuild";
const { outputFiles } = await build({
  entryPoints: ["src/shown.tsx"],
  write: false,
  bundle: true,
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
});
const code = Buffer.from(outputFiles[0].contents).toString("base64");
const { shownText } = await import(`data:text/javascript;base64,${code}`);
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(shownText)));
"""


@pytest.mark.needs("node", "js_packages")
def test_terminal_marks_the_same_characters_as_the_page():
    """Each code point by itself, and mixtures of characters that are shown or marked by their neighbours."""
    chance = random.Random(1)  # noqa: S311
    mixed = ["".join(chance.choices(LETTERS + MARKS, k=chance.randint(2, 8))) for _ in range(20_000)]
    joined = ["".join(chance.choices([*LETTERS, *"\u200d\ufe0f\u180b"], k=6)) for _ in range(20_000)]
    is_there = re.compile(r"[^\ud800-\udfff]")
    alone = [
        "x".join(filter(is_there.match, map(chr, range(start, start + 0x1000)))) for start in range(0, 0x110000, 0x1000)
    ]
    every = [*mixed, *joined, *alone]
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", NODE],
        cwd=ROOT / "js",
        input=json.dumps(every),
        capture_output=True,
        text=True,
        check=True,
    )
    pages = json.loads(done.stdout)
    assert len(pages) == len(every)
    assert [text for text, page in zip(every, pages, strict=True) if shown(text) != page] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_question_in_a_real_terminal_does_not_write_over_itself_nor_into_the_clipboard():
    attack = "Delete the production database?\rList the files?\x1b[K\x1b]52;c;cm0gLXJmIC8=\x07"
    script = (
        "import nbhitl\nfrom tests import graphs\n"
        f"graph = graphs.compile_node(lambda _state: {{'some_text': graphs.interrupt({attack!r})}}, 'ask')\n"
        "card = nbhitl.review(graph, graphs.SEED_INPUT)\n"
        "card.wait()\nprint(card)\nraise nbhitl.errors.UsageError(card.interrupts or card.answers.turns[0].payload)"
    )
    ours, theirs = pty.openpty()
    said = b""
    with subprocess.Popen([sys.executable, "-c", script], stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT) as done:
        os.close(theirs)
        while b"Text: " not in said:
            said += os.read(ours, 1024)
        os.write(ours, b"no\n")
        with suppress(OSError):  # raised at the end of the terminal
            while more := os.read(ours, 1024):
                said += more
    os.close(ours)
    assert done.returncode == 1
    printed = said.decode().replace("\r\n", "\n")
    assert is_clean(printed), printed
    assert printed.count("Delete the production database?⟨U+000D⟩List the files?⟨U+001B⟩[K⟨U+001B⟩]52;c;") == 2
    assert "UsageError" in printed
