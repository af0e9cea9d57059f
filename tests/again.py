"""What a test does again, in another theme, front end or runner: left to a command of its own, ``poe test-again``.

The lanes leave these tests out, because each costs ten seconds; `pytest` alone runs all.
"""

import pytest

AGAIN = pytest.mark.again

LIGHT_AND_DARK = ["light", pytest.param("dark", marks=AGAIN)]
"""Themes of a test whose dark half differs in colours that the gallery shows as well."""

LIGHT_CONTRAST_AND_DARK = ["light", "contrast", pytest.param("dark", marks=AGAIN)]

LAB_AND_NOTEBOOK7 = ["lab", pytest.param("notebook7", marks=AGAIN)]
"""Front ends of a test whose way through both is that of other tests, too."""
