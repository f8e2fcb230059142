"""Running one notebook by papermill, in a kernel of this very interpreter."""

import ast
import copy
import json
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from helpers import ROOT
from helpers.files import write_atomic
from helpers.report.schedule import Notebook

SOCKET_PATH_LIMIT = 90  # characters; systems allow a few more than 100
OWN_ERRORS = ("UserError", "DataError")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Result:
    """How a notebook went; ``error`` is one line or None, ``cell`` indexes the executed copy."""

    seconds: float
    error: str | None = None
    cell: int | None = None


class Executor:
    """Runs notebooks into a run's folder; threads may share one.

    Args:
        folder: the run's folder; gets ``notebooks/<name>.ipynb`` and ``logs/<name>.log``.
        parameters: what the parameters cell is overruled with, as far as it has such names.
        workplace: the notebooks' working directory.
        private: folders of this machine, which are cut out of messages in the executed copies.
    """

    def __init__(self, folder: Path, parameters: dict, workplace: Path, private: tuple[Path, ...] = ()):
        self.folder, self.parameters, self.workplace = folder, parameters, workplace
        self.private = tuple(f"{path}{os.sep}" for path in private)
        self._kernels: dict[str, object] = {}
        self._lock = threading.Lock()
        logging.getLogger("papermill").setLevel(logging.CRITICAL)
        logging.getLogger("traitlets").setLevel(logging.CRITICAL)

    def __call__(self, notebook: Notebook) -> Result:
        """Run a notebook; whatever it raises becomes the result's error."""
        start = time.monotonic()
        sockets = tempfile.mkdtemp(prefix="workbook-")
        part = self.folder / "notebooks" / f".{notebook.name}.part.ipynb"
        log = self.folder / "logs" / f"{notebook.name}.log"
        for path in (part, log):
            path.parent.mkdir(parents=True, exist_ok=True)
        document = _fresh(notebook)
        try:
            with open(log, "w", encoding="utf-8") as file:
                error, cell = self._run(document, part, file, sockets)
        finally:
            shutil.rmtree(sockets, ignore_errors=True)
        if not part.exists():  # the kernel never started: the copy is the notebook without outputs
            part.write_text(json.dumps(document), encoding="utf-8")
        executed = json.loads(part.read_text("utf-8"))
        if error and cell is None:
            cell = _last_begun(executed)
        content = json.dumps(self._clean(executed), indent=1, ensure_ascii=False) + "\n"
        write_atomic(self.folder / "notebooks" / f"{notebook.name}.ipynb", content)
        part.unlink()
        return Result(time.monotonic() - start, error, cell)

    def stop(self) -> None:
        """Kill every kernel, at once."""
        with self._lock:
            for sockets, kernel in self._kernels.items():
                if kernel.provisioner is not None and kernel.provisioner.process is not None:
                    kernel.provisioner.process.kill()
                shutil.rmtree(sockets, ignore_errors=True)

    def _run(self, document: dict, part: Path, log, sockets: str) -> tuple[str | None, int | None]:
        """Execute; returns the error in one line and the index of its cell, or (None, None)."""
        import nbformat
        import papermill
        from papermill.exceptions import PapermillExecutionError

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbformat: cells of an older notebook have no ids yet
            node = nbformat.reads(json.dumps(document), as_version=4)
        try:
            papermill.execute_notebook(
                node,
                str(part).replace("{", "{{").replace("}", "}}"),  # papermill fills braces in
                parameters={name: value for name, value in self.parameters.items() if name in _declared(document)},
                kernel_name="python3",
                progress_bar=False,
                stdout_file=log,
                stderr_file=log,
                kernel_manager_class=self._kernel_class(sockets, log),
                resources={"metadata": {"path": str(self.workplace)}},
            )
        except PapermillExecutionError as fault:
            log.write(ANSI.sub("", "\n".join(fault.traceback)) + "\n")
            sentence = fault.evalue if fault.ename in OWN_ERRORS else f"{fault.ename}: {fault.evalue}"
            return self._one_line(sentence), fault.cell_index
        except Exception as fault:
            log.write(f"{type(fault).__name__}: {fault}\n")
            if type(fault).__name__ == "DeadKernelError":
                return "the kernel died; too little memory is the usual cause", None
            return self._one_line(f"{type(fault).__name__}: {fault}"), None
        return None, None

    def _kernel_class(self, sockets: str, log):
        """A kernel manager whose ``python3`` is this interpreter, whatever kernels a user has installed."""
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import AsyncKernelManager

        executor = self
        spec = KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            env=self._environment(sockets),
            display_name="Python 3",
            language="python",
        )
        # Sockets in a folder of their own start faster than TCP ports and cannot be taken by another kernel.
        local = sys.platform != "win32" and len(sockets) < SOCKET_PATH_LIMIT
        transport = {"transport": "ipc", "ip": f"{sockets}/k"} if local else {}

        class Kernel(AsyncKernelManager):
            kernel_spec = spec

            def __init__(self, **options):
                super().__init__(**options, **transport, connection_file=f"{sockets}/kernel.json")
                with executor._lock:
                    executor._kernels[sockets] = self

            async def start_kernel(self, **options):
                await super().start_kernel(**options, stdout=log, stderr=log)

        return Kernel

    def _environment(self, sockets: str) -> dict[str, str]:
        return {
            "MPLBACKEND": "Agg",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
            "IPYTHONDIR": sockets,  # without a user's own start-up files
            "WORKBOOK_HEADLESS": "1",
            "WORKBOOK_REPORTS": str(self.folder.parent),
        }

    def _one_line(self, text: str) -> str:
        line = self._without_folders(" ".join(text.split()))
        return line if len(line) <= 300 else f"{line[:299]}…"

    def _without_folders(self, text: str) -> str:
        for folder in self.private:
            text = text.replace(folder, "")
        return text

    def _clean(self, executed: dict) -> dict:
        """The executed copy without papermill's marks and without folders of this machine."""
        executed["metadata"].pop("papermill", None)
        cells = [c for c in executed["cells"] if "papermill-error-cell-tag" not in c["metadata"].get("tags", [])]
        for cell in cells:
            cell["metadata"].pop("papermill", None)
            if "injected-parameters" in cell["metadata"].get("tags", []):
                cell["source"] = self._without_folders("".join(cell["source"]))
            for output in cell.get("outputs", []):
                if output["output_type"] == "stream":
                    output["text"] = self._without_folders("".join(output["text"]))
                elif output["output_type"] == "error":
                    output["evalue"] = self._without_folders(output["evalue"])
                    output["traceback"] = [self._without_folders(line) for line in output["traceback"]]
                elif "text/plain" in output["data"]:
                    output["data"]["text/plain"] = self._without_folders("".join(output["data"]["text/plain"]))
        executed["cells"] = cells
        return executed


def _fresh(notebook: Notebook) -> dict:
    """The stored notebook as it is to be run: no exploring, no outputs of an earlier run."""
    document = {**notebook.document, "cells": copy.deepcopy(notebook.cells)}
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return document


def _declared(document: dict) -> set[str]:
    """The names that the notebook's parameters cell gives defaults to."""
    for cell in document["cells"]:
        if "parameters" in cell["metadata"].get("tags", []):
            body = ast.parse("".join(cell["source"])).body
            return {
                name.id
                for node in body
                if isinstance(node, ast.Assign)
                for name in ast.walk(node)
                if isinstance(name, ast.Name)
            }
    return set()


def _last_begun(executed: dict) -> int | None:
    """The cell at which papermill was when the kernel went away."""
    marks = [cell["metadata"].get("papermill", {}) for cell in executed["cells"]]
    return max((index for index, mark in enumerate(marks) if mark.get("start_time")), default=None)
