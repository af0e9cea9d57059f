"""The programs and packages that only some tests need, with ways to find and to get each."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from tests import postgres
from tests.environments import AEGRA, AGENTS, HOSTS, IPYKERNELS, Environment

ROOT = Path(__file__).parents[1]
DEV_EXTRA = "pip install -e '.[dev]' -c constraints.txt"
TEST_EXTRA = "pip install -e '.[test]' -c constraints.txt"


RUNNERS = ("nbmake", "papermill", "testbook", "nbstripout")


@dataclass(frozen=True)
class Tool:
    """A program or package that a test may need and a machine may lack."""

    name: str
    found: Callable[[], bool]
    how_to_get: str
    can_be_had: Callable[[], bool] = lambda: True
    """Whether the tool can be installed on this machine; if not, `all` in NBHITL_REQUIRE leaves the tool out."""


def chromium() -> str | None:
    """Return the path of the browser: from NBHITL_CHROMIUM, else the first of the usual names that is on PATH."""
    names = [os.environ.get("NBHITL_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    return next(filter(None, map(shutil.which, filter(None, names))), None)


def chromium_without_windows() -> str | None:
    """Return the path of Chromium's headless shell where the machine has one, else of the browser.

    The shell draws the same pages in a quarter less time, but has no notifications and no windows that lie in front of
    each other.
    """
    return os.environ.get("NBHITL_CHROMIUM") or shutil.which("chromium-headless-shell") or chromium()


def importable(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def in_a_clone() -> bool:
    return shutil.which("git") is not None and (ROOT / ".git").exists()


@cache
def can_unshare() -> bool:
    """Tell whether a process can be given a separate, empty network."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


def module_tool(name: str, module: str) -> Tool:
    return Tool(name, lambda: importable(module), TEST_EXTRA)


def has_vscode_page() -> bool:
    """Whether VS Code's widget manager is installed, and the packages that bundle the page around the manager."""
    made = (ROOT / "tests/browser/vscode/page/node_modules", ROOT / "js/node_modules")
    return shutil.which("node") is not None and all(folder.is_dir() for folder in made)


def command_tool(name: str, how_to_get: str) -> Tool:
    return Tool(name, lambda: shutil.which(name) is not None, how_to_get)


def environment_tool(environment: Environment) -> Tool:
    return Tool(environment.group, environment.is_made, environment.how_to_get, environment.is_possible)


TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool("chromium", lambda: chromium() is not None, "apt-get install chromium, or set NBHITL_CHROMIUM"),
        command_tool("node", "install Node.js 20 or newer"),
        Tool("js_packages", (ROOT / "js" / "node_modules").is_dir, "npm --prefix js ci --ignore-scripts"),
        Tool("vscode_page", has_vscode_page, "npm --prefix js ci --ignore-scripts, and poe vscode"),
        Tool(
            "langchain_openai", lambda: importable("langchain_openai") and importable("langchain_anthropic"), DEV_EXTRA
        ),
        Tool("unshare", can_unshare, "Linux with user namespaces, and util-linux"),
        command_tool("curl", "apt-get install curl"),
        Tool("git", in_a_clone, "apt-get install git, and run the tests in a clone"),
        module_tool("playwright", "playwright"),
        module_tool("jupyterlab", "jupyterlab"),
        module_tool("notebook", "notebook"),
        module_tool("langgraph_server", "langgraph_api"),
        Tool("postgresql", lambda: postgres.programs() is not None, "apt-get install postgresql"),
        environment_tool(AEGRA),
        environment_tool(HOSTS),
        *(Tool(alone.group, alone.is_made, alone.how_to_get) for alone in (IPYKERNELS, AGENTS)),
        module_tool("pillow", "PIL"),
        module_tool("nbval", "nbval"),
        *(
            Tool(name, partial(importable, name), DEV_EXTRA)
            for name in ("nbmake", "papermill", "testbook", "nbstripout")
        ),
        Tool("fastmcp", lambda: importable("fastmcp"), DEV_EXTRA),
        module_tool("hatchling", "hatchling"),
    )
}


@cache
def has(name: str) -> bool:
    """Whether this machine has the tool."""
    return TOOLS[name].found()


def missing(names: Iterable[str]) -> list[str]:
    """Return the tools in ``names`` that this machine lacks."""
    return [name for name in names if not has(name)]


def required(setting: str) -> frozenset[str]:
    """Read NBHITL_REQUIRE: names with commas between them, or `all`."""
    names = frozenset(name.strip() for name in setting.split(",")) - {""}
    if "all" not in names:
        return names
    return names - {"all"} | {name for name, tool in TOOLS.items() if has(name) or tool.can_be_had()}
