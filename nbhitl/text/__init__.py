"""Characters in texts that are shown to people."""
