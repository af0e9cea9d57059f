"""What is set aside when outputs are compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from nbhitl.testing.compare.patterns import Pattern, replaced

VOLATILE = (
    (re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]"), ""),  # colours
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x…"),  # addresses in memory
    (re.compile(r"\bipykernel_\d+([/\\])\d+\.py"), r"ipykernel_…\1….py"),  # the file that a cell is for Python
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"\bid='[0-9a-f]{32}'"), "id='…'"),  # LangGraph's, of an interrupt
    (re.compile(r"\b(call|chatcmpl|cmpl|toolu|msg|resp)[-_](?=\w*\d)[0-9A-Za-z]{20,}\b"), r"\1_…"),  # ids of providers
    (re.compile(r"\bfp_[0-9a-f]{10}\b"), "fp_…"),  # OpenAI's fingerprint of its system
)
"""What changes from run to run in everybody's notebooks."""


@dataclass(frozen=True)
class Rules:
    """How strictly outputs are compared.

    Attributes
    ----------
    patterns
        Regular expressions and what they are replaced with, on both sides, besides `VOLATILE`.
    tolerance
        By how much a number with a point or an exponent may be off, as a part of it; 0 for not at all.
    image
        By how much a picture may look different: the mean difference of pixels in its worst patch, from 0 to 1.
    """

    patterns: tuple[Pattern, ...] = ()
    tolerance: float = 1e-9
    image: float = 0.05

    def sanitised(self, text: str) -> str:
        """Return a text without what is set aside.

        Raises
        ------
        TooSlow
            If one of the patterns does not end in time.
        """
        text = replaced(self.patterns, text)
        for pattern, put in VOLATILE:
            text = pattern.sub(put, text)
        return text.rstrip()

    def with_patterns(self, patterns: Iterable[Pattern]) -> "Rules":
        """Return these rules with further patterns, which are applied first."""
        return replace(self, patterns=(*patterns, *self.patterns))
