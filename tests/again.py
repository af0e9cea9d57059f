"""The marker of tests that repeat a test in another theme, front end or runner, or with further texts.

``poe test-again`` runs these tests. The lanes leave these tests out, because each takes ten seconds or more; `pytest`
alone runs all tests.
"""

import pytest

AGAIN = pytest.mark.again

LIGHT_AND_DARK = ["light", pytest.param("dark", marks=AGAIN)]
"""Themes of a test that draws, when dark, only colours that the gallery shows as well."""

LIGHT_CONTRAST_AND_DARK = ["light", "contrast", pytest.param("dark", marks=AGAIN)]

LAB_AND_NOTEBOOK7 = ["lab", pytest.param("notebook7", marks=AGAIN)]
"""Front ends of a test that treats both alike, as other tests do."""
