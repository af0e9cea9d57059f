"""A single list of all threads that wait for a person."""
