"""Processes of Python that are forked from a process with the heavy packages imported: a plain start takes 2 to 3 s."""

import multiprocessing

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.crash.runs"])
