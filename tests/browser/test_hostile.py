"""No text of a payload runs, leaves its place or leads away: `tests.browser.hostile` over nbhitl's own texts."""

import pytest

from tests.again import AGAIN

SHARES = 5
"""A third of the texts in a visit took all of a test's time limit on a busy machine."""


@pytest.mark.parametrize("share", [0, *(pytest.param(share, marks=AGAIN) for share in range(1, SHARES))])
def test_hostile_texts_in_every_place_of_a_card_do_nothing(lab, page, share):
    from tests.browser.hostile import attack

    assert attack(page, lab, share=(share, SHARES)) == []


def test_attack_that_gets_through_is_seen(lab, page):
    from tests.browser.hostile import FORBIDDEN, Watch
    from tests.browser.vectors import VECTORS

    watch = Watch((lab.url,))
    watch.listen_to(page)
    page.route("**/naked", lambda route: route.fulfill(content_type="text/html", body="<body>"))
    page.route("**://evil.example/**", lambda route: route.abort())
    page.goto(f"{lab.url}/naked")
    texts = [text for text in VECTORS if "http-equiv" not in text]  # a redirect leads any page away
    found = 0
    for text in texts:
        page.evaluate(
            "html => { document.body.innerHTML = `<div class='jp-OutputArea'><div>${html}</div></div>` }", text
        )
        found += bool(page.evaluate(FORBIDDEN))
    assert found > len(texts) / 2
    assert page.evaluate("window.hacked") == 1
    assert any("evil.example" in problem for problem in watch.problems)
