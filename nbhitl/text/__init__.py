"""Characters that people are shown."""
