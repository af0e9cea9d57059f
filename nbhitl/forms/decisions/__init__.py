"""Decisions on tool calls, which several conventions share."""
