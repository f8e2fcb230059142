"""The manifest: where a report comes from, and the hash of every number and figure in it."""

import importlib.metadata
import json
import os
import platform
import re
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from helpers import ROOT
from helpers.backend import threads
from helpers.files import sha256
from helpers.report import seeds
from helpers.report.knobs import Knobs
from helpers.report.schedule import Outcome


def manifest(knobs: Knobs, data: dict, outcomes: list[Outcome], outputs: dict, reports: Path, about: dict) -> dict:
    """Everything the report says about its origin, ready for JSON; no path of this machine.

    Args:
        data: from ``describe``.
        outputs: path in the run's folder -> SHA-256.
        reports: the folder of all runs, which holds the list of test evaluations, and the run with its other seeds.
        about: the content of report.toml.
    """
    made, modified = commit()
    files = knobs.elsewhere.items()
    return {
        "run": knobs.run,
        "title": data["title"],
        "command": knobs.command,
        "commit": made,
        "modified": modified,
        "changed": _changed(made),
        "quick": knobs.quick,
        "seed": knobs.seed,
        "parameters": {**knobs.parameters, "data": data["path"], **{name: path.name for name, path in files}},
        "elsewhere": {name: {"file": path.name, "sha256": sha256(path)} for name, path in files},
        "packages": packages(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": processor(),
        "threads": threads(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": data,
        "notebooks": [asdict(outcome) for outcome in outcomes],
        "test_evaluations": _test_evaluations(reports, knobs.run, data["checksum"]),
        "seeds": seeds.read(reports / knobs.run, knobs.parameters, data["checksum"], knobs.elsewhere),
        "outputs": outputs,
        "report_toml": about,
    }


def describe(dataset, path: Path | None) -> dict:
    """What the report says about a data set (``helpers.datasets.Dataset``)."""
    from helpers.evaluation import FEW

    splits = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    labels = {name: split.labels[split.labels >= 0] for name, split in splits.items() if split is not None}
    images = [int((labels["validation"] == k).sum()) for k in range(len(dataset.class_names))]
    return {
        "name": dataset.name,
        "title": dataset.title,
        "path": None if path is None else path.name,
        "checksum": dataset.checksum,
        "classes": list(dataset.class_names),
        "splits": {name: len(split) for name, split in splits.items() if split is not None},
        "labelled": {name: len(found) for name, found in labels.items()},
        "few": {"than": FEW, "classes": [name for name, n in zip(dataset.class_names, images, strict=True) if n < FEW]},
        "notes": list(dataset.notes),
        "facts": dict(dataset.facts),
    }


def packages() -> dict[str, str]:
    """The versions of the direct dependencies, as installed."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    names = [found[0] for line in lines if (found := re.match(r"[A-Za-z0-9._-]+", line))]
    versions = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # PlutoPrint has no wheel for some systems
    return versions


def commit() -> tuple[str | None, bool]:
    """The checkout's commit, or None without Git, and whether tracked files differ from it."""
    top, commit = _git("rev-parse", "--show-toplevel"), _git("rev-parse", "HEAD")
    if not top or not commit or Path(top).resolve() != ROOT:  # a copy inside somebody else's checkout
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
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        run = subprocess.run(
            ["git", "-C", str(ROOT), *words], capture_output=True, text=True, timeout=20, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return run.stdout.strip() if run.returncode == 0 else None


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _test_evaluations(reports: Path, run: str, data: str) -> dict[str, int]:
    """How often the test set of this very data was looked at: under this run's name, and in the whole checkout."""
    path = reports / "test_evaluations.jsonl"
    lines = map(json.loads, path.read_text("utf-8").splitlines() if path.is_file() else [])
    runs = [line["run"] for line in lines if line["data"] == data]
    return {"this_run": runs.count(run), "checkout": len(runs)}
