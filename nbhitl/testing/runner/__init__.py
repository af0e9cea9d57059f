"""The runner of notebooks: ``pytest --nbhitl`` and ``nbhitl run``."""
