"""Real JupyterLab and Notebook 7 servers, and a real browser that works like a person.

>>> with serve("lab", folder) as server, launch_browser() as browser:
...     server.write_notebook("a.ipynb", ["1 + 1"])
...     notebook = open_notebook(new_page(browser), server, "a.ipynb")
...     notebook.run_all()
...     notebook.wait_finished()
...     saved = notebook.save()

Nothing here sleeps for a guessed time: each helper waits for an event.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import nbformat
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Playwright,
    Response,
    expect,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as TookTooLong

from tests import tools

Kind = Literal["lab", "notebook", "voila", "marimo", "nbclassic"]
Theme = Literal["light", "dark", "contrast"]

START_SECONDS = 90
STOP_SECONDS = 10
PAGE_MS = 60_000
BEGIN_MS = 15_000
LOG_TAIL = 4_000

VIEWPORT = {"width": 1280, "height": 900}
SCALE = 2  # screenshots also stand in the README

CHROMIUM_ARGS = [
    "--no-sandbox",  # CI is root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-lcd-text",  # the same grey levels everywhere
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
]

THEMES: dict[Theme, str] = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "contrast": "JupyterLab Dark High Contrast",
}

# Without these settings, pages would differ from run to run.
SETTINGS: dict[str, dict[str, object]] = {
    "@jupyterlab/apputils-extension/notification": {
        "checkForUpdates": False,
        "doNotDisturbMode": True,
        "fetchNews": "false",
    },
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},  # only Ctrl+S saves
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page
}

PAGE_CONFIG = {"buildAvailable": False, "buildCheck": False}
"""Each page would have the server look, with three programs, whether extensions from source wait for a build."""

AT_THE_NEXT_FRAME = "() => new Promise(requestAnimationFrame)"
KERNEL_IS_READY = """() => {
    // The indicator alone says "idle" for a moment while there is no kernel yet, and Run All is lost then.
    const name = document.querySelector(".jp-KernelName")?.textContent ?? "";
    const indicator = document.querySelector(".jp-Notebook-ExecutionIndicator");
    return name !== "" && name !== "No Kernel" && indicator?.dataset.status === "idle";
}"""


WATCH_PROMPTS = """() => {
    // A saved notebook has numbers in its prompts, and a short cell shows its star for a moment.
    window.aCellRan = false;
    const watched = new MutationObserver((all) => {
        window.aCellRan ||= all.some(({ target }) =>
            target.matches(".jp-CodeCell .jp-InputPrompt") && target.textContent.startsWith("[*]"));
        if (window.aCellRan) watched.disconnect();
    });
    watched.observe(document.querySelector(".jp-Notebook"), { subtree: true, childList: true });
}"""


# ----------------------------------------------------------------------------------------- the server


@dataclass
class Server:
    """A running Jupyter server."""

    kind: Kind
    url: str
    root: Path
    home: Path

    def write_notebook(self, name: str, cells: Sequence[str], *, metadata: Mapping[str, object] | None = None) -> Path:
        """Write a notebook of code cells into the server's folder."""
        notebook = nbformat.v4.new_notebook(metadata=dict(metadata or {}))
        notebook.metadata.setdefault(
            "kernelspec", {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        )
        notebook.cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(cells)]
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    def page_address(self, name: str) -> str:
        """Return the address of a notebook's page."""
        if self.kind == "lab":
            return f"{self.url}/lab/tree/{name}?reset"  # ?reset closes the last test's tabs
        return f"{self.url}/notebooks/{name}"

    def set_theme(self, theme: Theme) -> None:
        """Choose the theme of pages that are opened from now on, including the first paint."""
        write_setting(self.home, "@jupyterlab/apputils-extension/themes", {"theme": THEMES[theme]})

    def trust(self, name: str) -> None:
        """Trust a notebook, so that saved outputs show as for the author."""
        self.request("POST", f"/api/contents/{name}/trust")

    def end_kernels(self) -> None:
        """Shut down every kernel, so that kernels of earlier tests do not slow later tests."""
        for session in self.request("GET", "/api/sessions"):
            self.request("DELETE", f"/api/sessions/{session['id']}")

    def request(self, method: str, path: str, body: object = None) -> Any:
        """Call the server's REST API."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=headers)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - loopback
            content = response.read()
        return json.loads(content) if content else None

    def log(self) -> str:
        """Return the end of the server's output."""
        return read_tail(self.home / "server.log")


@contextmanager
def serve(
    kind: Kind,
    root: Path,
    *,
    theme: Theme = "light",
    env: Mapping[str, str] | None = None,
    python: str = sys.executable,
    options: Sequence[str] = (),
) -> Iterator[Server]:
    """Run a Jupyter server on a free loopback port, with separate settings, kernels and history.

    ``python`` is the interpreter of the server's environment; ``options`` replace default options of the same names.
    """
    with tempfile.TemporaryDirectory(prefix=f"nbhitl-{kind}-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        for name, value in SETTINGS.items():
            write_setting(home, name, value)
        port = free_port()
        server = Server(kind, f"http://127.0.0.1:{port}", root, home)
        server.set_theme(theme)
        with running(
            with_options(command(kind, root, port, python), options),
            server_env(home) | dict(env or {}),
            root,
            home / "server.log",
        ) as process:
            wait_until_up(process, server)
            yield server


def command(kind: Kind, root: Path, port: int, python: str) -> list[str]:
    """Return the command line of a server that asks nobody for a token and opens no window."""
    return [
        python,
        "-m",
        "jupyterlab" if kind == "lab" else "notebook",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.port_retries=0",
        "--ServerApp.disable_check_xsrf=True",
        f"--ServerApp.tornado_settings={{'page_config_data': {PAGE_CONFIG}}}",
        "--IdentityProvider.token=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
        "--LabApp.expose_app_in_browser=True",  # for tests.browser.loaded
    ]


def with_options(command: Sequence[str], options: Sequence[str]) -> list[str]:
    given = {option.partition("=")[0] for option in options}
    return [*(each for each in command if each.partition("=")[0] not in given), *options]


def server_env(home: Path) -> dict[str, str]:
    """Return the environment variables, without this test run's and without the developer's Jupyter."""
    foreign = ("PYTEST_", "NBHITL_", "JUPYTER", "IPYTHON")
    env = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return env | {
        "HOME": str(home),
        "LOGNAME": "ann",  # the person in the record
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings_folder(home)),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "PYTHONPATH": os.pathsep.join([str(tools.ROOT), *filter(None, [env.get("PYTHONPATH")])]),
        "XDG_CONFIG_HOME": str(home / "xdg"),
    }


def settings_folder(home: Path) -> Path:
    return home / "settings"


def write_setting(home: Path, name: str, value: Mapping[str, object]) -> None:
    path = settings_folder(home) / f"{name}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


@contextmanager
def running(
    command: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a server, which ends the server's kernels; kill a server that does not react."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_up(process: "subprocess.Popen[bytes]", server: Server) -> None:
    give_up = time.monotonic() + START_SECONDS
    while not answers(server):
        if process.poll() is not None:
            raise RuntimeError(f"jupyter {server.kind} ended with {process.returncode}:\n{server.log()}")
        if time.monotonic() > give_up:
            raise RuntimeError(f"jupyter {server.kind} is not up after {START_SECONDS} s:\n{server.log()}")
        time.sleep(0.05)  # there is no event for "listens now"


def answers(server: Server) -> bool:
    try:
        server.request("GET", "/api/status")
    except urllib.error.HTTPError:
        return server.kind in ("voila", "marimo")  # without such a page
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return cast("int", listener.getsockname()[1])


def read_tail(path: Path) -> str:
    return path.read_text(errors="replace")[-LOG_TAIL:] if path.exists() else ""


# ---------------------------------------------------------------------------------------- the browser


@contextmanager
def launch_browser() -> Iterator[Browser]:
    """Run the machine's own Chromium, without a window."""
    with sync_playwright() as playwright, launched(playwright, tools.chromium()) as browser:
        yield browser


@contextmanager
def launched(playwright: Playwright, path: str | None) -> Iterator[Browser]:
    """Run the Chromium of a path, without a window."""
    if path is None:
        raise RuntimeError(f"no Chromium here: {tools.TOOLS['chromium'].how_to_get}")
    browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Console:
    """The messages and exceptions of a page."""

    lines: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)
    """Uncaught exceptions of widgets. The host's uncaught exceptions, which are normal, are among the lines."""

    def listen_to(self, page: Page) -> None:
        page.on("console", self.add_message)
        page.on("pageerror", self.add_exception)

    def leave(self, page: Page) -> None:
        """End `listen_to`."""
        page.remove_listener("console", self.add_message)
        page.remove_listener("pageerror", self.add_exception)

    def add_message(self, message: ConsoleMessage) -> None:
        self.lines.append(f"{message.type}: {message.text}")

    def add_exception(self, error: Error) -> None:
        text = error.stack or str(error)
        if "blob:" in text:  # anywidget loads its modules from blobs; the host never does
            self.exceptions.append(text)
        else:
            self.lines.append(f"uncaught in the host: {text}")

    def __str__(self) -> str:
        return "\n".join([*self.lines, *(f"uncaught: {text}" for text in self.exceptions)])


def new_page(browser: Browser, *, theme: Theme = "light") -> Page:
    """Open a tab of a fixed size in a new profile, with the same theme as the system's."""
    context = browser.new_context(
        viewport=VIEWPORT,  # type: ignore[arg-type]  # a TypedDict of playwright's that it does not export
        device_scale_factor=SCALE,
        color_scheme="light" if theme == "light" else "dark",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.set_default_timeout(PAGE_MS)
    return page


# --------------------------------------------------------------------------------------- the notebook


@dataclass
class OpenNotebook:
    """A notebook in a tab, with a kernel that is ready."""

    page: Page
    server: Server
    name: str

    @property
    def path(self) -> Path:
        return self.server.root / self.name

    @property
    def cells(self) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell")

    def cell(self, index: int) -> Locator:
        return self.cells.nth(index)

    def output(self, index: int) -> Locator:
        """Return the output area of a cell."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def run_all(self) -> None:
        """Choose Run All Cells in the menu.

        The host drops the command while connecting to the kernel, so the prompts tell whether the cells run.
        """
        for _ in range(3):
            self.focus()
            self.page.evaluate(WATCH_PROMPTS)
            self.menu("Run", "Run All Cells")
            if self.has_begun():
                return
        raise AssertionError(f"{self.name}: no cell runs after Run All Cells")

    def has_begun(self) -> bool:
        """Tell whether a code cell has begun to run since `WATCH_PROMPTS`, within a moment."""
        try:
            self.page.wait_for_function("window.aCellRan", timeout=BEGIN_MS)
        except TookTooLong:
            return False
        return True

    def run(self, index: int) -> None:
        """Run a single cell with Ctrl+Enter."""
        self.focus(index)
        self.page.keyboard.press("Control+Enter")

    def menu(self, title: str, item: str) -> None:
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{title}$")).click()
        self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{item}$")).click()

    def focus(self, index: int = 0) -> None:
        """Give the keyboard to the notebook, in command mode, by a click beside a cell.

        Where an output above changes its height at that moment, the click meets another cell: then click again.
        """
        cell = self.cell(index)
        for _ in range(5):
            cell.locator(".jp-InputPrompt").click()
            if "jp-mod-active" in (cell.get_attribute("class") or ""):
                return
        raise AssertionError(f"cell {index} does not become the active one")

    def interrupt_kernel(self) -> None:
        """Press the ■ button's key, `i` twice."""
        self.focus()
        self.page.keyboard.press("i")
        self.page.keyboard.press("i")

    def prompt(self, index: int) -> Locator:
        """Return the prompt in front of a cell: `[ ]:`, `[*]:` or `[3]:`."""
        return self.cell(index).locator(".jp-InputPrompt")

    def wait_running(self, index: int) -> None:
        expect(self.prompt(index)).to_have_text("[*]:", timeout=PAGE_MS)

    def wait_finished(self, index: int | None = None) -> None:
        """Wait until a cell, or every cell, has run."""
        indices = range(self.cells.count()) if index is None else [index]
        for i in indices:
            expect(self.prompt(i)).to_have_text(re.compile(r"^\[\d+\]:$"), timeout=PAGE_MS)

    def wait_for_code(self) -> None:
        """Wait until every code cell has run; prompts of text cells are empty."""
        code = self.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt")
        for i in range(code.count()):
            expect(code.nth(i)).to_have_text(re.compile(r"^\[\d+\]:$"), timeout=PAGE_MS)

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(KERNEL_IS_READY, timeout=PAGE_MS)

    def reload(self) -> None:
        """Load the page again, as a person does with F5; the kernel goes on."""
        self.page.reload()
        self.wait_until_shown()

    def wait_until_shown(self) -> None:
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        self.cells.first.wait_for()
        self.page.wait_for_function(
            "document.querySelector('.jp-KernelName')?.textContent.startsWith('Python')", timeout=PAGE_MS
        )

    def save(self) -> nbformat.NotebookNode:
        """Press Ctrl+S and return the saved notebook.

        JupyterLab ignores Ctrl+S until the checkpoint of the last save has been made, so wait for the checkpoint.
        """
        self.focus()
        with self.page.expect_response(self.is_checkpoint, timeout=PAGE_MS) as checkpoint, self.expect_save():
            self.page.keyboard.press("Control+s")
        checkpoint.value.finished()
        self.page.evaluate(AT_THE_NEXT_FRAME)
        return self.on_disk()

    @contextmanager
    def expect_save(self) -> Iterator[None]:
        """Wait, at the end of the block, until the server has written the notebook."""
        with self.page.expect_response(self.is_save, timeout=PAGE_MS) as answer:
            yield
        assert answer.value.ok, f"saving {self.name}: {answer.value.status} {answer.value.text()}"

    def is_save(self, response: Response) -> bool:
        return response.request.method == "PUT" and f"/api/contents/{self.name}" in response.url

    def is_checkpoint(self, response: Response) -> bool:
        return response.request.method == "POST" and f"/api/contents/{self.name}/checkpoints" in response.url

    def on_disk(self) -> nbformat.NotebookNode:
        return cast("nbformat.NotebookNode", nbformat.read(self.path, as_version=4))


def open_notebook(page: Page, server: Server, name: str) -> OpenNotebook:
    """Show a notebook and wait until the kernel is ready for Run All."""
    notebook = OpenNotebook(page, server, name)
    page.goto(server.page_address(name))
    notebook.wait_until_shown()
    notebook.wait_for_kernel()
    return notebook
