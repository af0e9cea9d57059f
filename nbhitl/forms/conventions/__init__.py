"""Payload conventions: one file each."""
