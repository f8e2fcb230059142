"""The manifest: where a report comes from, and the hash of every number, table and figure in it."""

import importlib.metadata
import json
import platform
import re
import subprocess
from dataclasses import asdict
from pathlib import Path

from helpers import ROOT
from helpers.backend import threads
from helpers.files import sha256
from helpers.options import BY_NAME, Options
from helpers.report.schedule import Outcome


def manifest(
    options: Options,
    data: dict,
    outcomes: list[Outcome],
    outputs: dict,
    reports: Path,
    about: dict,
    language: str,
) -> dict:
    """Everything the report says about its origin, ready for JSON; no path of this machine.

    Args:
        data: from ``describe``.
        outputs: path in the run's folder -> SHA-256.
        reports: the folder of all runs, which holds the list of test evaluations.
        about: the content of report.toml.
    """
    commit, modified = checkout()
    given = [name for name in ("MODEL", "HISTORY") if options.values[name]]
    files = {BY_NAME[name].parameter: options.path(name) for name in given}
    return {
        "run": options.run,
        "title": data["title"],
        "command": options.command,
        "language": language,
        "commit": commit,
        "modified": modified,
        "changed": _changed(commit),
        "quick": options.quick,
        "seed": options.seed,
        "parameters": options.told,
        "elsewhere": {
            name: {"file": path.name, "sha256": sha256(path)} for name, path in files.items()
        },
        **surroundings(),
        "data": data,
        "notebooks": [asdict(outcome) for outcome in outcomes],
        "test_evaluations": _test_evaluations(reports, options.run, data["checksum"]),
        "outputs": outputs,
        "report_toml": about,
    }


def surroundings() -> dict:
    """What else results depend on: packages (the direct ones), Python, machine and threads."""
    return {
        "packages": _packages(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "threads": threads(),
    }


def _packages() -> dict[str, str]:
    wanted = (ROOT / "requirements.txt").read_text("utf-8")
    versions = {}
    for name in re.findall(r"^[A-Za-z0-9._-]+", wanted, re.MULTILINE):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # a package without a wheel for this system
    return versions


def _processor() -> str:
    cpus = Path("/proc/cpuinfo")
    told = cpus.read_text("utf-8", "replace") if cpus.is_file() else ""
    named = re.search(r"^model name\s*: *(.*\S)", told, re.MULTILINE)
    return named[1] if named else platform.processor() or platform.machine()


def checkout() -> tuple[str | None, bool]:
    """The checkout's commit, or None without Git, and whether tracked files differ from it."""
    top, commit = _git("rev-parse", "--show-toplevel"), _git("rev-parse", "HEAD")
    if not commit or Path(top or "").resolve() != ROOT:  # a copy inside somebody else's checkout
        return None, False
    return commit, bool(_git("status", "--porcelain", "--untracked-files=no"))


def _changed(commit: str | None) -> dict | None:
    """The notebooks and helpers that differ from the last release, a tag, or from the commit where there is none."""
    if commit is None:
        return None
    release = _git("describe", "--tags", "--abbrev=0")
    changed = {"release": release, "commit": commit}
    for folder in ("notebooks", "helpers"):
        differ = _git("diff", "--name-only", release or "HEAD", "--", folder) or ""
        new = _git("ls-files", "--others", "--exclude-standard", "--", folder) or ""
        changed[folder] = sorted({*differ.splitlines(), *new.splitlines()})
    return changed


def _git(*words: str) -> str | None:
    command = ["git", "--no-optional-locks", "-C", str(ROOT), *words]
    how = {"capture_output": True, "encoding": "utf-8", "errors": "replace", "timeout": 20}
    try:
        run = subprocess.run(command, **how)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return run.stdout.strip() if run.returncode == 0 else None


def _test_evaluations(reports: Path, run: str, data: str) -> dict[str, int]:
    """How often the test set of this very data was looked at: under this run's name, and in the whole checkout."""
    path = reports / "test_evaluations.jsonl"
    lines = map(json.loads, path.read_text("utf-8").splitlines() if path.is_file() else [])
    runs = [line["run"] for line in lines if line["data"] == data]
    return {"this_run": runs.count(run), "checkout": len(runs)}
