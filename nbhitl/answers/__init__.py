"""Answers, and what gives them in place of a person: the source of a cell, a file, a notebook's record."""

from nbhitl.answers.base import Address, Answer, Source, address_of
from nbhitl.answers.given import ByNode, Given, Script, given
from nbhitl.answers.record import Record
from nbhitl.answers.steady import reading_of

__all__ = ["Address", "Answer", "ByNode", "Given", "Record", "Script", "Source", "address_of", "given", "reading_of"]
