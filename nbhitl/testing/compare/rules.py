"""Rules by which outputs are compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from nbhitl.testing.compare.patterns import Pattern, replaced

VOLATILE = (
    (re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]"), ""),  # colours
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x…"),  # addresses in memory
    (re.compile(r"\bipykernel_\d+([/\\])\d+\.py"), r"ipykernel_…\1….py"),  # the name of a cell's file in Python
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"\bid='[0-9a-f]{32}'"), "id='…'"),  # LangGraph's, of an interrupt
    (re.compile(r"\b(call|chatcmpl|cmpl|toolu|msg|resp)[-_](?=\w*\d)[0-9A-Za-z]{20,}\b"), r"\1_…"),  # ids of providers
    (re.compile(r"\bfp_[0-9a-f]{10}\b"), "fp_…"),  # OpenAI's fingerprint of its system
)
"""Parts that change from run to run in every notebook."""


@dataclass(frozen=True)
class Rules:
    """How strictly outputs are compared.

    Attributes
    ----------
    patterns
        Regular expressions and replacements for both sides, besides `VOLATILE`.
    tolerance
        Relative tolerance for numbers with a point or an exponent; 0 for exact comparison.
    image
        Tolerance for pictures: the mean difference of pixels in the worst patch, from 0 to 1.
    """

    patterns: tuple[Pattern, ...] = ()
    tolerance: float = 1e-9
    image: float = 0.05

    def sanitised(self, text: str) -> str:
        """Return a text with all patterns replaced.

        Raises
        ------
        TooSlow
            If a pattern does not end in time.
        """
        text = replaced(self.patterns, text)
        for pattern, put in VOLATILE:
            text = pattern.sub(put, text)
        return text.rstrip()

    def with_patterns(self, patterns: Iterable[Pattern]) -> "Rules":
        """Return these rules with further patterns, which are applied first."""
        return replace(self, patterns=(*patterns, *self.patterns))
