"""One list of all threads that wait for a person."""
