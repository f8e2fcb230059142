"""What runs, why, and in what order.

After a notebook has run, a stamp keeps its key (``keys``) and the hashes of what it wrote. The next time it runs
again only if a part of the key or one of these files differs, and that is the reason.
"""

import ast
import json
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from helpers.errors import UserError
from helpers.files import read_json, sha256, write_json
from helpers.report.keys import reasons

INTERRUPTED = {"running": "was interrupted", "failed": "failed last time"}


@dataclass(frozen=True)
class Notebook:
    """A notebook as it is stored, with the notebooks that it needs."""

    name: str
    document: dict
    needs: tuple[str, ...]

    @property
    def cells(self) -> list[dict]:
        """The cells that a report runs: all but those tagged ``explore``."""
        return [cell for cell in self.document["cells"] if "explore" not in _tags(cell)]

    @property
    def sources(self) -> list[str]:
        """The code of these cells."""
        return ["".join(cell["source"]) for cell in self.cells if cell["cell_type"] == "code"]

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names that its parameters cell gives defaults to."""
        cells = [cell for cell in self.cells if "parameters" in _tags(cell)]
        lines = [line for cell in cells for line in ast.parse("".join(cell["source"])).body]
        names = [name for line in lines if isinstance(line, ast.Assign) for name in ast.walk(line)]
        return frozenset(name.id for name in names if isinstance(name, ast.Name))


@dataclass
class Outcome:
    """What happened to a notebook.

    Attributes:
        state: waiting, running, ran, reused, failed or skipped.
        reason: why.
        error: what failed, in one line.
    """

    name: str
    state: str = "waiting"
    reason: str = ""
    seconds: float = 0.0
    error: str | None = None


def read_notebooks(folder: Path) -> dict[str, Notebook]:
    """The workbook's notebooks by name, sorted; those without ``workbook`` metadata are no part of a report.

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
            raise UserError(
                f"{folder.name}/{path.name} is not a readable notebook: restore it"
            ) from fault
        if workbook is not None:
            notebooks[path.stem] = Notebook(path.stem, document, tuple(workbook.get("needs", ())))
    if not notebooks:
        raise UserError(f"no notebooks of the workbook in {folder.name}/: restore them")
    for notebook in notebooks.values():
        if missing := [need for need in notebook.needs if need not in notebooks]:
            raise UserError(f"{notebook.name} needs {missing[0]}, which is not in {folder.name}/")
    try:
        _order(notebooks).prepare()
    except CycleError as fault:
        circle = " → ".join(fault.args[1])
        raise UserError(f"notebooks need each other in a circle: {circle}") from fault
    return notebooks


def needed(notebooks: dict[str, Notebook], wanted: Iterable[str]) -> dict[str, Notebook]:
    """Those of the notebooks that are wanted, and those that they need."""
    found = set(wanted)
    for name in reversed([*_order(notebooks).static_order()]):
        if name in found:
            found.update(notebooks[name].needs)
    return {name: each for name, each in notebooks.items() if name in found}


class Schedule:
    """Runs what must run, some at a time.

    Args:
        notebooks: from ``read_notebooks``.
        folder: the run's folder; stamps go to ``stamps/``.
        key: of a notebook, but for what it needs; see ``keys.reasons``.
        execute: runs a notebook; returns its seconds, and its error in one line or None.
        say: prints a line.
        done: is called with the outcomes so far after a notebook has run, if others are still to come.
        workers: how many run at a time.

    Attributes:
        outcomes: by notebook, as they stand.
        left, tick: the time left in words, and what is called every second; see ``watch``.
    """

    def __init__(
        self,
        notebooks: dict[str, Notebook],
        folder: Path,
        *,
        key: Callable[[Notebook], dict],
        execute: Callable[[Notebook], tuple[float, str | None]],
        say: Callable[[str], None] = print,
        done: Callable[[list[Outcome]], None] = lambda outcomes: None,
        workers: int = 2,
    ):
        self.notebooks, self.folder, self.workers = notebooks, folder, workers
        self.execute, self.say, self.done = execute, say, done
        self.keys = {name: key(notebook) for name, notebook in notebooks.items()}
        self.outcomes = {name: Outcome(name) for name in notebooks}
        self.left, self.tick = lambda: "", lambda: None
        self.times: dict[str, float] = {}

    def expected(self, guess: Callable[[str], float] = lambda name: 60) -> dict[str, float]:
        """The seconds that each notebook took last time, or a guess, of all that may have to run."""
        found: dict[str, float] = {}
        for name in _order(self.notebooks).static_order():
            notebook = self.notebooks[name]
            if any(need in found for need in notebook.needs) or self._reason(notebook):
                found[name] = self._stamp(name).get("seconds") or guess(name)
        self.times = found
        return found

    def run(self) -> list[Outcome]:
        """Bring every notebook up to date; the outcomes in the notebooks' order."""
        order = _order(self.notebooks)
        order.prepare()
        chains = self._chains()
        waiting: list[str] = []
        running: dict[Future, str] = {}
        news = False
        pool = ThreadPoolExecutor(self.workers)
        try:
            while order.is_active():
                waiting = sorted(
                    [*waiting, *order.get_ready()], key=lambda name: (-chains[name], name)
                )
                if waiting and len(running) < self.workers:
                    name = waiting.pop(0)
                    if future := self._begin(self.notebooks[name], pool):
                        running[future] = name
                    else:
                        order.done(name)
                    continue
                if news:  # told while the next ones run already
                    self.done([*self.outcomes.values()])
                    news = False
                self.tick()
                for future in wait(running, timeout=1, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    self._finish(self.outcomes[name], *future.result())
                    order.done(name)
                    news = True
        finally:  # after Ctrl-C the pool's threads end with their kernels; nobody waits for them here
            pool.shutdown(wait=False, cancel_futures=True)
        return [*self.outcomes.values()]

    def _chains(self) -> dict[str, float]:
        """The seconds of each notebook and the longest chain that waits for it: the longest runs first."""
        chains = {name: self.times.get(name, 60) for name in self.notebooks}
        for name in reversed([*_order(self.notebooks).static_order()]):
            for need in self.notebooks[name].needs:
                chains[need] = max(chains[need], self.times.get(need, 60) + chains[name])
        return chains

    def _begin(self, notebook: Notebook, pool: ThreadPoolExecutor) -> Future | None:
        """Start a notebook, or settle it without running it and return None."""
        outcome = self.outcomes[notebook.name]
        for need in notebook.needs:
            if self.outcomes[need].state in ("failed", "skipped"):
                return self._settle(outcome, "skipped", f"{need} {self.outcomes[need].state}")
        reason = self._reason(notebook)
        if reason is None:
            outcome.seconds = self._stamp(notebook.name)["seconds"]
            return self._settle(outcome, "reused", "nothing changed")
        outcome.state, outcome.reason = "running", reason
        self._report(outcome.name, "runs", reason)
        # A killed run finds this stamp; an old ledger would claim names that this run may give away.
        self._set_back(notebook.name, "running")
        (self.folder / "ledger" / f"{notebook.name}.json").unlink(missing_ok=True)
        return pool.submit(self.execute, notebook)

    def _settle(self, outcome: Outcome, state: str, reason: str) -> None:
        outcome.state, outcome.reason = state, reason
        self._report(outcome.name, state, reason)

    def _finish(self, outcome: Outcome, seconds: float, error: str | None) -> None:
        outcome.seconds, outcome.error = round(seconds, 1), error
        if error is not None:
            outcome.state = "failed"
            self._set_back(outcome.name, "failed")
            self._report(outcome.name, "failed", f"{duration(outcome.seconds)}: {error}")
            return
        outcome.state = "ran"
        ledger = read_json(self.folder / "ledger" / f"{outcome.name}.json")
        paths = {name: self.folder / name for name in (f"notebooks/{outcome.name}.ipynb", *ledger)}
        stamp = {"state": "ran", "key": self._key(self.notebooks[outcome.name])}
        stamp["outputs"] = {name: sha256(path) for name, path in paths.items() if path.is_file()}
        write_json(self._stamp_path(outcome.name), stamp | {"seconds": outcome.seconds})
        self._report(outcome.name, "ran", f"{duration(outcome.seconds):<14} {self.left()}".strip())

    def _set_back(self, name: str, state: str) -> None:
        """A stamp that proves nothing; how long the notebook takes, it still knows."""
        seconds = self._stamp(name).get("seconds")
        write_json(self._stamp_path(name), {"state": state, "seconds": seconds})

    def _report(self, name: str, state: str, detail: str) -> None:
        self.say(f"{name:<22} {state:<8} {detail}")

    # --- keys and reasons ---

    def _key(self, notebook: Notebook) -> dict:
        needs = {need: self._results(need) for need in notebook.needs}
        return {**self.keys[notebook.name], "needs": needs}

    def _reason(self, notebook: Notebook) -> str | None:
        """Why the notebook must run, in words, or None."""
        stamp = self._stamp(notebook.name)
        if stamp.get("state") != "ran" or "key" not in stamp:
            return INTERRUPTED.get(stamp.get("state"), "never run")
        found = reasons(stamp["key"], self._key(notebook))
        found = found or [
            told for each in stamp["outputs"].items() if (told := self._touched(*each))
        ]
        return ", ".join(found) or None

    def _touched(self, name: str, digest: str) -> str | None:
        path = self.folder / name
        if not path.is_file():
            return f"{name} is missing"
        return None if sha256(path) == digest else f"{name} was changed by hand"

    def _results(self, name: str) -> str:
        """Hash of what a notebook gave to others."""
        return sha256(json.dumps(results(self.folder, [name])).encode())

    def _stamp_path(self, name: str) -> Path:
        return self.folder / "stamps" / f"{name}.json"

    def _stamp(self, name: str) -> dict:
        return read_json(self._stamp_path(name))


def results(folder: Path, names) -> dict[str, str]:
    """The hashes of all that notebooks have written for others or for the report, by path.

    Executed copies, which hold times, are not among it.
    """
    outputs = {}
    for name in names:
        outputs |= read_json(folder / "stamps" / f"{name}.json").get("outputs", {})
    return {path: outputs[path] for path in sorted(outputs) if not path.startswith("notebooks/")}


def duration(seconds: float) -> str:
    """``12 s``, ``1 min 05 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _order(notebooks: dict[str, Notebook]) -> TopologicalSorter:
    return TopologicalSorter({name: notebook.needs for name, notebook in notebooks.items()})


def _tags(cell: dict) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])
