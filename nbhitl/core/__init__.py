"""One review: its session, its driver, its questions and its progress. Knows no screen and no file."""
