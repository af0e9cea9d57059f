"""Decisions and steps of threads, as data."""

from nbhitl.auditing.audit import Audit
from nbhitl.auditing.decision import AuditedDecision

__all__ = ["Audit", "AuditedDecision"]
