"""A training small enough for tests, in a process that can be killed.

``python trained.py FOLDER [STOP]`` trains for four epochs, and two at a constant rate, with everything random switched
on, kills itself without a word in the middle of its STOPth epoch, and otherwise writes the final weights' SHA-256 to
FOLDER/weights.txt.
"""

import hashlib
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from helpers.datasets.base import Split
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


def main(folder: Path, stop: int | None) -> None:
    from helpers.backend import prepare

    prepare(0)
    from helpers.networks import models, training

    recipe = replace(RECIPE, finish=2)
    model = training.build(
        lambda: models.cnn((12, 12, 1), 3, (4, 8), stem=4, dropout=0.3), recipe, 0
    )
    if stop is not None:
        begin, get, begun = training.Batches.__init__, training.Batches.__getitem__, [0]

        def count(self, *arguments):
            begun[0] += 1
            begin(self, *arguments)

        def kill_in_the_middle(self, index):
            if (
                begun[0] > stop and index > len(self) // 2
            ):  # one more than epochs: the first one only counts the steps
                os.kill(os.getpid(), signal.SIGKILL)
            return get(self, index)

        training.Batches.__init__, training.Batches.__getitem__ = count, kill_in_the_middle
    training.fit(
        model,
        blobs(160),
        blobs(60, 1),
        recipe,
        checkpoint=folder / "state.npz",
        history_csv=folder / "history.csv",
    )
    digest = hashlib.sha256(
        b"".join(np.ascontiguousarray(w).tobytes() for w in model.get_weights())
    ).hexdigest()
    (folder / "weights.txt").write_text(digest)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
