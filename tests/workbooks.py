"""Toy notebooks and data for the tests of the scheduler, and the report of both."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

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
    rng = np.random.default_rng(0)
    for name in classes:
        for split in ("train", "validation"):
            (folder / split / name).mkdir(parents=True, exist_ok=True)
            for i in range(images):
                pixels = rng.integers(0, 256, (16, 16), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / split / name / f"{i}.png")
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
