"""python -m helpers.datasets PATH: what is in a data set, or everything that is wrong with it."""

import argparse
import re
import sys

import pandas as pd

from helpers.command import carry_out
from helpers.datasets import NAMES, Dataset, describe, open_path
from helpers.datasets.faults import printable
from helpers.errors import DataError

PARSER = argparse.ArgumentParser(
    prog="python -m helpers.datasets",
    description="Print what is in a data set (splits, classes, counts, duplicates) or what is wrong.",
    epilog=f"Data sets known by name: {', '.join(NAMES)}; faces is built in and needs no data.",
)
PARSER.add_argument("path", help="a folder, an archive, a .csv, or the name of a data set")
PARSER.add_argument("--name", choices=NAMES, help="read it as this, instead of guessing")
PARSER.add_argument("--size", type=int, help="resize the images to so many pixels a side")


def main(words: list[str]) -> int:
    """Print a data set's inventory, or its faults; returns the exit code, 2 for faults."""
    usage = PARSER.format_help()
    return carry_out(words or ["--help"], usage, _show, "The same command prints it again.")


def _show(words: list[str]) -> int:
    # Faults call the options as a report does.
    words = [re.sub("^SIZE=", "--size=", re.sub("^DATASET=", "--name=", word)) for word in words]
    options = PARSER.parse_args(words)
    try:
        print(inventory(open_path(options.path, options.name, options.size)))
        return 0
    except DataError as error:
        many = f"{len(error.faults)} fault{'s' * (len(error.faults) > 1)}"
        print(f"{many} in {printable(options.path)}:", *error.faults, sep="\n  ", file=sys.stderr)
        return 2


def inventory(dataset: Dataset) -> str:
    """Splits, classes, images a class, duplicates and oddities, as text."""
    told = describe(dataset)
    height, width, channels = dataset.image_shape
    colour = "grey" if channels == 1 else "RGB"
    size = f"{len(told['classes'])} classes, {width}x{height} pixels, {colour}"
    table = pd.DataFrame(told["counts"], index=told["classes"]).rename_axis(columns="class")
    table.loc["(no label)"] = pd.Series(told["splits"]) - pd.Series(told["labelled"])
    table = table[table.any(axis=1) | (table.index != "(no label)")]
    table.loc["all"] = told["splits"]
    notes = [f"- {note}" for note in told["notes"]]
    title = f"{told['title']} ({told['name']}): {size}"
    notes.append(f"checksum {told['checksum'][:16]}")
    return "\n".join([title, table.map("{:,}".format).to_string(), *notes])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
