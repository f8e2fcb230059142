"""``python -m helpers.report KEY=VALUE ...``: make a report; exit 1 if a notebook failed, 2 for a wrong request."""

import os
import signal
import sys
from functools import partial

from helpers import ROOT
from helpers.errors import UserError
from helpers.report import author, report
from helpers.report.knobs import KNOBS, parse

USAGE = "python -m helpers.report KEY=VALUE ...\n\n" + "\n".join(
    f"  {knob:<8} {meaning}" for knob, meaning in KNOBS.items()
)


def main(words: list[str]) -> int:
    """Make a report; returns the exit status."""
    if {"-h", "--help"} & set(words):
        print(USAGE)
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        about = author.read(ROOT / author.FILE)
        return report(parse(words, author.seed(about)), about=about, say=partial(print, flush=True))
    except UserError as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What had finished is kept; the same command goes on from there.", flush=True)
        os._exit(130)  # the pool's threads still wait for kernels that were just killed


if __name__ == "__main__":
    # The Makefile names the variables given to it, whose values are in the environment: no shell quotes them wrong.
    given = [f"{name}={os.environ.get(name, '')}" for name in os.environ.get("WORKBOOK_KNOBS", "").split()]
    sys.exit(main([*given, *sys.argv[1:]]))
