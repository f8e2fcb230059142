"""Where results lie: the folders of runs, what the lab chose, which notebook needs which, and about which networks."""

import filecmp
import json
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from helpers import ROOT
from helpers.errors import UserError
from helpers.files import read_json, sha256
from helpers.kinds import LAB

BOOKS = ROOT / "notebooks"
CHOSEN = "lab.json"
"""In the folder of all runs: the data set that 00_start_here chose for the notebooks that name none."""


def all_runs() -> Path:
    """The folder of all runs: reports/ of the checkout, unless a report or a test says another."""
    return Path(os.environ.get("WORKBOOK_REPORTS") or ROOT / "reports")


def choice() -> dict:
    """What 00_start_here chose, as it was written."""
    return read_json(all_runs() / CHOSEN)


def chosen() -> tuple[str, str | None]:
    """The chosen data set, and its path where it is not in data/."""
    return choice().get("dataset", "faces"), choice().get("data")


def sources(reports: Path, dataset: str) -> list[Path]:
    """The folders that a notebook opened by hand reads, its own one first, then the data set's report.

    The report only as long as both have the same CNN: a lab that trained another one stands alone, so that nothing is
    mixed.
    """
    both = [reports / f"{LAB}-{dataset}", reports / dataset]
    own, other = (folder / "models" / "cnn.keras" for folder in both)
    alone = own.is_file() and not (other.is_file() and filecmp.cmp(own, other, shallow=False))
    return both[: 1 if alone else 2]


def needs_of(notebook: str) -> list[str]:
    """The notebooks that one needs, after those that they need themselves."""
    about = read_json(BOOKS / f"{notebook}.ipynb").get("metadata", {})
    found = []
    for name in about.get("workbook", {}).get("needs", ()):
        found += [*needs_of(name), name]
    return list(dict.fromkeys(found))


def missing(folders: Sequence[Path], notebook: str) -> list[str]:
    """What a notebook needs that is not made yet, in order."""
    return [name for name in needs_of(notebook) if not made(folders, name)]


def made(folders: Sequence[Path], notebook: str) -> Path | None:
    """The stamp of a notebook that ran to its end, if its results are about the networks that are here; or None."""
    for folder in folders:
        path = folder / "stamps" / f"{notebook}.json"
        stamp = read_json(path)
        if stamp.get("state") == "ran" and not another(folders, stamp.get("networks_used", {})):
            return path
    return None


def took(reports: Path, dataset: str, notebook: str) -> float | None:
    """The seconds that a notebook took the last time: in the data set's lab, or else in its report."""
    stamps = (
        reports / run / "stamps" / f"{notebook}.json" for run in (f"{LAB}-{dataset}", dataset)
    )
    return next((found for path in stamps if (found := read_json(path).get("seconds"))), None)


def about(folder: Path, dataset: str, notebook: str) -> str:
    """What a notebook opened by hand says first: its data set, where it writes, how long it takes."""
    seconds = took(folder.parent, dataset, notebook)
    last = f", the last time in {seconds:.0f} s" if seconds else ""
    said = f"on {dataset}, into {folder.parent.name}/{folder.name}{last}"
    if len(sources(folder.parent, dataset)) == 1:
        said += "; the CNN is this lab's own"
        found = unmixed([folder], {"of it": read_json(folder / "metrics" / "accuracy.json")})
        if rate := found.get("of it", {}).get("rates", {}).get("validation"):
            said += f" and recognises {rate['value']:.0%} of the validation images"
    return said


def another(folders: Sequence[Path], used: dict[str, str]) -> str | None:
    """The first of some networks (SHA-256 by name) that is not, or no more, the one in the folders."""
    for name, digest in used.items():
        paths = [folder / "models" / f"{name}.keras" for folder in folders]
        here = next((path for path in paths if path.is_file()), None)
        if here is None or _sha256(here, here.stat().st_mtime_ns) != digest:
            return name
    return None


@cache
def _sha256(path: Path, changed: int) -> str:
    return sha256(path)


def unmixed(folders: Sequence[Path], results: dict) -> dict:
    """Of records by name those that are about the networks in the folders, or about none."""
    return {
        name: found
        for name, found in results.items()
        if not another(folders, found.get("networks_used", {}))
    }


def refuse_mixture(folders: Sequence[Path], path: Path, used: dict[str, str]) -> None:
    """Stop where a file of a run is about other networks than the folders hold.

    Raises:
        UserError: it is; the sentence names the notebook that makes the file again.
    """
    if (network := another(folders, used)) is None:
        return
    run = path.parents[1]
    name = path.relative_to(run).as_posix()
    ledgers = sorted(run.glob("ledger/*.json"))
    maker = next((each.stem for each in ledgers if name in json.loads(each.read_text("utf-8"))), "")
    raise UserError(
        f"{run.name}/{name} is about another network `{network}` than the one here: run "
        f"{maker or 'its notebook'} again"
    )
