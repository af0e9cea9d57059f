"""Decisions and steps of threads, as data."""

from nbhitl.auditing.audit import Audit
from nbhitl.auditing.decision import Decision

__all__ = ["Audit", "Decision"]
