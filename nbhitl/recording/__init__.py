"""Writes records of answers and results into the notebook."""
