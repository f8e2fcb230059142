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
from helpers.command import carry_out, words
from helpers.errors import UserError
from helpers.files import read_json, sha256
from helpers.options import BY_NAME, BY_PARAMETER, FILES, Options, check_parameters, parse
from helpers.report.execute import Executor
from helpers.report.manifest import surroundings
from helpers.report.schedule import Outcome, Schedule, duration, read_notebooks, results

USAGE = "python -m helpers.report.verify RUN=name [DATA=path] [MODEL=path] [HISTORY=path]"


def verify(
    run: str = "faces",
    paths: dict[str, str] | None = None,
    *,
    notebooks: Path = ROOT / "notebooks",
    reports: Path = ROOT / "reports",
    say: Callable[[str], None] = print,
) -> int:
    """Compare a finished report with its manifest, then with a second run of all notebooks in a scratch folder.

    Nothing is written into the report's folder. ``paths`` says where its files are now, by option.
    Returns 0 if nothing differs, otherwise 1; raises UserError where there is no manifest, or no data.
    """
    folder = reports / run
    kept = _read_manifest(folder)
    options = options_of(kept, paths or {})
    altered, other_input = _altered(folder, kept), _other_input(options, kept)
    for line in [*altered, *other_input]:
        say(line)
    if other_input:
        return 1
    first, files = sum(book["seconds"] or 0 for book in kept["notebooks"]), len(kept["outputs"])
    say(f"Running {run} again in a scratch folder; the first time it took {duration(first)}")
    scratch, workbook = Path(tempfile.mkdtemp(prefix="workbook-verify-")), read_notebooks(notebooks)
    execute, different = Executor(scratch / run, options.parameters, notebooks), []
    again = Schedule(workbook, scratch / run, key=lambda book: {}, execute=execute, say=say)
    try:
        outcomes = execute.stopping(again.run)
        different = _different(kept, outcomes, results(scratch / run, workbook))
    finally:
        if not different:
            shutil.rmtree(scratch, ignore_errors=True)
    for line in [*different, *(_not_as_then(kept) if different else ())]:
        say(line)
    if different:
        say(f"different: {len(different)} results of {files}; the second run stands in {scratch}")
    elif altered:
        say(
            f"altered: {len(altered)} files; the second run gave all {files} results of the manifest"
        )
    else:
        say(f"identical: {files} results of {len(outcomes)} notebook{'s' * (len(outcomes) > 1)}")
    return 1 if different or altered else 0


def _read_manifest(folder: Path) -> dict:
    try:
        kept = json.loads((folder / "manifest.json").read_text("utf-8"))
        kept["outputs"].items(), kept["elsewhere"].items()
        kept["parameters"]["dataset"], kept["data"]["checksum"], kept["notebooks"][0]["name"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as fault:
        where = f"reports/{folder.name}/manifest.json"
        raise UserError(
            f"{where} is missing or damaged: make report RUN={folder.name} writes it"
        ) from fault
    return kept


def options_of(kept: dict, paths: dict[str, str]) -> Options:
    """The options of a run, from its manifest, checked like a notebook's parameters.

    Args:
        kept: the manifest.
        paths: where its files are now, by option; those that are missing are where they were.

    Raises:
        UserError: a file that only the other machine, or an absolute path, had.
    """
    values = check_parameters(**kept["parameters"])
    given = {BY_PARAMETER[name].name: value for name, value in values.items() if value is not None}
    called = shlex.split(kept.get("command") or "")
    then = dict(word.partition("=")[::2] for word in called if "=" in word)
    for name in FILES:
        value = given.get(name)
        if value and name not in paths and not (ROOT / then.get(name, value)).exists():
            raise UserError(
                f"{name} was called {value}: say where it is, make verify ... {name}=path"
            )
        if value:
            given[name] = paths.get(name) or then.get(name, value)
    return Options(given)


def _altered(folder: Path, kept: dict) -> list[str]:
    """What on the disk is no longer what the run wrote: results and pages."""
    written = {**kept["outputs"], **read_json(folder / "stamps" / ".pages.json").get("pages", {})}
    lines = []
    for name, digest in sorted(written.items()):
        if not (folder / name).is_file():
            lines.append(f"{name}: missing since the run")
        elif sha256(folder / name) != digest:
            lines.append(f"{name}: altered since the run")
    return lines


def _other_input(options: Options, kept: dict) -> list[str]:
    """What is not the data, or the network, that the run had: a second run would prove nothing."""
    from helpers.datasets import load

    data = load(options.dataset, options.path("DATA"), size=options.size)
    same, told = data.checksum == kept["data"]["checksum"], "the data: other images or labels"
    lines = [] if same else [f"{told} than in the run"]
    for name in ("MODEL", "HISTORY"):
        path, then = options.path(name), kept["elsewhere"].get(BY_NAME[name].parameter)
        if path and then and (not path.is_file() or sha256(path) != then["sha256"]):
            lines.append(f"{path.name}: missing, or another file than in the run")
    return [f"{line}, so a second run would prove nothing" for line in lines]


def _different(kept: dict, outcomes: list[Outcome], now: dict[str, str]) -> list[str]:
    """How a second run differs from the manifest."""
    failed = {book["name"] for book in kept["notebooks"] if book["state"] == "failed"}
    now_failed = [o for o in outcomes if o.state == "failed" and o.name not in failed]
    lines = [f"{outcome.name}: failed now: {outcome.error}" for outcome in now_failed]
    then = kept["outputs"]
    told = {name: "another result now" for name in then if now.get(name) != then[name]}
    told |= {name: "not made now" for name in then if name not in now}
    told |= {name: "made now, but not in the run" for name in now if name not in then}
    return [*lines, *(f"{name}: {how}" for name, how in sorted(told.items()))]


def _not_as_then(kept: dict) -> list[str]:
    """What else is not as it was, and may be why."""
    now, dirty = surroundings(), "not as in the commit: the run had uncommitted changes"
    before, after = kept.get("packages", {}), now.pop("packages")
    pairs = {f"package {name}": (before.get(name), after.get(name)) for name in before | after}
    pairs |= {name: (kept.get(name), value) for name, value in now.items()}
    differ = {name: pair for name, pair in sorted(pairs.items()) if pair[0] != pair[1]}
    lines = [
        f"not as in the run: {name} is {new}, was {old}" for name, (old, new) in differ.items()
    ]
    return [*lines, dirty] if kept.get("modified") else lines


def main(given: list[str]) -> int:
    """Verify a report; returns the exit status."""
    return carry_out(given, USAGE, _verify, "Nothing was written.")


def _verify(given: list[str]) -> int:
    # A file is of the run's own data set and network, which the manifest knows: only RUN is checked alone.
    parts = [word.partition("=") for word in given]
    typed = {name: text.strip() for name, _, text in parts if text.strip()}
    parse([word for word in given if word.partition("=")[0] not in FILES])
    if unknown := typed.keys() - {"RUN", *FILES}:
        raise UserError(
            f"{min(unknown)} stands in the manifest already: give RUN and, if asked for, DATA"
        )
    run = typed.pop("RUN", "faces")
    return verify(run, typed, say=partial(print, flush=True))


if __name__ == "__main__":
    sys.exit(main(words()))
