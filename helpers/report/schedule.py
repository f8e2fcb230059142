"""What runs, why, and in what order.

After a notebook has run, a stamp keeps the parts of its key: its code, the helpers, the packages, the
data, the parameters, the results it builds on, and the hashes of what it wrote. The next time it runs again only if
a part differs, and that part is the reason.
"""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from helpers.errors import UserError
from helpers.files import read_json, sha256, write_json


@dataclass(frozen=True)
class Notebook:
    """A notebook as it is stored, with what its metadata says of it."""

    name: str
    document: dict
    title: str
    question: str
    needs: tuple[str, ...]

    @property
    def cells(self) -> list[dict]:
        """The cells a report runs or shows: all but those tagged ``explore``."""
        return [cell for cell in self.document["cells"] if "explore" not in _tags(cell)]

    @property
    def code(self) -> str:
        """Hash of what running it depends on: code cells, their tags and order; prose does not count."""
        return _digest([["".join(c["source"]), _tags(c)] for c in self.cells if c["cell_type"] == "code"])


@dataclass
class Outcome:
    """What happened to a notebook: state is ran, reused, failed or skipped; ``cell`` indexes the executed copy."""

    name: str
    title: str
    question: str
    state: str
    reason: str
    seconds: float = 0.0
    error: str | None = None
    cell: int | None = None


def read_notebooks(folder: Path) -> dict[str, Notebook]:
    """The workbook's notebooks by name, sorted; those without ``workbook`` metadata are somebody's own.

    Raises:
        UserError: no notebook, one that cannot be read, or needs that cannot be met.
    """
    notebooks = {}
    for path in sorted(folder.glob("*.ipynb")):
        try:
            document = json.loads(path.read_text("utf-8"))
            workbook = document["metadata"].get("workbook")
            document["cells"][0]["source"]
        except (ValueError, LookupError, TypeError) as fault:
            raise UserError(f"{folder.name}/{path.name} is not a readable notebook: restore it") from fault
        if workbook is not None:
            title, question = workbook.get("title", path.stem), workbook.get("question", "")
            needs = tuple(workbook.get("needs", ()))
            notebooks[path.stem] = Notebook(path.stem, document, title, question, needs)
    if not notebooks:
        raise UserError(f"no notebooks of the workbook in {folder.name}/: restore them")
    for notebook in notebooks.values():
        if missing := [need for need in notebook.needs if need not in notebooks]:
            raise UserError(f"{notebook.name} needs {missing[0]}, which is not in {folder.name}/")
    try:
        TopologicalSorter({n.name: n.needs for n in notebooks.values()}).prepare()
    except CycleError as fault:
        raise UserError(f"notebooks need each other in a circle: {' → '.join(fault.args[1])}") from fault
    return notebooks


class Schedule:
    """Runs what must run, two at a time.

    Args:
        notebooks: from ``read_notebooks``.
        folder: the run's folder; stamps go to ``stamps/``.
        shared: the parts every notebook's key has in common, by the name a reason gives them
            (``{"helpers": hash, "the data": hash}``).
        choices: parameters by knob.
        execute: runs a notebook; returns an object with ``seconds``, ``error`` (one line or None) and ``cell``.
        say: prints a line.
    """

    def __init__(
        self,
        notebooks: dict[str, Notebook],
        folder: Path,
        *,
        shared: dict[str, str],
        choices: dict,
        execute: Callable[[Notebook], object],
        say: Callable[[str], None] = print,
        workers: int = 2,
    ):
        self.notebooks, self.folder, self.shared, self.choices = notebooks, folder, shared, choices
        self.execute, self.say, self.workers = execute, say, workers
        self.outcomes: dict[str, Outcome] = {}

    def must_run(self) -> bool:
        """Whether anything is to be run at all."""
        return any(self._reason(notebook) for notebook in self.notebooks.values())

    def run(self) -> list[Outcome]:
        """Bring every notebook up to date; the outcomes in the notebooks' order."""
        order = TopologicalSorter({name: notebook.needs for name, notebook in self.notebooks.items()})
        order.prepare()
        chains = self._chains()
        waiting: list[str] = []
        running: dict[Future, str] = {}
        pool = ThreadPoolExecutor(self.workers)
        try:
            while order.is_active():
                waiting = sorted([*waiting, *order.get_ready()], key=lambda name: (-chains[name], name))
                if waiting and len(running) < self.workers:
                    name = waiting.pop(0)
                    if future := self._begin(self.notebooks[name], pool):
                        running[future] = name
                    else:
                        order.done(name)
                    continue
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    self._finish(self.outcomes[name], future.result())
                    order.done(name)
        finally:  # after Ctrl-C the pool's threads end with their kernels; nobody waits for them here
            pool.shutdown(wait=False, cancel_futures=True)
        return [self.outcomes[name] for name in self.notebooks]

    def _chains(self) -> dict[str, int]:
        """How long the longest chain of notebooks is that waits for each: such a one runs first."""
        order = TopologicalSorter({name: notebook.needs for name, notebook in self.notebooks.items()}).static_order()
        chains = dict.fromkeys(self.notebooks, 0)
        for name in reversed(list(order)):
            for need in self.notebooks[name].needs:
                chains[need] = max(chains[need], chains[name] + 1)
        return chains

    def _begin(self, notebook: Notebook, pool: ThreadPoolExecutor) -> Future | None:
        """Start a notebook, or settle it without running it and return None."""
        outcome = Outcome(notebook.name, notebook.title, notebook.question, "ran", "")
        self.outcomes[notebook.name] = outcome
        for need in notebook.needs:
            if self.outcomes[need].state in ("failed", "skipped"):
                outcome.state, outcome.reason = "skipped", f"{need} {self.outcomes[need].state}"
                self._report(outcome, outcome.reason)
                return None
        reason = self._reason(notebook)
        if reason is None:
            outcome.state, outcome.reason = "reused", "nothing changed"
            outcome.seconds = self._stamp(notebook.name)["seconds"]
            self._report(outcome, outcome.reason)
            return None
        outcome.reason = reason
        self.say(f"{notebook.name:<20} {'runs':<8} {reason}")
        # A killed run finds this stamp; an old ledger would claim names that this run may give away.
        write_json(self._stamp_path(notebook.name), {"state": "running"})
        (self.folder / "ledger" / f"{notebook.name}.json").unlink(missing_ok=True)
        return pool.submit(self.execute, notebook)

    def _finish(self, outcome: Outcome, result) -> None:
        outcome.seconds, outcome.error, outcome.cell = round(result.seconds, 1), result.error, result.cell
        path = self._stamp_path(outcome.name)
        if result.error is not None:
            outcome.state = "failed"
            write_json(path, {"state": "failed"})
            self._report(outcome, f"{duration(outcome.seconds)}: {result.error}")
            return
        names = [f"notebooks/{outcome.name}.ipynb", *read_json(self.folder / "ledger" / f"{outcome.name}.json")]
        outputs = {name: sha256(self.folder / name) for name in names if (self.folder / name).is_file()}
        parts = self._parts(self.notebooks[outcome.name])
        write_json(path, {"state": "ran", "parts": parts, "outputs": outputs, "seconds": outcome.seconds})
        self._report(outcome, duration(outcome.seconds))

    def _report(self, outcome: Outcome, detail: str) -> None:
        self.say(f"{outcome.name:<20} {outcome.state:<8} {detail}")

    # --- keys and reasons ---

    def _parts(self, notebook: Notebook) -> dict:
        """What the notebook's results depend on, part by part."""
        return {
            "the notebook's code": notebook.code,
            **self.shared,
            "parameters": self.choices,
            "needs": {need: self._results(need) for need in notebook.needs},
        }

    def _reason(self, notebook: Notebook) -> str | None:
        """Why the notebook must run, in words, or None."""
        stamp = self._stamp(notebook.name)
        if stamp.get("state") != "ran":
            return {"running": "was interrupted", "failed": "failed last time"}.get(stamp.get("state"), "never run")
        old, new = stamp["parts"], self._parts(notebook)
        reasons = [f"{part} changed" for part in ("the notebook's code", *self.shared) if old.get(part) != new[part]]
        reasons += [
            f"{knob} changed from {_said(old['parameters'].get(knob))} to {_said(value)}"
            for knob, value in self.choices.items()
            if old["parameters"].get(knob) != value
        ]
        reasons += [
            f"{need} has other results" for need, digest in new["needs"].items() if old["needs"].get(need) != digest
        ]
        if not reasons:
            reasons = list(filter(None, (self._touched(*output) for output in stamp["outputs"].items())))
        return ", ".join(reasons) or None

    def _touched(self, name: str, digest: str) -> str | None:
        path = self.folder / name
        if not path.is_file():
            return f"{name} is missing"
        return None if sha256(path) == digest else f"{name} was changed by hand"

    def _results(self, name: str) -> str:
        """Hash of what a notebook gave to others; its executed copy, which holds times, is not among it."""
        outputs = self._stamp(name).get("outputs", {})
        return _digest({key: value for key, value in sorted(outputs.items()) if not key.startswith("notebooks/")})

    def _stamp_path(self, name: str) -> Path:
        return self.folder / "stamps" / f"{name}.json"

    def _stamp(self, name: str) -> dict:
        return read_json(self._stamp_path(name))


def results(folder: Path, notebooks: dict[str, Notebook]) -> dict[str, str]:
    """The hashes of all that the notebooks have written for others or for the report, by path."""
    outputs = {}
    for name in notebooks:
        outputs |= read_json(folder / "stamps" / f"{name}.json").get("outputs", {})
    return {path: digest for path, digest in sorted(outputs.items()) if not path.startswith("notebooks/")}


def executed_copies(folder: Path, notebooks: dict[str, Notebook]) -> dict[str, str]:
    """The hashes of the executed copies, by path."""
    paths = [folder / "notebooks" / f"{name}.ipynb" for name in notebooks]
    return {path.name: sha256(path) for path in paths if path.is_file()}


def duration(seconds: float) -> str:
    """``12 s``, ``1 min 05 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _said(value) -> str:
    return "unset" if value is None else str(value)


def _tags(cell: dict) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def _digest(value) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
