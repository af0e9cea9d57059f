"""The page from `nbhitl export`, in a browser without a network."""

import pytest

from nbhitl.export import export
from tests.tools import ROOT

LOADED = "() => performance.getEntriesByType('resource').map(({ name }) => name)"


@pytest.mark.parametrize("name", ["forms", "ask_a_person"])
def test_exported_cards_are_read_without_a_network(page, console, screenshots, tmp_path, name):
    written = export(ROOT / "notebooks" / f"{name}.ipynb", tmp_path / f"{name}.html")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    page.goto(written.as_uri())
    assert asked == [written.as_uri()]
    assert page.evaluate(LOADED) == []
    cards = page.locator(".nbhitl-record")
    assert cards.count() >= 6
    assert cards.locator("button, input, textarea, select").count() == 0
    assert "Content Security Policy" not in str(console)
    screenshots.check(cards.nth(2 if name == "forms" else 4), f"export-{name.replace('_', '-')}-light")
