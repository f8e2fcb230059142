"""``python -m helpers.report KEY=VALUE ...``: make a report; exit 1 if a notebook failed, 2 for a wrong request."""

import sys
from functools import partial

from helpers import ROOT
from helpers.command import carry_out, words
from helpers.options import parse, usage
from helpers.report import author, report


def main(given: list[str]) -> int:
    """Make a report; returns the exit status."""
    return carry_out(given, usage(), _report)


def _report(given: list[str]) -> int:
    about = author.read(ROOT / author.FILE)
    options, bar = parse(given, author.seed(about)), sys.stdout.isatty()
    return report(options, about=about, say=partial(print, flush=True), bar=bar)


if __name__ == "__main__":
    sys.exit(main(words()))
