"""From notebooks to one report: ``python -m helpers.report KEY=VALUE ...``, or ``report(knobs)``."""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from helpers import ROOT
from helpers.errors import UserError
from helpers.files import sha256, write_json
from helpers.report import labels, seeds
from helpers.report.author import FILE
from helpers.report.execute import Executor
from helpers.report.knobs import Knobs
from helpers.report.manifest import describe, manifest
from helpers.report.presets import plan
from helpers.report.schedule import Notebook, Schedule, duration, executed_copies, read_notebooks, results

PAGES = ("report.html", "report.pdf")


def report(
    knobs: Knobs,
    *,
    about: dict | None = None,
    notebooks: Path = ROOT / "notebooks",
    reports: Path = ROOT / "reports",
    say: Callable[[str], None] = print,
) -> int:
    """Bring a report up to date: run what changed, then write manifest.json, report.html and report.pdf.

    Args:
        about: the content of report.toml, from ``author.read``; it changes the pages, never what runs.
        notebooks: the folder of notebooks.
        reports: the folder of all runs; this one's is ``reports/<run>``.
        say: prints a line.

    Returns:
        0, or 1 if a notebook failed.

    Raises:
        UserError: bad data, unreadable notebooks, a report.toml that does not fit them, or another process
            writing the same report. Nothing has been run or written then.
    """
    from helpers.datasets import identify

    start, started = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    workbook, folder, about = read_notebooks(notebooks), reports / knobs.run, about or {}
    plan(about, {book.name: (book.title, book.question) for book in workbook.values()})
    labels.check(about, workbook, folder)
    fingerprint = identify(knobs.path, knobs.dataset)
    executor = Executor(folder, knobs.parameters, notebooks, private=_private(knobs, reports))
    schedule = Schedule(
        workbook,
        folder,
        shared={
            "the data": fingerprint,
            "helpers": _hash_of((ROOT / "helpers").rglob("*.py"), without=ROOT / "helpers" / "report"),
            "requirements.lock": _hash_of([ROOT / "requirements.lock"]),
            "the shipped networks": _hash_of((ROOT / "data" / "pretrained" / knobs.dataset).glob("networks.json")),
        },
        choices=knobs.choices,
        execute=executor,
        say=say,
    )
    if knobs.seed == knobs.student_seed and schedule.must_run():
        say(f"SEED={knobs.seed} follows from the student id in {FILE}; SEED=0, or any other, goes before it")
    data = _data(knobs, folder / "data.json", fingerprint, load_anyway=schedule.must_run())
    with alone(folder):
        write_json(folder / "data.json", {"fingerprint": fingerprint, "data": data})
        try:
            outcomes = schedule.run()
        except BaseException:
            executor.stop()
            raise
        complete = frozenset(outcome.name for outcome in outcomes if outcome.state in ("ran", "reused"))
        labels.check(about, workbook, folder, ran=complete)
        origin = manifest(knobs, data, outcomes, results(folder, workbook), reports, about)
        origin["started"] = started
        rendered = _render(folder, origin, workbook, notebooks)
    failed = [outcome.name for outcome in outcomes if outcome.state == "failed"]
    pages = " and ".join(os.path.relpath(folder / page) for page in PAGES if (folder / page).is_file())
    news = f"failed: {', '.join(failed)}. " if failed else "" if rendered else "Nothing changed. "
    say(f"{news}{pages or 'No page was written'} ({duration(time.monotonic() - start)})")
    return 1 if failed else 0


def update_seeds(folder: Path, notebooks: Path = ROOT / "notebooks") -> bool:
    """Bring a finished report up to date with its seeds.json; runs no notebook; whether pages were written.

    Args:
        folder: ``reports/<run>``, which nobody else writes into (``alone``).
        notebooks: the folder of notebooks, for their prose.
    """
    origin = json.loads((folder / "manifest.json").read_text("utf-8"))
    origin["seeds"] = seeds.read(folder, origin["parameters"], origin["data"]["checksum"], origin["elsewhere"])
    return _render(folder, origin, read_notebooks(notebooks), notebooks)


def _data(knobs: Knobs, path: Path, fingerprint: str, load_anyway: bool) -> dict:
    """What the manifest says about the data; loading it finds its faults before anything runs on it."""
    if not load_anyway and path.is_file():
        kept = json.loads(path.read_text("utf-8"))
        if kept["fingerprint"] == fingerprint:
            return kept["data"]
    from helpers.datasets import load

    return describe(load(knobs.dataset, knobs.path, size=knobs.size), knobs.path)


def _render(folder: Path, origin: dict, workbook: dict[str, Notebook], notebooks: Path) -> bool:
    """Write the manifest and the pages, unless they stand already for the same inputs; whether it did."""
    stamp = folder / "stamps" / ".pages.json"  # no notebook is called so
    # When it started, and what was reused, change nothing that a page proves.
    told = [{k: v for k, v in book.items() if k not in ("state", "reason")} for book in origin["notebooks"]]
    inputs = {
        "manifest": {**origin, "started": None, "notebooks": told},
        "prose": {name: notebook.document["cells"] for name, notebook in workbook.items()},
        "executed": executed_copies(folder, workbook),
        "renderer": _hash_of((ROOT / "helpers" / "report").rglob("*.*")),
    }
    key = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    settled = all(book["state"] in ("ran", "reused") for book in origin["notebooks"])
    if settled and stamp.is_file() and json.loads(stamp.read_text("utf-8")) == _pages(folder, key):
        return False
    write_json(folder / "manifest.json", origin)
    from helpers.report.render import render

    render(folder, notebooks)
    write_json(stamp, _pages(folder, key))
    return True


def _pages(folder: Path, key: str) -> dict:
    made = {page: sha256(folder / page) for page in PAGES if (folder / page).is_file()}
    return {"inputs": key, "pages": made, "manifest": (folder / "manifest.json").is_file()}


def _private(knobs: Knobs, reports: Path) -> tuple[Path, ...]:
    """Folders of this machine that no page may name."""
    given = [path.parent for path in (knobs.path, *knobs.elsewhere.values()) if path is not None]
    return (*given, ROOT, reports, Path.home())


def _hash_of(paths, without: Path | None = None) -> str:
    """One hash of some files' names and contents; files that are missing count as missing."""
    parts = hashlib.sha256()
    for path in sorted(paths):
        if "__pycache__" in path.parts or (without and path.is_relative_to(without)):
            continue
        content = sha256(path) if path.is_file() else ""
        parts.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return parts.hexdigest()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second process out of the run's folder; the lock goes with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # Windows
            pass
        except BlockingIOError as fault:
            raise UserError(
                f"another process is making {os.path.relpath(folder)}: wait for it, or pass RUN=another-name"
            ) from fault
        yield
