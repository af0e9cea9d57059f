"""A notebook as a single HTML file that needs no network: `nbhitl export`."""

import html
import re
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from nbhitl.answers.bounded_files import read_json, read_text
from nbhitl.answers.whole_files import write_whole
from nbhitl.jsontext import sentence
from nbhitl.protocol import ANSWER_KEY
from nbhitl.recording.outputs import card_html
from nbhitl.text.characters import ShownError

WIDGET = "application/vnd.jupyter.widget-view+json"

NEEDS_PACKAGES = "nbhitl export needs nbconvert: pip install 'nbhitl[export]'."

NO_NETWORK = "default-src 'none'; img-src data:; media-src data:; font-src data:; style-src 'unsafe-inline'; "
SCRIPTS = "script-src 'unsafe-inline' 'unsafe-eval'"
"""Scripts of outputs run, as in any exported notebook, and can load nothing."""

ADDRESSES = (
    "jquery_url",
    "jupyter_widgets_base_url",
    "mathjax_url",
    "mermaid_js_url",
    "mermaid_layout_elk_js_url",
    "require_js_url",
    "widget_renderer_url",
)
"""Traits of nbconvert's exporter that hold addresses of scripts; a version may lack some."""

DRAWN = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/latex", "text/plain")
"""MIME types in order of preference; no widgets, because widgets need scripts."""

MOST_MARKS = 4_000
"""Brackets, and beginnings of comments, of a Markdown cell; a cell with more is shown as text."""

STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
BODY = re.compile(r"<body.*</body>", re.DOTALL | re.IGNORECASE)


class ExportFailed(ShownError):
    """The notebook could not be exported."""


def export(notebook: Path, output: Path | None = None) -> Path:
    """Write a notebook as a single HTML file, with questions and records of answers in place of the cards.

    Nothing is executed. The file names no address of a script or a style, and forbids to load scripts, styles and
    images: of the images in Markdown, only attachments of the cell are shown.

    Parameters
    ----------
    notebook
        The file.
    output
        The file to write; by default beside the notebook, with the ending ``.html``.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ExportFailed
        If nbconvert is not installed, a file cannot be read or written, or the page would replace a notebook.
    """
    output = output or notebook.with_suffix(".html")
    _check_output(output, notebook)
    read = _read(notebook)
    try:
        page = page_of(read, notebook.stem, notebook.parent)
    except ExportFailed:
        raise
    except Exception as error:  # noqa: BLE001 - nbconvert's, and of the libraries below, for a broken notebook
        raise ExportFailed(f"nbconvert cannot draw {notebook}: {sentence(error)}") from None
    try:
        write_whole(output, page.encode(errors="replace"))
    except OSError as error:
        raise ExportFailed(f"{output} cannot be written: {sentence(error)}") from None
    return output


def _check_output(output: Path, notebook: Path) -> None:
    """Raise `ExportFailed` where the page would replace a notebook, or a file to which a link leads."""
    if output.suffix.lower() == ".ipynb":
        raise ExportFailed(f"{output}: a page would replace a notebook. Name a file that ends in .html with --output.")
    if output.is_symlink():  # in a stranger's folder a link may lead to any file
        raise ExportFailed(f"{output} is a symbolic link. Remove the link, or name another file with --output.")
    with suppress(OSError, ValueError):  # the notebook, or the former page, is not there
        if output.samefile(notebook):
            raise ExportFailed(f"{output} is the notebook itself. Name another file with --output.")


def page_of(notebook: Any, title: str, folder: Path) -> str:
    """Return a notebook as the source of a page."""
    try:
        from nbconvert import HTMLExporter
        from traitlets.config import Config
    except ImportError:
        raise ExportFailed(NEEDS_PACKAGES) from None
    cards: set[str] = set()
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = _with_cards_in_place(cell.outputs, cards)
        if cell.cell_type == "markdown" and _takes_long(cell.source):
            cell.cell_type, cell.source = "raw", f"<pre>{html.escape(cell.source)}</pre>"
            cell.metadata = {"raw_mimetype": "text/html"}
    notebook.metadata.pop("widgets", None)
    config = {"NbConvertBase": {"display_data_priority": list(DRAWN)}}
    # No file that Markdown names is embedded: a stranger's Markdown can name any file, and pages are sent to others.
    options = {"template_name": "lab", "embed_images": False, "config": Config(config)}
    # By default nbconvert takes templates from the current folder, which may be a stranger's.
    exporter: Any = HTMLExporter(extra_template_basedirs=[], **options)  # type: ignore[no-untyped-call]
    for name in ADDRESSES:
        if exporter.has_trait(name):
            exporter.set_trait(name, "")
    written, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"path": str(folder), "name": title}})
    head = written[: written.index("<body")]
    styles = [COMMENT.sub("", found) for found in STYLE.findall(head)]
    styles.append((files("nbhitl.export") / "cards.css").read_text(encoding="utf-8"))
    body = BODY.search(written)
    assert body is not None, "nbconvert writes a page"
    return _PAGE.format(
        policy=NO_NETWORK + SCRIPTS, title=html.escape(title), styles="\n".join(styles), body=body.group()
    )


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{styles}
</style>
</head>
{body}
</html>
"""


def _takes_long(markdown: str) -> bool:
    """Tell whether nbconvert would take long: the time grows with the square of the number of these marks."""
    return any(markdown.count(mark) > MOST_MARKS for mark in ("[", "<!--"))


def _read(notebook: Path) -> Any:
    try:
        import nbformat
    except ImportError:
        raise ExportFailed(NEEDS_PACKAGES) from None
    try:
        text = read_text(notebook)
        read_json(text)
        return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001 - nbformat raises any, for a broken notebook
        raise ExportFailed(f"{notebook} cannot be read as a notebook: {sentence(error)}") from None


def _with_cards_in_place(outputs: list[Any], shown: set[str]) -> list[Any]:
    """Return the outputs of a cell with the questions and records of each card in the card's place.

    ``shown`` collects the ids of the cards' models: questions and records are numbered by the cards new in a cell.
    """
    told: dict[int, list[Any]] = {}
    for output in outputs:
        if (card := _card_told(output)) is not None:
            told.setdefault(card, []).append(output)
    placed: list[Any] = []
    cards = 0
    for output in outputs:
        model = _card_shown(output)
        if model is not None and model not in shown:
            shown.add(model)
            placed += told.pop(cards, [output])
            cards += 1
        elif _card_told(output) is None:
            placed.append(output)
    return [*placed, *(output for left in told.values() for output in left)]


def _card_shown(output: Any) -> str | None:
    """Return the id of the model of a card that an output shows; ``None`` for other outputs, also of other widgets."""
    data = output.get("data", {})
    view, text = data.get(WIDGET), data.get("text/plain")
    is_card = isinstance(view, dict) and isinstance(text, str) and data.get("text/html") == card_html(text)
    return str(view.get("model_id")) if is_card else None


def _card_told(output: Any) -> int | None:
    """Return the number of the card that an output tells about; ``None`` for an ordinary output."""
    told = output.get("metadata", {}).get(ANSWER_KEY)
    card = told.get("card") if isinstance(told, dict) else None
    return card if isinstance(card, int) else None
