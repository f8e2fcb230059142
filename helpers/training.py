"""Training that can be killed and resumed to the same weights, on any Keras backend.

Everything random is set from (seed, epoch) when an epoch begins, and one file written when it
ends holds the whole state; so an interrupted run continues to the bits of an undisturbed one.
"""

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from helpers.augmentation import augmentation
from helpers.backend import keras
from helpers.batch_norm import FusedBatchNormalization
from helpers.checkpoint import Checkpoint, write_history
from helpers.datasets.base import Split
from helpers.errors import UserError
from helpers.progress import Progress
from helpers.recipes import Training, figures, finishing

BATCH = 128  # images at a time where nothing is learnt; more would only take memory
OTHER_ORDER = 100  # added to the seed of the further passes, or they would repeat the order of the first ones
STATISTICS_IMAGES = 4096  # images over which batch-norm statistics are taken again


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


def export(model: keras.Model) -> keras.Model:
    """A float32, uncompiled copy of stock layers, as it is saved, measured and explained."""

    def stock(layer):
        kind = keras.layers.BatchNormalization if isinstance(layer, FusedBatchNormalization) else type(layer)
        return kind.from_config({**layer.get_config(), "dtype": "float32"})

    copy = keras.models.clone_model(model, clone_function=stock, recursive=True)
    copy.set_weights(model.get_weights())
    return copy


def pixel_statistics(images: np.ndarray) -> tuple[list[float], list[float]]:
    """Mean and variance a channel of uint8 images (n, height, width, channels), exactly, from the histogram."""
    grey = np.arange(256)
    counts = [np.bincount(images[..., c].ravel(), minlength=256) for c in range(images.shape[-1])]
    means = [float(n @ grey / n.sum()) for n in counts]
    # A set of constant images has no spread; 1 keeps it finite.
    variances = [max(float(n @ (grey - mean) ** 2 / n.sum()), 1.0) for n, mean in zip(counts, means, strict=True)]
    return means, variances


class Batches(keras.utils.PyDataset):
    """One epoch's batches in the order that (seed, epoch) gives; labels as one-hot rows."""

    def __init__(self, split: Split, classes: int, batch_size: int, seed: int, epoch: int):
        super().__init__()
        self.split, self.batch_size = split, batch_size
        self.one_hot = np.eye(classes, dtype="float32")
        self.order = np.random.default_rng([seed, epoch]).permutation(len(split))

    def __len__(self):
        return len(self.order) // self.batch_size or 1

    def __getitem__(self, index):
        # Batches are all of one size, so that nothing is traced twice; the rest waits for another epoch's order.
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.split.images[rows].astype("float32"), self.one_hot[self.split.labels[rows]]


class AveragingAdamW(keras.optimizers.AdamW):
    """AdamW that keeps an average of the weights aside until the run is over.

    Keras would put the average in place at the end of every call of ``fit``, and here each epoch is one.
    """

    def finalize_variable_values(self, var_list):
        return

    def put_average_in_place(self, var_list) -> None:
        super().finalize_variable_values(var_list)


class Constant(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises along a line for some steps and stays where it is then."""

    def __init__(self, rate: float, warmup: int):
        super().__init__()
        self.rate, self.warmup = rate, warmup

    def __call__(self, step):
        return self.rate * keras.ops.minimum(1.0, (keras.ops.cast(step, "float32") + 1) / self.warmup)


def _optimizer(training: Training, steps: int, constant: bool = False) -> AveragingAdamW:
    total = steps * training.epochs
    warmup = min(steps, max(1, total // 5))
    schedule = (
        Constant(training.learning_rate, max(1, steps // 4))
        if constant
        else keras.optimizers.schedules.CosineDecay(
            0.0, max(1, total - warmup), warmup_target=training.learning_rate, warmup_steps=warmup
        )
    )
    optimizer = AveragingAdamW(
        schedule,
        weight_decay=training.weight_decay,
        use_ema=True,
        # No bias correction in Keras: the horizon follows the run's length, so that a random start is forgotten.
        ema_momentum=1 - 1 / max(2.0, training.average * total),
        ema_overwrite_frequency=None,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _seed_states(model: keras.Model, seed: int, epoch: int) -> None:
    """Set every random layer's state from (seed, epoch): Keras does not save these states."""
    states = [v for v in model.variables if "seed_generator_state" in v.path]
    for index, state in enumerate(states):
        state.assign(np.random.SeedSequence([seed, epoch, index]).generate_state(2).astype("uint32"))


def _refresh_statistics(model: keras.Model, split: Split, seed: int) -> None:
    """Take the batch-norm statistics again, for averaged weights, over training images changed as in training.

    Unchanged images would shift the statistics away from those that the weights were fitted under: on the drawn faces
    that costs the DNN two points.
    """
    rows = np.random.default_rng([seed, 1]).permutation(len(split))[:STATISTICS_IMAGES]
    for part in np.array_split(rows, max(1, len(rows) // BATCH)):
        model(split.images[part].astype("float32"), training=True)


def _key(model: keras.Model, split: Split, validation: Split, training: Training, seed: int) -> str:
    parts = hashlib.sha256(
        json.dumps([figures(training), seed, policy(training), keras.backend.backend(), keras.__version__]).encode()
    )
    parts.update(model.to_json().encode())
    for file in ("training.py", "augmentation.py", "batch_norm.py", "models.py"):
        parts.update((Path(__file__).parent / file).read_bytes())
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
    history_csv: Path | None = None,
    on_epoch: Callable[[int, keras.Model], None] | None = None,
    name: str | None = None,
) -> list[dict]:
    """Train a network in place.

    AdamW with warm-up and cosine decay, label smoothing and augmentation; the weights are
    averaged exponentially over about the last part of the run (``training.average``), and the batch-norm statistics
    are then taken again. These averaged weights, after the last epoch, are the result, unless ``training.finish`` says
    that they are trained further, with a new optimizer: then those averaged there.

    Args:
        model: from ``build``; raw pixels in, logits out.
        train, validation: labelled splits.
        training: the recipe.
        seed: with the epoch, decides the order of the images and all random changes.
        checkpoint: file for the state after each epoch. If it holds this very run, training goes on from there,
            and a finished run is not trained again.
        history_csv: rewritten after each epoch.
        on_epoch: called with (epoch, model) after each epoch trained, epoch from 1.
        name: what the progress calls this training; the model's name by default.

    Returns:
        one row an epoch: epoch, loss and accuracy (on augmented images, while the weights change), val_loss,
        val_accuracy (raw weights, not yet averaged), learning_rate.

    Raises:
        UserError: if the loss stops being a number.
    """
    classes, name = model.output_shape[-1], name or model.name
    store = Checkpoint(checkpoint, _key(model, train, validation, training, seed))
    history: list[dict] = []
    arrays = None
    if found := store.load():
        arrays, history, finished = found
        if finished:
            for variable, value in zip(model.weights, arrays, strict=True):
                variable.assign(value)
            print(f"{name}: trained before, {len(history)} epochs; the weights were kept", flush=True)
            if history_csv:
                write_history(history_csv, history)
            return history
    pixels = keras.layers.Input(model.input_shape[1:])
    whole = keras.Model(pixels, model(augmentation(model.input_shape[1:], training.augmentation)(pixels)))
    steps = len(Batches(train, classes, training.batch_size, seed, 0))
    held_out = (validation.images, np.eye(classes, dtype="float32")[validation.labels])
    with Progress(name, training.epochs + training.finish, steps, len(history)) as progress:
        last = 0
        for part in (training, finishing(training))[: 1 + bool(training.finish)]:
            constant = part is not training
            before, last = last, last + part.epochs
            part_seed = seed + OTHER_ORDER * constant
            if len(history) > last:  # it went on after this part
                continue
            optimizer = _optimizer(part, steps, constant)
            whole.compile(
                optimizer,
                keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=training.label_smoothing),
                metrics=[keras.metrics.CategoricalAccuracy("accuracy")],
                jit_compile="auto" if keras.backend.backend() == "jax" else False,  # XLA on a CPU was four times slower
            )
            optimizer.build(whole.trainable_variables)
            state = [*model.weights, *optimizer.variables]
            if arrays:
                for variable, value in zip(state, arrays, strict=True):
                    variable.assign(value)
                arrays = None
            while len(history) < last and not _out_of_patience(history, training.patience):
                epoch = len(history) - before
                _seed_states(whole, part_seed, epoch)
                batches = Batches(train, classes, training.batch_size, part_seed, epoch)
                if (row := _train_epoch(whole, batches, held_out, progress.callback())) is None:
                    raise UserError(
                        f"The loss of {name} stopped being a number in epoch {len(history) + 1}: "
                        f"try a learning rate below {training.learning_rate:g} (learning_rate in notebook 01)."
                    )
                history.append({"epoch": len(history) + 1, **row})
                store.save(state, history, finished=False)
                if history_csv:
                    write_history(history_csv, history)
                progress.epoch(history[-1])
                if on_epoch:
                    on_epoch(len(history), model)
            optimizer.put_average_in_place(whole.trainable_variables)
            _seed_states(whole, part_seed, part.epochs)
            _refresh_statistics(whole, train, part_seed)
            if _out_of_patience(history, training.patience):
                break
    store.save(model.weights, history, finished=True)
    return history


def _train_epoch(whole: keras.Model, batches: Batches, held_out: tuple, callback: keras.callbacks.Callback):
    """Train one epoch; a row of the history, without the epoch's number, or None if the loss is no number."""
    stop = keras.callbacks.TerminateOnNaN()
    logs = whole.fit(batches, epochs=1, verbose=0, shuffle=False, callbacks=[stop, callback]).history
    if not math.isfinite(logs["loss"][-1]):
        return None
    val_loss, val_accuracy = whole.evaluate(*held_out, batch_size=BATCH, verbose=0)
    return {
        "loss": round(float(logs["loss"][-1]), 6),
        "accuracy": round(float(logs["accuracy"][-1]), 6),
        "val_loss": round(float(val_loss), 6),
        "val_accuracy": round(float(val_accuracy), 6),
        "learning_rate": round(float(whole.optimizer.learning_rate), 8),
    }


def _out_of_patience(history: list[dict], patience: int | None) -> bool:
    if patience is None or not history:
        return False
    return len(history) - best_epoch(history) >= patience


def best_epoch(history: list[dict]) -> int:
    """The epoch, from 1, with the highest validation accuracy; the first of equals."""
    return max(history, key=lambda row: row["val_accuracy"])["epoch"]
