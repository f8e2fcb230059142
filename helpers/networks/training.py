"""Training that can be killed and resumed to the same weights, on any Keras backend.

Everything random is set from (seed, epoch) when an epoch begins, and one file written when it
ends holds the whole state; so an interrupted run continues to the bits of an undisturbed one.
"""

import hashlib
import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from helpers.backend import keras
from helpers.datasets.base import Split
from helpers.errors import UserError
from helpers.files import code_hash
from helpers.networks import checkpoint as states
from helpers.networks.augmentation import augmentation
from helpers.networks.recipes import Training, finishing, hyperparameters
from helpers.networks.snapshots import by_epoch, wanted
from helpers.networks.steps import (
    BATCH,
    AveragingAdamW,
    Batches,
    optimizer_of,
    refresh_statistics,
    seed_states,
)

OTHER_ORDER = 100  # added to the seed of the further passes: another order than the first ones
LINES = 5  # that a training prints where nobody watches a bar


def has_bfloat16() -> bool:
    """Whether this machine computes faster in bfloat16: an accelerator, or AVX512-BF16 or AMX on the processor."""
    if any("cpu" not in device.lower() for device in keras.distribution.list_devices()):
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def policy(training: Training) -> str:
    """The dtype policy a recipe trains under on this machine: ``mixed_bfloat16`` or ``float32``."""
    return "mixed_bfloat16" if training.bfloat16 and has_bfloat16() else "float32"


def build(make: Callable[[], keras.Model], training: Training, seed: int) -> keras.Model:
    """Make a network with weights drawn from ``seed``, under the recipe's dtype policy."""
    before = keras.config.dtype_policy()
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(policy(training))
    try:
        return make()
    finally:
        keras.config.set_dtype_policy(before)


def pixel_statistics(images: np.ndarray) -> tuple[list[float], list[float]]:
    """Mean and variance a channel of uint8 images (n, height, width, channels), exactly, from the histogram."""
    grey = np.arange(256)
    counts = [np.bincount(images[..., c].ravel(), minlength=256) for c in range(images.shape[-1])]
    means = [float(n @ grey / n.sum()) for n in counts]
    # A set of constant images has no spread; 1 keeps it finite.
    variances = [
        max(float(n @ (grey - mean) ** 2 / n.sum()), 1.0)
        for n, mean in zip(counts, means, strict=True)
    ]
    return means, variances


def key(
    model: keras.Model, split: Split, validation: Split, training: Training, seed: int, keep: bool
) -> str:
    """What a training depends on, code included, as SHA-256: a checkpoint with another key is not its own."""
    told = [hyperparameters(training), seed, policy(training), keep]
    parts = hashlib.sha256(json.dumps([*told, keras.backend.backend(), keras.__version__]).encode())
    parts.update(model.to_json().encode())
    for file in ("training.py", "steps.py", "augmentation.py", "batch_norm.py", "models.py"):
        parts.update(code_hash(Path(__file__).parent / file).encode())
    for array in (split.images, split.labels, validation.images, validation.labels):
        parts.update(np.ascontiguousarray(array))
    for weights in model.get_weights():
        parts.update(np.ascontiguousarray(weights))
    return parts.hexdigest()


def fit(
    model: keras.Model,
    train: Split,
    validation: Split,
    training: Training,
    *,
    seed: int = 0,
    checkpoint: Path | None = None,
    keep: bool = False,
    name: str | None = None,
) -> list[dict]:
    """Train a network in place.

    AdamW with warm-up and cosine decay, label smoothing and augmentation; the weights are averaged over about the last
    part of the run (``training.average``), then the batch-norm statistics are taken again. These weights are the
    result, unless ``training.finish`` has them trained further, with a new optimizer: then those averaged there.

    Args:
        model: from ``build``; raw pixels in, logits out.
        train, validation: labelled splits.
        seed: with the epoch, decides the order of the images and all random changes.
        checkpoint: the state after each epoch. If it is of this very run, training goes on from there.
        keep: whether the checkpoint keeps the weights at some epochs, for ``snapshots.of_training``.
        name: what the progress calls this training.

    Returns:
        one row an epoch: epoch, loss and accuracy (on augmented images, while the weights change), val_loss,
        val_accuracy (raw weights, not yet averaged), learning_rate.

    Raises:
        UserError: if the loss stops being a number.
    """
    name = name or model.name
    own_key = key(model, train, validation, training, seed, keep)
    arrays, history, finished = states.load(checkpoint, own_key) if checkpoint else ([], [], False)
    own = len(arrays) - keep * len(wanted(history)) * len(model.weights)
    kept = by_epoch(wanted(history), arrays[own:]) if keep else {}
    if finished:
        _assign(model.weights, arrays[:own])
        print(f"{name}: trained before, {len(history)} epochs; the weights were kept", flush=True)
        return history
    run = _Fitting(model, train, validation, training, seed, name)
    for row, state in run.epochs(arrays[:own], history):
        history.append(row)
        if keep:
            kept[len(history)] = model.get_weights()
            kept = {epoch: kept[epoch] for epoch in wanted(history)}
        if checkpoint:
            states.save(checkpoint, own_key, [*state, *chain(*kept.values())], history, False)
        run.say(row)
    if checkpoint:
        states.save(checkpoint, own_key, [*model.weights, *chain(*kept.values())], history, True)
    return history


def _assign(variables: list, arrays: list) -> None:
    for variable, value in zip(variables, arrays, strict=True):
        variable.assign(value)


class _Fitting:
    """A network behind its augmentation, its data and its progress, for the parts of one training."""

    def __init__(self, model, train, validation, training, seed, name):
        self.model, self.train, self.training = model, train, training
        self.seed, self.name = seed, name
        self.classes = model.output_shape[-1]
        pixels = keras.layers.Input(model.input_shape[1:])
        changed = augmentation(model.input_shape[1:], training.augmentation)(pixels)
        self.whole = keras.Model(pixels, model(changed))
        self.held_out = validation.images, np.eye(self.classes, dtype="float32")[validation.labels]
        self.steps = len(self.batches(seed, 0))
        self.total = training.epochs + training.finish
        # A bar of batches where somebody watches: in a kernel that no report runs.
        watched = "ipykernel" in sys.modules and not os.environ.get("WORKBOOK_HEADLESS")
        self.bar = tqdm(total=self.total * self.steps, desc=name, unit="batch", disable=not watched)

    def batches(self, seed: int, epoch: int) -> Batches:
        return Batches(self.train, self.classes, self.training.batch_size, seed, epoch)

    def epochs(self, arrays: list, history: list[dict]) -> Iterator[tuple[dict, list]]:
        """Train on from where ``arrays`` and ``history`` are; a row and the whole state after each epoch.

        The next epoch begins once the row stands in the history; at the end the averaged weights are in place.
        """
        parts, last = [self.training, finishing(self.training)][: 1 + bool(self.training.finish)], 0
        self.bar.update(len(history) * self.steps)
        for number, part in enumerate(parts):
            before, last = last, last + part.epochs
            seed = self.seed + OTHER_ORDER * number
            if len(history) > last:  # it went on after this part
                continue
            optimizer = self.compile(part, constant=number > 0)
            state = [*self.model.weights, *optimizer.variables]
            if arrays:
                _assign(state, arrays)
                arrays = []
            while len(history) < last:
                epoch = len(history) - before
                seed_states(self.whole, seed, epoch)
                yield self.epoch(len(history) + 1, self.batches(seed, epoch)), state
            optimizer.put_average_in_place(self.whole.trainable_variables)
            seed_states(self.whole, seed, part.epochs)
            refresh_statistics(self.whole, self.train, seed)
        self.bar.close()

    def compile(self, part: Training, constant: bool) -> AveragingAdamW:
        """A new optimizer for a part of the training, in place."""
        optimizer = optimizer_of(part, self.steps, constant)
        smoothing = part.label_smoothing
        self.whole.compile(
            optimizer,
            keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing),
            metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
            # XLA on a CPU was four times slower.
            jit_compile="auto" if keras.backend.backend() == "jax" else False,
        )
        optimizer.build(self.whole.trainable_variables)
        return optimizer

    def epoch(self, number: int, batches: Batches) -> dict:
        """Train one epoch; its row of the history."""
        step = keras.callbacks.LambdaCallback(on_train_batch_end=lambda *_, **__: self.bar.update())
        callbacks = [keras.callbacks.TerminateOnNaN(), step]
        logs = self.whole.fit(batches, verbose=0, shuffle=False, callbacks=callbacks).history
        if not math.isfinite(logs["loss"][-1]):
            raise UserError(
                f"The loss of {self.name} stopped being a number in epoch {number}: try a learning rate "
                f"below {self.training.learning_rate:g} (learning_rate in notebook 01)."
            )
        val_loss, val_accuracy = self.whole.evaluate(*self.held_out, batch_size=BATCH, verbose=0)
        found = {
            "loss": logs["loss"][-1],
            "accuracy": logs["accuracy"][-1],
            "val_loss": val_loss,
            "val_accuracy": val_accuracy,
        }
        row = {"epoch": number} | {key: round(float(value), 6) for key, value in found.items()}
        return row | {"learning_rate": round(float(self.whole.optimizer.learning_rate), 8)}

    def say(self, row: dict) -> None:
        epoch, shown = row["epoch"], ("loss", "accuracy", "val_accuracy")
        self.bar.set_postfix({"epoch": epoch} | {key: f"{row[key]:.3f}" for key in shown})
        every = math.ceil(self.total / LINES)
        if self.bar.disable and (epoch == self.total or epoch % every == 0):
            figures = ", ".join(f"{key} {row[key]:.3f}" for key in shown)
            print(f"{self.name} epoch {epoch}/{self.total}: {figures}", flush=True)
