"""``python -m helpers.desk SUBMISSIONS=folder KEY=VALUE ...``: a report for each submission, and an index of them."""

import os
import sys
from functools import partial

from helpers import ROOT
from helpers.command import carry_out, words
from helpers.desk import desk
from helpers.errors import UserError
from helpers.options import usage

USAGE = f"""make desk SUBMISSIONS=folder [TEST=path] [options]

  SUBMISSIONS=folder    the students' folders, each with report.toml and what there is of model.keras (or .h5),
                        history.csv, and options.toml (RANGE = "0..1", CLASSES = "alphabetical")
  TEST=path             labelled images that only you have: every network is measured on them
  RUN=desk              the folder in reports/ that all goes to

{usage("make desk")}"""
OWN = ("SUBMISSIONS", "TEST")


def main(given: list[str]) -> int:
    """Make the reports and the index; returns the exit status, 1 if something failed in a submission."""
    return carry_out(given or ["--help"], USAGE, _desk)


def _desk(given: list[str]) -> int:
    own = dict(word.split("=", 1) for word in given if word.partition("=")[0] in OWN)
    rest = [word for word in given if word.partition("=")[0] not in OWN]
    if not own.get("SUBMISSIONS"):
        raise UserError("which folder? SUBMISSIONS=path of the folder that holds the students'")
    folder, test = (own.get(name) and ROOT / os.path.expanduser(own[name]) for name in OWN)
    return desk(folder, test or None, ["RUN=desk", *rest], say=partial(print, flush=True))


if __name__ == "__main__":
    sys.exit(main(words()))
