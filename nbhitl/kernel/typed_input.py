"""``input()`` in a notebook: where nobody can type, the recorded text is given again.

JupyterLab and Notebook 7 save typed text as a stream output named ``stdin``, prompt and text in a single line. This
output is the record: nothing else is written, and a replay shows the same output. ``getpass`` is not replaced: the
front end saves only dots for a password.
"""

import builtins
from collections.abc import Mapping
from typing import Any

from nbhitl.answers.notebook_content import STDIN
from nbhitl.answers.notebook_file import typed_texts
from nbhitl.errors import NobodyThere, QuestionChanged
from nbhitl.kernel.probing import takes
from nbhitl.kernel.surroundings import request_of, running_kernel
from nbhitl.text.characters import shown

SEPARATOR = " "
"""Text between the prompt and the typed text in the ``stdin`` output."""

ADVICE = "Run the cell in JupyterLab, type, and save the notebook."


class Typed:
    """The texts typed into a cell, in order.

    Parameters
    ----------
    text
        Text of the cell's ``stdin`` outputs.
    where
        The notebook, for error messages.
    """

    def __init__(self, text: str, where: str) -> None:
        self._left, self._where = text, where

    def take(self, prompt: str) -> str:
        """Return the next text.

        Raises
        ------
        NobodyThere
            If no text is left.
        QuestionChanged
            If the next text was typed at another prompt.
        """
        asks = f"input({prompt!r}) asks, and nobody is there to type"
        if not self._left:
            raise NobodyThere(f"{asks}: {self._where} has no typed text for this. {ADVICE}")
        begin = prompt + SEPARATOR
        if not self._left.startswith(begin):
            line = shown(self._left.partition("\n")[0])
            raise QuestionChanged(
                f"{asks}: {self._where} has a text that was typed at another prompt: {line!r}. {ADVICE}"
            )
        typed, _, self._left = self._left.removeprefix(begin).partition("\n")
        return typed


class Keyboard:
    """Answers ``input()`` in a kernel; see the module's docstring."""

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._ask = kernel.raw_input
        self._execution = ""
        self._typed = Typed("", "")

    def plug_in(self) -> None:
        """Take the place of the kernel's ``input()``, in the running cell as well."""
        is_forwarded = builtins.input == self._ask
        self._kernel.raw_input = self.read
        if is_forwarded:
            builtins.input = self.read

    def read(self, prompt: object = "") -> str:
        """Return a line that a person types, or has typed before.

        Raises
        ------
        NobodyThere
            If nobody is there, and no text is left in the notebook.
        QuestionChanged
            If the next text was typed at another prompt.
        """
        request = request_of(self._kernel)
        if request.get("content", {}).get("allow_stdin"):
            line: str = self._ask(prompt)
            return line
        typed = self._of_cell(request).take(str(prompt))
        text = f"{prompt}{SEPARATOR}{typed}\n"
        self._kernel.session.send(self._kernel.iopub_socket, "stream", {"name": STDIN, "text": text}, parent=request)
        return typed

    def _of_cell(self, request: Mapping[str, Any]) -> Typed:
        """Return the texts of the running cell; each execution starts again at the first text."""
        execution = request.get("header", {}).get("msg_id", "")
        if execution != self._execution:
            self._execution = execution
            self._typed = Typed(*typed_texts(request.get("content", {}).get("code", "")))
        return self._typed


def plug_in() -> None:
    """Answer ``input()`` in the running kernel; do nothing without a kernel, or where another package answers."""
    kernel = running_kernel()
    if kernel is None or "raw_input" in vars(kernel) or not takes(getattr(kernel, "raw_input", None), ""):
        return
    Keyboard(kernel).plug_in()
