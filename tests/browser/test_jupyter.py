"""The harness itself, on a notebook that has nothing to do with nbhitl."""

import re

import pytest


def test_runs_and_saves(jupyter, show, console):
    notebook = show(jupyter, ["a = 1", "a + 1"])
    notebook.run_all()
    notebook.wait_finished()
    saved = notebook.save()
    assert saved.cells[1].outputs[0].data["text/plain"] == "2"
    assert console.exceptions == []


def test_kernel_knows_nothing_of_this_test_run(lab, show, fresh_kernel):
    notebook = show(lab, ["import os; print([name for name in os.environ if 'PYTEST' in name])"], metadata=fresh_kernel)
    notebook.run_all()
    notebook.wait_finished()
    assert notebook.output(0).inner_text().strip() == "[]"


def test_interrupt_ends_a_cell(lab, show, fresh_kernel):
    notebook = show(lab, ["import time; time.sleep(60)"], metadata=fresh_kernel)
    notebook.run(0)
    notebook.wait_running(0)
    notebook.interrupt_kernel()
    notebook.wait_finished(0)
    assert "KeyboardInterrupt" in notebook.output(0).inner_text()


def test_kernel_goes_on_through_a_reload(lab, show, fresh_kernel):
    notebook = show(lab, ["a = 1", "a + 1"], metadata=fresh_kernel)
    notebook.run(0)
    notebook.wait_finished(0)
    notebook.save()
    notebook.reload()
    notebook.wait_for_kernel()
    notebook.run(1)
    notebook.wait_finished(1)
    assert notebook.output(1).inner_text().strip().endswith("2")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_has_the_theme(jupyter, show, theme, page):
    show(jupyter, ["1"])
    assert page.locator("body").get_attribute("data-jp-theme-light") == str(theme == "light").lower()


def test_menu_takes_the_whole_name(lab, show):
    notebook = show(lab, ["1"])
    notebook.menu("Run", "Run Selected Cell")
    notebook.wait_finished(0)
    assert re.search(r"\[1\]", notebook.prompt(0).inner_text())


@pytest.mark.parametrize("trusted", [True, False])
def test_saved_output_is_sanitized_unless_trusted(lab, page, trusted):
    import nbformat

    from tests.browser.jupyter import open_notebook

    path = lab.write_notebook("saved.ipynb", ["1"])
    notebook = nbformat.read(path, as_version=4)
    html = f"<b onclick='1'>{trusted}</b>"  # Jupyter remembers trust by content
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", data={"text/html": html})]
    nbformat.write(notebook, path)
    if trusted:
        lab.trust("saved.ipynb")
    bold = open_notebook(page, lab, "saved.ipynb").output(0).locator("b")
    assert (bold.get_attribute("onclick") is not None) == trusted
