"""A run's folder as notebook 03 leaves it, with made facts, and the manifest of such a run."""

from pathlib import Path

import numpy as np
from sample_document import draw

from helpers import records
from helpers.stats import fisher, rate

CLASSES = ["angry", "disgust", "happy"]
COUNTS = np.array([[80, 5, 15], [30, 25, 5], [2, 0, 198]])
FIGURES = {"confusion": "wide", "worst-pair": "text", "mistakes": "wide"}
SPLITS = {"train": 900, "validation": 360}
BOOKS = ("01_train_cnn", "02_dnn_baseline", "03_confusion")


def make_run(folder: Path) -> Path:
    """Figures, tables and metrics of notebook 03."""
    for name, width in FIGURES.items():
        draw(folder, name, width)
    pairs = sorted(_pairs(), key=lambda pair: -pair["rate"].low)
    classes = list(map(_class, range(3)))
    facts = {
        "classes": classes,
        "few_below": 30,
        "images": {"new": 300, "all": 300},
        "macro_f1": 0.8,
        "counts": COUNTS,
        "pairs": pairs,
        "mistakes": {"shown": 6, "nearest_agree": 5, "searched": 900},
    }
    rows = {
        "mistake-names": [["faces/1", "angry", "happy", 0.9, "faces/2", 0.99]],
        "pairs": [list(pair.values()) for pair in pairs],
        "classes": [
            [c["name"], c["train_images"], 100, c["recall"], c["precision"], c["f1"]]
            for c in classes
        ],
    }
    records.write(folder / "metrics" / "confusion.json", facts)
    for name, found in rows.items():
        columns = [f"column{n}" for n in range(len(found[0]))]
        records.write(folder / "tables" / f"{name}.json", {"columns": columns, "rows": found})
    return folder


def manifest(**states) -> dict:
    """The manifest of a run; ``states``: what happened to a notebook, by its number as ``n03``."""
    books = [{"name": name, **states.get(f"n{name[:2]}", {"state": "ran"})} for name in BOOKS]
    return {
        "run": "made", "seed": 0, "quick": False, "started": "2026-01-31T12:00:00",
        "command": "make report", "commit": None, "modified": False, "changed": None,
        "elsewhere": {}, "outputs": {}, "packages": {"keras": "3.15"}, "python": "3.11",
        "platform": "Linux", "processor": "a processor", "threads": 2, "notebooks": books,
        "test_evaluations": {"this_run": 0, "checkout": 0},
        "data": {
            "name": "faces", "title": "Drawn faces", "path": None, "checksum": "ab" * 32,
            "classes": CLASSES, "regions": [], "facts": {}, "notes": [],
            "splits": SPLITS, "labelled": SPLITS,
        },
    }  # fmt: skip


def _pairs():
    for true, row in enumerate(COUNTS):
        for answer, count in enumerate(row):
            if true != answer and count:
                there = rate(count, row.sum())
                back = rate(COUNTS[answer, true], COUNTS[answer].sum())
                p = fisher(there, back)
                order = "neither" if p > 0.05 else "first" if there.value > back.value else "second"
                names = {"true": CLASSES[true], "predicted": CLASSES[answer]}
                yield {**names, "rate": there, "back": back, "p": p, "order": order}


def _class(n: int) -> dict:
    recall = rate(COUNTS[n, n], COUNTS[n].sum())
    precision = rate(COUNTS[n, n], COUNTS[:, n].sum())
    name, images = CLASSES[n], 300 + 50 * n
    return {
        "name": name, "recall": recall, "precision": precision, "f1": 0.8,
        "train_images": images, "few": False,
    }  # fmt: skip
