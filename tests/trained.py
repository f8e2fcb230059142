"""A training small enough for tests, which can be interrupted.

``python trained.py CHECKPOINT STOP`` kills itself without a word after the batch STOP; -1 is never reached.
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
from tqdm import tqdm

from helpers.backend import prepare
from helpers.datasets.base import Split
from helpers.networks import models, training
from helpers.networks.recipes import Augmentation, Training


def blobs(n: int, seed: int = 0, size: int = 12, channels: int = 1) -> Split:
    """Bright squares in one of three corners, with noise: three classes that a small network learns."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    images = rng.integers(0, 120, (n, size, size, channels))
    half = size // 2
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 2)
        image[row * half : row * half + half, column * half : column * half + half] += 60
    return Split(
        images.astype("uint8"), labels.astype("int64"), np.array([f"blob/{i}" for i in range(n)])
    )


RECIPE = Training(
    epochs=4,
    batch_size=16,
    learning_rate=5e-3,
    augmentation=Augmentation(flip=False, erase=0.3),
    bfloat16=True,
)


class Stopping(tqdm):
    """A training's bar that calls ``end`` at the batch ``stop``, counted from the start of the whole training."""

    stop, end = None, None

    def update(self, n=1):
        self.batches = getattr(self, "batches", 0) + n
        if self.batches == self.stop:
            self.end()
        return super().update(n)


def interrupt(*_) -> None:
    raise KeyboardInterrupt


def kill(*_) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def train(checkpoint: Path, stop: int | None = None, finish: int = 0, end=interrupt):
    """Train for four epochs of six batches, and some at a constant rate, with everything random switched on.

    Args:
        stop: the batch after which ``end`` is called.

    Returns:
        (weights, history).
    """
    prepare(0)
    recipe = replace(RECIPE, finish=finish)
    model = training.build(lambda: models.cnn((12, 12, 1), 3, (4,), stem=4, dropout=0.3), recipe, 0)
    bar = type("Bar", (Stopping,), {"stop": stop, "end": end})
    with mock.patch.object(training, "tqdm", bar):
        history = training.fit(
            model, blobs(96), blobs(30, 1), recipe, checkpoint=checkpoint, keep=True
        )
    return model.get_weights(), history


if __name__ == "__main__":
    # Keras itself may import TensorFlow where it is installed (to seed it, say); our modules do not.
    jax = os.environ["WORKBOOK_BACKEND"] == "jax"
    assert not (jax and "tensorflow" in sys.modules), "imported"
    train(Path(sys.argv[1]), int(sys.argv[2]), finish=2, end=kill)
