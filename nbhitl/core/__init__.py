"""A single review: the session, the driver, the questions and the progress.

Knows no user interface; files of answers are read by `nbhitl.answers`.
"""
