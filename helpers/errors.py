"""Errors that a user can cause and mend."""


class UserError(Exception):
    """A fault that the user can mend: one sentence with the file, the place and the remedy.

    Command-line entry points print the sentence without a traceback and exit with 2.
    """


class DataError(UserError):
    """One or more faults in a data set.

    Args:
        faults: one sentence a fault, the first found first. ``str(error)`` is the first one,
            followed by the number of the others; ``error.faults`` holds all.
    """

    def __init__(self, *faults: str):
        self.faults = tuple(faults)
        others = len(faults) - 1
        more = f" ({others} more: python -m helpers.datasets shows them)" if others else ""
        super().__init__(faults[0] + more)
