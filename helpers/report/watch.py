"""How long a report still takes: told with each notebook, and on a terminal by a bar below their lines."""

import shutil
import sys
import time
import tomllib
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path

from helpers.report.schedule import Schedule, duration

GUESSES = tomllib.loads(Path(__file__).with_name("times.toml").read_text("utf-8"))
BAR = 24  # signs


class Watch:
    """The time left of a schedule, from the times of earlier runs, or a first guess that the first notebooks correct.

    Args:
        schedule: gets ``say``, ``left`` and ``tick``.
        recipe: whose guesses hold: a data set, or ``quick``.
        say: prints a line.
        bar: whether the lines go to a terminal.
    """

    def __init__(self, schedule: Schedule, recipe: str, say: Callable[[str], None], bar: bool):
        self.schedule, self.print, self.bar = schedule, say, bar
        guesses = GUESSES.get(recipe, GUESSES["faces"])
        self.expected = schedule.expected(lambda name: guesses.get(name[:2], 60))
        self.began: dict[str, float] = {}
        self.total = max(1, self.seconds())
        schedule.say, schedule.left, schedule.tick = self.say, self.words, self.tick

    def seconds(self) -> float:
        """Until all is done: the longest chain of notebooks, or what all workers share."""
        now, rest, chains = time.monotonic(), {}, {}
        ran = [o for o in self.schedule.outcomes.values() if o.state == "ran"]
        pace = sum(o.seconds for o in ran) / sum(self.expected[o.name] for o in ran) if ran else 1
        for name, outcome in self.schedule.outcomes.items():
            if outcome.state in ("waiting", "running") and name in self.expected:
                began = self.began.setdefault(name, now) if outcome.state == "running" else now
                rest[name] = max(1, pace * self.expected[name] - (now - began))
        needs = {name: book.needs for name, book in self.schedule.notebooks.items()}
        for name in TopologicalSorter(needs).static_order():
            before = max((chains[need] for need in needs[name]), default=0)
            chains[name] = before + rest.get(name, 0)
        return max(sum(rest.values()) / self.schedule.workers, *chains.values())

    def words(self) -> str:
        """``about 3 min left``; nothing at the end."""
        left = self.seconds()
        shown = duration(10 * -(-left // 10)) if left < 60 else f"{-(-left // 60):.0f} min"
        return f"about {shown} left" if left else ""

    def say(self, line: str) -> None:
        self.print(f"\r\033[K{line}" if self.bar else line)

    def tick(self) -> None:
        """Draw the bar anew; every second."""
        running = [o.name for o in self.schedule.outcomes.values() if o.state == "running"]
        if self.bar and running:
            full = max(0, min(BAR, round(BAR * (1 - self.seconds() / self.total))))
            line = f"{'█' * full}{'░' * (BAR - full)} {self.words()}: {', '.join(running)}"
            room = shutil.get_terminal_size().columns - 1
            print(f"\r\033[K{line[:room]}", end="", file=sys.stdout, flush=True)
