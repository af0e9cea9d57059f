"""Aegra, a second server of LangGraph's API, to test against; Apache-2.0, in a separate environment."""
