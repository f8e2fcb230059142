"""``python -m helpers.report KEY=VALUE ...``: make a report; exit 1 if a notebook failed, 2 for a wrong request."""

import sys
from functools import partial

from helpers import ROOT
from helpers.command import obey, words
from helpers.report import author, report
from helpers.report.knobs import KNOBS, parse

USAGE = "python -m helpers.report KEY=VALUE ...\n\n" + "\n".join(
    f"  {knob:<8} {meaning}" for knob, meaning in KNOBS.items()
)


def main(words: list[str]) -> int:
    """Make a report; returns the exit status."""
    return obey(words, USAGE, _report)


def _report(words: list[str]) -> int:
    about = author.read(ROOT / author.FILE)
    return report(parse(words, author.seed(about)), about=about, say=partial(print, flush=True))


if __name__ == "__main__":
    sys.exit(main(words()))
