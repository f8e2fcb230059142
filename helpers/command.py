"""What the programs behind make's targets have in common: their words, errors in one line, and Ctrl-C."""

import os
import signal
import sys
from collections.abc import Callable

from helpers.errors import UserError

GOES_ON = "What had finished is kept; the same command goes on from there."


def words() -> list[str]:
    """The KEY=VALUE words of this call: those that make exported, whose values no shell quotes wrong, then our own."""
    names = os.environ.get("WORKBOOK_OPTIONS", "").split()
    return [*(f"{name}={os.environ.get(name, '')}" for name in names), *sys.argv[1:]]


def carry_out(
    given: list[str], usage: str, work: Callable[[list[str]], int], stopped: str = GOES_ON
) -> int:
    """Do what a command asks for; the exit status: 2 for a user's error, 130 if it was stopped.

    Args:
        given: the words; -h and --help print the usage.
        work: does it, and returns the exit status.
        stopped: what to say of a command that was stopped.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a code page without these letters
    if {"-h", "--help"} & set(given):
        print(usage)
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return work(given)
    except UserError as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\nStopped. {stopped}", flush=True)
        # TensorFlow's threads may still compute, the pool's wait for kernels that were just killed.
        os._exit(130)
