"""The comparison of pictures, on pictures made here."""

from io import BytesIO

import pytest

pytestmark = pytest.mark.needs("pillow", "playwright")


def png(colour="white", spot=None, size=(100, 100)):
    from PIL import Image

    image = Image.new("RGB", size, "white")
    if spot is not None:
        image.paste(colour, spot)
    target = BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def folder(tmp_path):
    from tests.browser.screenshots import Screenshots

    def folder(*, accept):
        return Screenshots(accept, tmp_path / "committed", tmp_path / "seen")

    folder(accept=True).check_png(png(), "card")
    return folder


def test_same_picture_passes(folder):
    folder(accept=False).check_png(png(), "card")


def test_pale_difference_passes(folder):
    folder(accept=False).check_png(png("#e0e0e0", (0, 0, 100, 100)), "card")


def test_few_pixels_pass(folder):
    folder(accept=False).check_png(png("black", (0, 0, 4, 5)), "card")


def test_visible_difference_fails_and_is_shown(folder, tmp_path):
    from PIL import Image

    with pytest.raises(pytest.fail.Exception, match=r"4\.00% of the pixels differ"):
        folder(accept=False).check_png(png("black", (0, 0, 20, 20)), "card")
    shown = Image.open(tmp_path / "seen" / "card.diff.png").convert("RGB")
    assert shown.getpixel((5, 5)) == (255, 0, 0)
    assert shown.getpixel((50, 50)) == (255, 255, 255)
    assert (tmp_path / "seen" / "card.png").exists()


def test_picture_of_another_size_fails(folder):
    with pytest.raises(pytest.fail.Exception, match="it was 100x100 and is 100x120"):
        folder(accept=False).check_png(png(size=(100, 120)), "card")


def test_picture_with_a_further_line_at_the_edge_passes_and_the_common_part_is_compared(folder):
    folder(accept=False).check_png(png(size=(100, 102)), "card")
    with pytest.raises(pytest.fail.Exception, match="of the pixels differ"):
        folder(accept=False).check_png(png("black", (0, 0, 20, 20), size=(100, 102)), "card")


def test_picture_moved_down_by_a_line_passes_and_by_two_lines_fails(folder):
    folder(accept=True).check_png(png("black", (0, 50, 100, 54)), "card")
    folder(accept=False).check_png(png("black", (0, 52, 100, 56)), "card")
    with pytest.raises(pytest.fail.Exception, match="of the pixels differ"):
        folder(accept=False).check_png(png("black", (0, 56, 100, 60)), "card")


def test_missing_picture_fails(folder):
    with pytest.raises(pytest.fail.Exception, match=r"no other\.png yet.*poe accept"):
        folder(accept=False).check_png(png(), "other")


def test_accept_rewrites(folder):
    other = png("black", (0, 0, 20, 20))
    folder(accept=True).check_png(other, "card")
    folder(accept=False).check_png(other, "card")
