"""Deletion and insertion: cost and memory against the number of images, and against the forward passes."""

import threading
from collections.abc import Callable
from functools import partial

import numpy as np
import psutil

from helpers.backend import keras
from helpers.explain import controls, core, faithfulness
from helpers.explain.faithfulness import STEPS
from tools.bench.timing import Row, in_turns


def rows(network: keras.Model, images: np.ndarray, targets: np.ndarray, repeats: int) -> list[Row]:
    """The table's rows; ``images`` float32 (n, height, width, 1), of which a 32nd is the small number."""
    small, large = len(images) // 32, len(images)
    peaks = {}

    def curves(count):
        maps = controls.random(images[:count])
        call = partial(faithfulness.curves, network, images[:count], targets[:count], maps, "mean")
        peaks[count] = _peak(call)

    def passes():
        for _ in range(2 * STEPS):
            core.logits_of(network, images[:small])

    curves(small)
    passes()
    calls = {"small": partial(curves, small), "passes": passes, "large": partial(curves, large)}
    times = in_turns(calls, repeats)
    note = f"peak memory {peaks[small]:.0f} MB for {small}, {peaks[large]:.0f} MB for {large}"
    what = "deletion and insertion, {} images"
    linear = [large // small * seconds for seconds in times["small"]]
    many = f"{large // small} x {small} images"
    return [
        Row(
            what.format(small),
            times["small"],
            "its passes",
            times["passes"],
            at_most=1.3,
            note=f"{2 * STEPS} an image",
        ),
        Row(what.format(large), times["large"], many, linear, at_most=1.1, note=note),
    ]


def _peak(call: Callable[[], None]) -> float:
    """The most memory, in MB, that the process held while a call ran."""
    process, done, most = psutil.Process(), threading.Event(), [0]

    def watch():
        while not done.wait(0.01):
            most[0] = max(most[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    call()
    done.set()
    watcher.join()
    return most[0] / 1e6
