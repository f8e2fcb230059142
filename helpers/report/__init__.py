"""From notebooks to one report: ``python -m helpers.report KEY=VALUE ...``, or ``report(options)``."""

import contextlib
import hashlib
import json
import os
import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from helpers import ROOT
from helpers.errors import UserError
from helpers.files import read_json, sha256, tree_hash, write_json
from helpers.kinds import ANSWERS
from helpers.options import Options
from helpers.report.author import FILE
from helpers.report.execute import Executor
from helpers.report.homework import plan
from helpers.report.keys import Code
from helpers.report.manifest import manifest
from helpers.report.schedule import (
    Notebook,
    Outcome,
    Schedule,
    duration,
    needed,
    read_notebooks,
    results,
)
from helpers.report.watch import Watch

PAGES = ("report.html", "report.pdf")
RENDERERS = ("report", "answers", "wording.py", "formats.py", "records.py", "stats.py", "fonts.py")
KERNELS = 2


def report(
    options: Options,
    *,
    about: dict | None = None,
    notebooks: Path = ROOT / "notebooks",
    reports: Path = ROOT / "reports",
    say: Callable[[str], None] = print,
    only_asked: bool = False,
    bar: bool = False,
) -> int:
    """Bring a report up to date: run what changed, then write manifest.json, report.html and report.pdf.

    The page is also written after each notebook, with what there is. ``about`` is the content of report.toml, from
    ``author.read``: it changes the pages, never what runs. Only with ``only_asked``, for the desk, no notebook
    runs that its questions do not need, and the page is written once. A ``bar`` shows the time left on a terminal.

    Returns:
        0, or 1 if a notebook failed.

    Raises:
        UserError: bad data, unreadable notebooks, a report.toml that does not fit them, a folder that cannot be
            written, or another process writing the same report. Nothing has been run or written then.
    """
    from helpers.datasets import identify

    start, started = time.monotonic(), {"started": datetime.now(UTC).isoformat(timespec="seconds")}
    workbook, folder, about = read_notebooks(notebooks), reports / options.run, about or {}
    language = options.language or about.get("language") or "en"
    words = tomllib.loads((ANSWERS / language / "page.toml").read_text("utf-8"))
    asked = plan(about, workbook, words)
    if only_asked:
        workbook = needed(workbook, [name for question in asked for name in question.topics])
    fingerprint = identify(options.path("DATA"), options.dataset)
    code = Code(kept=folder / "stamps" / ".code.json")
    private = _private(options, reports)
    executor = Executor(folder, options.parameters, notebooks, private, language)
    key = partial(_key, options=options, code=code, fingerprint=fingerprint)
    schedule = Schedule(workbook, folder, key=key, execute=executor, say=say, workers=KERNELS)
    watch = Watch(schedule, "quick" if options.quick else options.dataset, say, bar)
    data = _data(options, folder, fingerprint, bool(watch.expected), say)

    def origin(outcomes: list[Outcome]) -> dict:
        outputs = results(folder, workbook)
        return manifest(options, data, outcomes, outputs, reports, about, language) | started

    if not only_asked:
        schedule.done = lambda outcomes: _render_early(folder, origin(outcomes), say)
    with alone(folder):
        code.kept.write()
        write_json(folder / "data.json", {"fingerprint": fingerprint, "data": data})
        outcomes = executor.stopping(schedule.run)
        rendered = _render(folder, origin(outcomes), workbook, say)
    return _told(folder, outcomes, rendered, time.monotonic() - start, say)


def _told(folder: Path, outcomes: list[Outcome], rendered: bool, seconds: float, say) -> int:
    """Say what came of it; the exit status."""
    failed = [outcome.name for outcome in outcomes if outcome.state == "failed"]
    pages = [os.path.relpath(folder / page) for page in PAGES if (folder / page).is_file()]
    news = f"failed: {', '.join(failed)}. " if failed else "" if rendered else "Nothing changed. "
    say(f"{news}{' and '.join(pages) or 'No page was written'} ({duration(seconds)})")
    return 1 if failed else 0


def _key(notebook: Notebook, options: Options, code: Code, fingerprint: str) -> dict:
    """What a notebook's results depend on, but for the notebooks that it needs; see ``keys``."""
    shipped = ROOT / "data" / "pretrained" / options.dataset / "networks.json"
    files = {"the shipped networks": shipped, "requirements.lock": ROOT / "requirements.lock"}
    hashes = {name: sha256(path) for name, path in files.items() if path.is_file()}
    own = {"files": {"the data": fingerprint, **hashes}}
    return code.key(notebook.cells) | own | {"parameters": options.choices(notebook.parameters)}


def _data(options: Options, folder: Path, fingerprint: str, must_run: bool, say: Callable) -> dict:
    """What the manifest says about the data; loading it finds its faults before anything runs on it."""
    if must_run and options.seed == options.student_seed:
        whence = f"follows from the student id in {FILE}; SEED=0, or any other, goes before it"
        say(f"SEED={options.seed} {whence}")
    kept = read_json(folder / "data.json")
    if not must_run and kept.get("fingerprint") == fingerprint:
        return kept["data"]
    from helpers.datasets import describe, load

    where = options.path("DATA")
    return describe(load(options.dataset, where, size=options.size), where)


def _render_early(folder: Path, origin: dict, say: Callable[[str], None]) -> None:
    """Write the page while notebooks still run; what it lacks now is no reason to stop them."""
    try:
        from helpers.report.render import render

        render(folder, origin, origin["report_toml"], origin["language"], paper=False)
    except Exception as fault:
        say(f"no page yet: {type(fault).__name__}: {' '.join(str(fault).split())[:200]}")


def _render(folder: Path, origin: dict, workbook: dict[str, Notebook], say) -> bool:
    """Write the manifest and the pages, unless they stand already for the same inputs; whether it did."""
    stamp = folder / "stamps" / ".pages.json"  # no notebook is called so
    # When it started, and what was reused, change nothing that a page proves.
    told = [{**book, "state": None, "reason": None} for book in origin["notebooks"]]
    inputs = {
        "manifest": {**origin, "started": None, "notebooks": told},
        "code": {name: notebook.sources for name, notebook in workbook.items()},
        "renderer": tree_hash(*(ROOT / "helpers" / name for name in RENDERERS)),
    }
    key = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    settled = all(book["state"] in ("ran", "reused") for book in origin["notebooks"])
    if settled and read_json(stamp) == _pages(folder, key):
        return False
    write_json(folder / "manifest.json", origin)
    from helpers.report.render import render

    for warning in render(folder, origin, origin["report_toml"], origin["language"]):
        say(f"warning: {warning}")
    write_json(stamp, _pages(folder, key))
    return True


def _pages(folder: Path, key: str) -> dict:
    made = {page: sha256(folder / page) for page in PAGES if (folder / page).is_file()}
    return {"inputs": key, "pages": made, "manifest": (folder / "manifest.json").is_file()}


def _private(options: Options, reports: Path) -> tuple[Path, ...]:
    """Folders of this machine that no page may name."""
    given = [options.path(name) for name in ("DATA", "MODEL", "HISTORY")]
    home = Path(os.path.expanduser("~")).absolute()
    return (*(path.parent for path in given if path), ROOT, reports, home)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second process out of the run's folder; the lock goes with the process, however it ends.

    Raises:
        UserError: there is one, or the folder cannot be written.
    """
    shown = os.path.relpath(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / ".lock", "w")  # noqa: SIM115
    except OSError as fault:
        why = (fault.strerror or str(fault)).lower()
        raise UserError(
            f"{shown} cannot be written ({why}): make it writable, or pass RUN=another-name"
        ) from fault
    with file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # Windows
            pass
        except BlockingIOError as fault:
            raise UserError(
                f"another process is making {shown}: wait for it, or pass RUN=another-name"
            ) from fault
        yield
