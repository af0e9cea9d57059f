"""Notebooks with reviews, executed once to have their outputs, and pytest runs on them."""

import json
import os

import pytest

from nbhitl.testing.runner import warm
from nbhitl.testing.runner.crew import Crew
from nbhitl.testing.runner.items import CREW
from tests.kernel.notebooks import ROOT, make, recorded, write

REVIEW = "await nbhitl.review(graph, graphs.SEED_INPUT)"
SETUP = "import nbhitl\nfrom tests import graphs\n\ngraph = graphs.seed()"


class SharedCrew(Crew):
    """Outlives the runs of the tests, so that the warm process is started once."""

    def close(self):
        pass


@pytest.fixture(scope="session")
def crew():
    crew = SharedCrew(3)
    yield crew
    Crew.close(crew)


class LendCrew:
    def __init__(self, crew):
        self.crew = crew

    def pytest_sessionstart(self, session):
        if session.config.option.nbhitl_isolation == "fork":
            session.config.stash[CREW] = self.crew


@pytest.fixture
def suite(pytester, monkeypatch, crew):
    """Make notebooks in a temporary folder and run the plugin on them."""
    for name in [name for name in os.environ if name.startswith(("PYTEST_", "NBHITL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(warm, "CAN_FORK", False)  # no run starts a further warm process
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # further plugins take seconds to load
    pytester.makefile(".ini", pytest="[pytest]\n")
    return Suite(pytester, crew)


class Suite:
    def __init__(self, pytester, crew):
        self.pytester, self.folder, self.crew = pytester, pytester.path, crew

    def notebook(self, *cells, name="report", record=None, outputs=None):
        """Write a notebook; `outputs` are the outputs of cells, by the index of the cell."""
        record = [recorded("Edited text")] if record is None else record
        notebook = make(*cells, record=record)
        for index, stored in (outputs or {}).items():
            notebook.cells[index].outputs = stored
        return write(self.folder / f"{name}.ipynb", notebook)

    def run(self, *arguments):
        """Run the plugin in this very process, without the plugins that users install."""
        others = ("-p", "nbhitl_pytest", *(() if "cacheprovider" in arguments else ("-p", "no:cacheprovider")))
        lend = LendCrew(self.crew)
        return self.pytester.runpytest_inprocess("--nbhitl", *others, *map(str, arguments), plugins=[lend])

    def accepted(self, *cells, **options):
        """Write a notebook, run the cells and store the outputs."""
        path = self.notebook(*cells, **options)
        self.run("--nbhitl-update", path)
        return path

    def outputs_of(self, path):
        """Return the accepted outputs of a decision path."""
        return self.read(self.folder / "report.outputs" / f"{path}.json")

    @staticmethod
    def read(path):
        return json.loads(path.read_text())

    @staticmethod
    def write(path, notebook):
        path.write_text(json.dumps(notebook))
