"""``python -m helpers.report.verify RUN=name``: run a report again and compare every result with its manifest."""

import json
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from helpers import ROOT
from helpers.command import obey, words
from helpers.errors import UserError
from helpers.files import read_json, sha256
from helpers.report.execute import Executor
from helpers.report.knobs import Knobs, parse
from helpers.report.manifest import manifest
from helpers.report.schedule import Schedule, duration, read_notebooks, results

USAGE = "python -m helpers.report.verify RUN=name [DATA=path] [MODEL=path] [HISTORY=path]"
FILES = ("DATA", "MODEL", "HISTORY")
SHOWN = ("figure", "table", "text", "answer")


def verify(
    run: str = "faces",
    data: str | None = None,
    model: str | None = None,
    history: str | None = None,
    *,
    notebooks: Path = ROOT / "notebooks",
    reports: Path = ROOT / "reports",
    say: Callable[[str], None] = print,
) -> int:
    """Compare a finished report with its manifest, then with a second run of all notebooks in a scratch folder.

    Args:
        run: the report, ``reports/<run>``; nothing is written there.
        data, model, history: where its data is, the network and its curves if they came from elsewhere; needed
            where the manifest has only the last part of the path.
        say: prints a line: each file that differs, and how.

    Returns:
        0 if nothing differs, otherwise 1.

    Raises:
        UserError: no manifest, or no data.
    """
    from helpers.datasets import load

    folder = reports / run
    kept = _read_manifest(folder)
    knobs = knobs_of(kept, {"DATA": data, "MODEL": model, "HISTORY": history})
    altered = _altered(folder, kept)
    for line in altered:
        say(line)
    if load(knobs.dataset, knobs.path, size=knobs.size).checksum != kept["data"]["checksum"]:
        say("the data: other images or labels than in the run, so a second run would prove nothing")
        return 1
    for name, path in knobs.elsewhere.items():
        if not path.is_file() or sha256(path) != kept["elsewhere"][name]["sha256"]:
            say(f"{path.name}: missing, or another file than in the run, so a second run would prove nothing")
            return 1
    first = sum(book["seconds"] or 0 for book in kept["notebooks"])
    say(f"Running {run} again in a scratch folder; the first time its notebooks took {duration(first)}")
    scratch = Path(tempfile.mkdtemp(prefix="workbook-verify-"))
    other = []
    try:
        now = _run_again(knobs, kept, notebooks, scratch / run, say)
        other = _compared(folder, kept, scratch / run, now)
    finally:
        if not other:
            shutil.rmtree(scratch, ignore_errors=True)
    files = len(kept["outputs"])
    books = f"{len(now['notebooks'])} notebook{'s' * (len(now['notebooks']) > 1)}"
    if other:
        for line in [*other, *_surroundings(kept, now)]:
            say(line)
        say(f"different: {len(other)} results, of {files} files and {books}; the second run stands in {scratch}")
    elif altered:
        say(f"altered: {len(altered)} files; the second run gave the {files} results of the manifest")
    else:
        say(f"identical: {files} files, and what {books} show{'s' * books.startswith('1 ')}")
    return 1 if other or altered else 0


def _read_manifest(folder: Path) -> dict:
    try:
        kept = json.loads((folder / "manifest.json").read_text("utf-8"))
        kept["parameters"]["dataset"], kept["data"]["checksum"], kept["outputs"].items(), kept["notebooks"][0]["name"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as fault:
        where = f"reports/{folder.name}/manifest.json"
        raise UserError(f"{where} is missing or damaged: make report RUN={folder.name} writes it") from fault
    return kept


def knobs_of(kept: dict, paths: dict[str, str | None], target: str = "verify") -> Knobs:
    """The knobs of a run, from its manifest, checked like typed ones.

    Args:
        kept: the manifest.
        paths: where its files are now, by knob; None for where they were.
        target: the target of make that asks, for the error's remedy.

    Raises:
        UserError: a file that only the other machine, or an absolute path, had.
    """
    given = kept["parameters"]
    words = {knob: given.get(knob.lower()) for knob in ("DATASET", "EPOCHS", "SEED", "SIZE", "RUN")}
    words["QUICK"] = int(bool(given.get("quick")))
    for knob, path in paths.items():
        what = {"DATA": "data", "MODEL": "model", "HISTORY": "curves"}[knob]
        name = given.get(what)
        if name and path is None:
            typed = [word for word in shlex.split(kept.get("command") or "") if word.startswith(f"{knob}=")]
            path = typed[0].removeprefix(f"{knob}=") if typed else name
            if not (ROOT / path).exists():
                raise UserError(f"the run's {what} was called {name}: say where it is, make {target} ... {knob}=path")
        words[knob] = path
    if words["MODEL"]:
        words["RANGE"] = given.get("pixel_range")
    return parse([f"{knob}={value}" for knob, value in words.items() if value is not None])


def _altered(folder: Path, kept: dict) -> list[str]:
    """What on the disk is no longer what the run wrote: results, executed notebooks, pages."""
    written = dict(kept["outputs"])
    for book in kept["notebooks"]:
        name = f"notebooks/{book['name']}.ipynb"
        outputs = read_json(folder / "stamps" / f"{book['name']}.json").get("outputs", {})
        written |= {name: outputs[name]} if name in outputs else {}
    written |= read_json(folder / "stamps" / ".pages.json").get("pages", {})
    lines = []
    for name, digest in sorted(written.items()):
        if not (folder / name).is_file():
            lines.append(f"{name}: missing since the run")
        elif sha256(folder / name) != digest:
            lines.append(f"{name}: altered since the run")
    return lines


def _run_again(knobs: Knobs, kept: dict, notebooks: Path, folder: Path, say: Callable[[str], None]) -> dict:
    """Run every notebook; the manifest of this second run."""
    workbook = read_notebooks(notebooks)
    executor = Executor(folder, knobs.parameters, notebooks)
    schedule = Schedule(workbook, folder, shared={}, choices=knobs.choices, execute=executor, say=say)
    try:
        outcomes = schedule.run()
    except BaseException:
        executor.stop()
        raise
    about = kept.get("report_toml") or {}
    return manifest(knobs, kept["data"], outcomes, results(folder, workbook), folder.parent, about)


def _compared(folder: Path, kept: dict, again: Path, now: dict) -> list[str]:
    """How a second run differs from the manifest and from the executed notebooks of the first."""
    lines = []
    state = {book["name"]: book["state"] for book in kept["notebooks"]}
    for book in now["notebooks"]:
        if book["state"] == "failed" and state.get(book["name"]) != "failed":
            lines.append(f"{book['name']}: failed now: {book['error']}")
    old, new = kept["outputs"], now["outputs"]
    told = {name: "not made now" for name in old if name not in new}
    told |= {name: "made now, but not in the run" for name in new if name not in old}
    told |= {name: "another result now" for name in new if name in old and new[name] != old[name]}
    lines += [f"{name}: {how}" for name, how in sorted(told.items())]
    for name in state:
        path = f"notebooks/{name}.ipynb"
        old, new = _shown(folder / path), _shown(again / path)
        lines += [f"{path}: {what}: shows something else now" for what in old | new if old.get(what) != new.get(what)]
    return lines


def _shown(path: Path) -> dict[str, str]:
    """What an executed notebook shows the reader: name -> hash of content and caption."""
    found = {}
    for cell in read_json(path).get("cells", []):
        for output in cell.get("outputs", []):
            mark = output.get("metadata", {}).get("workbook", {})
            if mark.get("kind") in SHOWN:
                # The plain text names folders of the machine in some outputs; a reader of the report never sees it.
                content = {kind: data for kind, data in output["data"].items() if kind != "text/plain"}
                name = f"{mark['kind']} {mark.get('label') or mark.get('question') or len(found) + 1}"
                found[name] = sha256(json.dumps([mark, content], sort_keys=True).encode())
    return found


def _surroundings(kept: dict, now: dict) -> list[str]:
    """What else is not as it was, and may be why."""
    before = {**kept, **{f"package {name}": version for name, version in kept.get("packages", {}).items()}}
    after = {**now, **{f"package {name}": version for name, version in now["packages"].items()}}
    names = ["commit", "python", "platform", "processor", "threads"]
    names += sorted(name for name in before | after if name.startswith("package "))
    lines = [
        f"not as in the run: {name} is {after.get(name)}, was {before.get(name)}"
        for name in names
        if before.get(name) != after.get(name)
    ]
    for manifest_, when in ((kept, "the run had"), (now, "this checkout has")):
        lines += [f"not as in the commit: {when} uncommitted changes"] if manifest_.get("modified") else []
    return lines


def main(words: list[str]) -> int:
    """Verify a report; returns the exit status."""
    return obey(words, USAGE, _verify, "Nothing was written.")


def _verify(words: list[str]) -> int:
    parse(words)  # a wrong word is told as make report tells it
    given = {knob: value.strip() for knob, _, value in (word.partition("=") for word in words) if value.strip()}
    if unknown := given.keys() - {"RUN", *FILES}:
        raise UserError(f"{min(unknown)} stands in the manifest already: give RUN and, if asked for, DATA")
    return verify(given.get("RUN", "faces"), *map(given.get, FILES), say=partial(print, flush=True))


if __name__ == "__main__":
    sys.exit(main(words()))
