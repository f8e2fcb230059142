"""Running one notebook by papermill, in a kernel of this very interpreter."""

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
from collections.abc import Callable
from pathlib import Path

from helpers import ROOT
from helpers.files import write_atomic
from helpers.report.schedule import Notebook

SOCKET_PATH_LIMIT = 90  # characters; systems allow a few more than 100
OWN_ERRORS = ("UserError", "DataError")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Executor:
    """Runs notebooks into a run's folder; threads may share one.

    Args:
        folder: the run's folder; gets ``notebooks/<name>.ipynb`` and ``logs/<name>.log``.
        parameters: what the parameters cell is overruled with, as far as it has such names.
        workplace: the notebooks' working directory.
        private: folders of this machine, which are cut out of the executed copies.
        language: the language of the answers that notebooks show.
    """

    def __init__(self, folder: Path, parameters: dict, workplace: Path, private=(), language="en"):
        self.folder, self.parameters, self.workplace = folder, parameters, workplace
        self.private = tuple(f"{path}{os.sep}" for path in private if path != path.parent)
        self.language = language
        self._kernels: dict[str, object] = {}
        self._lock = threading.Lock()
        for name in ("papermill", "traitlets"):
            logging.getLogger(name).setLevel(logging.CRITICAL)

    def __call__(self, notebook: Notebook) -> tuple[float, str | None]:
        """Run a notebook: its seconds, and whatever it raises in one line, or None."""
        start = time.monotonic()
        sockets = tempfile.mkdtemp(prefix="workbook-")
        part = self.folder / "notebooks" / f".{notebook.name}.part.ipynb"
        log = self.folder / "logs" / f"{notebook.name}.log"
        for path in (part, log):
            path.parent.mkdir(parents=True, exist_ok=True)
        document = {**notebook.document, "cells": notebook.cells}
        try:
            log.unlink(missing_ok=True)
            with open(log, "a", encoding="utf-8") as file:  # a forked kernel adds to it, too
                error = self._run(notebook, document, part, file, sockets)
        finally:
            shutil.rmtree(sockets, ignore_errors=True)
        # Without a part papermill never started: the copy is the notebook as it is stored.
        executed = json.loads(part.read_text("utf-8")) if part.exists() else document
        content = json.dumps(self._clean(executed), indent=1, ensure_ascii=False) + "\n"
        write_atomic(self.folder / "notebooks" / f"{notebook.name}.ipynb", content)
        part.unlink(missing_ok=True)
        return time.monotonic() - start, error

    def stopping(self, work: Callable):
        """What ``work`` gives; if it is stopped, every kernel is killed, at once."""
        try:
            return work()
        except BaseException:
            with self._lock:
                for sockets, kernel in self._kernels.items():
                    if kernel.provisioner is not None and kernel.provisioner.process is not None:
                        kernel.provisioner.process.kill()
                    shutil.rmtree(sockets, ignore_errors=True)
            raise

    def _run(self, notebook: Notebook, document: dict, part: Path, log, sockets: str) -> str | None:
        """Execute; returns the error in one line, or None."""
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
                parameters={k: v for k, v in self.parameters.items() if k in notebook.parameters},
                kernel_name="python3",
                progress_bar=False,
                stdout_file=log,
                stderr_file=log,
                kernel_manager_class=self._kernel_class(sockets, log),
                resources={"metadata": {"path": str(self.workplace)}},
            )
        except PapermillExecutionError as fault:
            log.write(ANSI.sub("", "\n".join(fault.traceback)) + "\n")
            kind = "" if fault.ename in OWN_ERRORS else f"{fault.ename}: "
            return self._one_line(kind + fault.evalue)
        except Exception as fault:
            sentence = f"{type(fault).__name__}: {fault}"
            log.write(f"{sentence}\n")
            if sentence.startswith("DeadKernelError"):
                sentence = "the kernel died: too little memory is the usual cause, a crash in a library another"
            return self._one_line(sentence)
        return None

    def _kernel_class(self, sockets: str, log):
        """A kernel manager whose ``python3`` is this interpreter, whatever kernels a user has installed."""
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import AsyncKernelManager

        executor = self
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = KernelSpec(argv=argv, env=self._environment(sockets), language="python")
        if sys.platform == "linux":
            from helpers.report import kernels

            kernels.fork(spec)
        # Sockets in a folder of their own start faster than TCP ports and cannot be taken by another kernel.
        local = sys.platform != "win32" and len(sockets) < SOCKET_PATH_LIMIT
        place = {"transport": "ipc", "ip": f"{sockets}/k"} if local else {}

        class Kernel(AsyncKernelManager):
            kernel_spec = spec

            def __init__(self, **options):
                super().__init__(**options, **place, connection_file=f"{sockets}/kernel.json")
                with executor._lock:
                    executor._kernels[sockets] = self

            async def start_kernel(self, **options):
                await super().start_kernel(**options, stdout=log, stderr=log)

        return Kernel

    def _environment(self, sockets: str) -> dict[str, str]:
        paths = filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))
        return {
            "MPLBACKEND": "Agg",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": os.pathsep.join(paths),
            "IPYTHONDIR": sockets,  # without a user's own start-up files
            "WORKBOOK_HEADLESS": "1",
            "WORKBOOK_LANGUAGE": self.language,
            "WORKBOOK_REPORTS": str(self.folder.parent),
        }

    def _one_line(self, text: str) -> str:
        line = self._without_folders(" ".join(text.split()))
        return line if len(line) <= 300 else f"{line[:299]}…"

    def _without_folders(self, value):
        """A value of JSON whose texts name no folder of this machine; pictures stay as they are."""
        if isinstance(value, str):
            for folder in self.private:
                value = value.replace(folder, "")
        elif isinstance(value, list):
            value = [self._without_folders(each) for each in value]
        elif isinstance(value, dict):
            kept = {key: each for key, each in value.items() if key.startswith("image/")}
            value = {key: self._without_folders(each) for key, each in value.items()} | kept
        return value

    def _clean(self, executed: dict) -> dict:
        """The executed copy without papermill's marks and without folders of this machine."""
        executed["metadata"].pop("papermill", None)
        mark = "papermill-error-cell-tag"
        kept = [cell for cell in executed["cells"] if mark not in cell["metadata"].get("tags", [])]
        for cell in kept:
            cell["metadata"].pop("papermill", None)
            for output in cell.get("outputs", []):
                if output["output_type"] == "stream":  # one text, so that no folder is cut in two
                    output["text"] = "".join(output["text"])
        return self._without_folders({**executed, "cells": kept})
