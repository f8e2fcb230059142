"""JupyterLab in a real browser, for tests: a server on a copy of the notebooks, and one page of Chromium."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from helpers import ROOT

# Not by the kernel's status alone: an interrupt is a request too, after which it is idle for a moment.
READY = """jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'
  && ![...document.querySelectorAll('.jp-InputPrompt')].some(each => each.textContent.includes('*'))"""


def serve(folder: Path) -> tuple[subprocess.Popen, str]:
    """JupyterLab on a folder with ``lab/``, whose runs go to its ``reports/``; the process and its address."""
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root"]
    command += ["--expose-app-in-browser", "--IdentityProvider.token="]
    own = {"WORKBOOK_REPORTS": folder / "reports", "PYTHONPATH": ROOT, "JUPYTER_CONFIG_DIR": folder}
    own |= {f"JUPYTERLAB_{name.upper()}_DIR": folder / name for name in ("settings", "workspaces")}
    env = os.environ | {name: str(value) for name, value in own.items()}
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
    server = subprocess.Popen(command, cwd=folder, env=env, **pipes)
    for line in server.stderr:
        if found := re.search(r"http://\S+?(?=/lab)", line):
            # Read on, or the server would wait for somebody to.
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return server, found[0]
    raise RuntimeError("JupyterLab did not start")


class Lab:
    """One page of a browser, and what a student does there.

    Args:
        page: of Playwright.
        address: of the server.
    """

    def __init__(self, page, address: str):
        self.page, self.address = page, address
        page.set_default_timeout(240_000)

    def open(self, name: str) -> None:
        """Open a notebook and wait for its kernel."""
        self.page.goto(f"{self.address}/lab/tree/lab/{name}.ipynb?reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function("!!window.jupyterapp?.shell.currentWidget?.sessionContext")
        self.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.ready")
        self.idle()

    def idle(self, seconds: float = 240) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_function(READY, timeout=1000 * seconds)

    def command(self, name: str, wait: bool = False) -> None:
        """A command of JupyterLab, as its menu gives it; with ``wait`` until it is done."""
        run = f"jupyterapp.commands.execute('{name}')"
        self.page.evaluate(run if wait else f"() => {{ {run} }}")

    def run_all(self) -> None:
        """Run All Cells, to the end or to the first cell that stops."""
        self.command("notebook:run-all-cells", wait=True)
        self.idle()

    def outputs(self) -> str:
        """All that cells put out, as text, also where JupyterLab hides what is scrolled out of sight."""
        return "\n".join(self.page.locator(".jp-OutputArea-output").all_text_contents())

    def see(self, words: str) -> None:
        """Wait until some words stand in an output."""
        assert self.saw(words, seconds=240), f"{words!r} is not in:\n{self.outputs()}"

    def saw(self, words: str, seconds: float) -> bool:
        """Whether some words came to stand in an output."""
        end = time.monotonic() + seconds
        while words not in self.outputs() and time.monotonic() < end:
            self.page.wait_for_timeout(100)
        return words in self.outputs()

    def stop(self, words: str) -> None:
        """Interrupt the kernel until it says so: between two cells there is nothing to interrupt."""
        for _ in range(10):
            self.command("notebook:interrupt-kernel", wait=True)
            if self.saw(words, seconds=5):
                return
        raise AssertionError(f"{words!r} is not in:\n{self.outputs()}")

    def changed(self) -> bool:
        """Whether JupyterLab would ask to save on closing."""
        return self.page.evaluate("jupyterapp.shell.currentWidget.context.model.dirty")

    def pictures(self) -> list[str]:
        """What the last pictures side by side show."""
        last = self.page.locator(".jp-OutputArea-output").filter(has_text="save as PNG").last
        return last.locator("figure img").evaluate_all("all => all.map(each => each.src)")

    def upload(self, path: Path) -> None:
        """Choose a photo by the upload button."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="upload a photo").last.click()
        chooser.value.set_files(path)
