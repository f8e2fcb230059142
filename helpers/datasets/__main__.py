"""python -m helpers.datasets PATH: what is in a data set, or everything that is wrong with it."""

import argparse
import sys

import numpy as np

from helpers.datasets import NAMES, open_path
from helpers.datasets.base import Dataset
from helpers.datasets.faults import printable
from helpers.errors import DataError, UserError


def main(arguments: list[str] | None = None) -> int:
    """Print a data set's inventory, or its faults; returns the exit code, 2 for faults."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.datasets",
        description="Print what is in a data set (splits, classes, counts, duplicates, oddities) or what is wrong.",
        epilog=f"Data sets known by name: {', '.join(NAMES)}; faces is built in and needs no data.",
    )
    parser.add_argument("path", nargs="?", help="a folder, a .zip, a .csv, or the name of a data set")
    parser.add_argument("--name", choices=NAMES, help="read it as this data set instead of guessing")
    parser.add_argument("--size", type=int, help="resize the images to so many pixels a side")
    options = parser.parse_args(arguments)
    if options.path is None:
        parser.print_help()
        return 0
    try:
        print(describe(open_path(options.path, options.name, options.size)))
    except DataError as error:
        print(
            f"{len(error.faults)} fault{'s' * (len(error.faults) > 1)} in {printable(options.path)}:", file=sys.stderr
        )
        for fault in error.faults:
            print(f"  {fault}", file=sys.stderr)
        return 2
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def describe(dataset: Dataset) -> str:
    """The inventory as text: splits, classes, images a class, duplicates and oddities."""
    splits = {"train": dataset.train, "validation": dataset.validation, "test": dataset.test}
    splits = {name: split for name, split in splits.items() if split is not None}
    height, width, channels = dataset.image_shape
    n = len(dataset.class_names)
    counts = [np.bincount(split.labels + 1, minlength=n + 1) for split in splits.values()]
    rows = [("class", *splits), *zip(dataset.class_names, *(count[1:] for count in counts), strict=True)]
    if any(count[0] for count in counts):
        rows.append(("(no label)", *(count[0] for count in counts)))
    rows.append(("all", *map(len, splits.values())))
    wide = max(len(row[0]) for row in rows)
    table = [
        f"  {row[0]:<{wide}}" + "".join(f"{cell if isinstance(cell, str) else f'{cell:,}':>12}" for cell in row[1:])
        for row in rows
    ]
    colour = "grey" if channels == 1 else "RGB"
    return "\n".join(
        [
            f"{dataset.title} ({dataset.name}): {n} classes, {width}x{height} pixels, {colour}",
            *table,
            *(f"- {note}" for note in dataset.notes),
            f"checksum {dataset.checksum[:16]}",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
