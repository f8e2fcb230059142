"""Toy notebooks and data for the tests of the scheduler, and the report of both."""

import json
from pathlib import Path

from datasets_made import class_files, write_folder

from helpers.options import parse
from helpers.report import report

PARAMETERS = """dataset = "faces"
data = None
run = "lab"
seed = 0
quick = False
size = None
epochs = None"""

OPEN = """from helpers.run import Run
run = Run(dataset, data=data, run=run, seed=seed, notebook={name!r})"""


def write_notebook(
    folder: Path,
    name: str,
    code: list[str],
    needs=(),
    prose: str = "Why.",
    explore: str | None = None,
) -> Path:
    """A notebook that opens a run and then executes these cells."""
    cells = [("markdown", f"# {name}\n\n{prose}", [])]
    cells += [("code", PARAMETERS, ["parameters"]), ("code", OPEN.format(name=name), [])]
    cells += [("code", source, []) for source in code]
    if explore is not None:
        cells.append(("code", explore, ["explore"]))
    document = {
        "cells": [_cell(index, *cell) for index, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "workbook": {"needs": list(needs)},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _cell(index: int, kind: str, source: str, tags: list[str]) -> dict:
    cell = {"id": f"c{index}", "cell_type": kind, "metadata": {"tags": tags}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def write_photos(folder: Path, classes=("cat", "dog"), images: int = 6) -> Path:
    """An image folder of grey noise."""
    for seed, split in enumerate(("train", "validation")):
        more = {"split": split, "each": images, "shape": (16, 16), "seed": 10_000 * seed}
        write_folder(folder, class_files(*classes, **more))
    return folder


class Workbook:
    """Toy notebooks, photos and the report of both."""

    def __init__(self, root: Path, notebooks: str = "notebooks"):
        self.notebooks, self.photos = root / notebooks, root / "photos"
        self.reports, self.folder = root / "reports", root / "reports" / "toy"
        self.where = {"notebooks": self.notebooks, "reports": self.reports}

    def report(self, *words: str, about: dict | None = None) -> tuple[int, list[str]]:
        """The exit status, and what was said."""
        lines = []
        options = parse(["DATASET=image_folder", f"DATA={self.photos}", "RUN=toy", *words])
        return report(options, about=about, say=lines.append, **self.where), lines

    def manifest(self) -> dict:
        return json.loads((self.folder / "manifest.json").read_text())
