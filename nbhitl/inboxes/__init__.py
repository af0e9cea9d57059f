"""All threads that wait for a person, in one list."""
