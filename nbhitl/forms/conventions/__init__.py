"""Payload conventions: a file for each."""
