"""Answers, and the sources of answers in place of a person: the source of a cell, a file, a notebook's record."""

from nbhitl.answers.base import OUT_OF_ORDER, Address, Answer, Source, address_of, copied, deciders, seen_of
from nbhitl.answers.inline import ByNode, FromNowOn, Given, Lent, Script, given
from nbhitl.answers.record import Record
from nbhitl.answers.volatile import checked_ignore, reading_of, steady, without_what_is_set_aside

__all__ = [
    "OUT_OF_ORDER",
    "Address",
    "Answer",
    "ByNode",
    "FromNowOn",
    "Given",
    "Lent",
    "Record",
    "Script",
    "Source",
    "address_of",
    "checked_ignore",
    "copied",
    "deciders",
    "given",
    "reading_of",
    "seen_of",
    "steady",
    "without_what_is_set_aside",
]
