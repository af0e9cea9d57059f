"""Who decided what, and what a thread did: as data, read afterwards."""

from nbhitl.auditing.audit import Audit
from nbhitl.auditing.decision import Decision

__all__ = ["Audit", "Decision"]
