"""What one step of a training is made of: a batch of images, and the optimizer."""

import numpy as np

from helpers.backend import keras
from helpers.datasets.base import Split
from helpers.networks.recipes import Training

BATCH = 128  # images at a time where nothing is learnt; more would only take memory
STATISTICS_IMAGES = 4096  # images over which batch-norm statistics are taken again


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
        risen = (keras.ops.cast(step, "float32") + 1) / self.warmup
        return self.rate * keras.ops.minimum(1.0, risen)


def optimizer_of(training: Training, steps: int, constant: bool = False) -> AveragingAdamW:
    total, rate = steps * training.epochs, training.learning_rate
    warmup = min(steps, max(1, total // 5))
    schedule = Constant(rate, max(1, steps // 4))
    if not constant:
        told = {"warmup_target": rate, "warmup_steps": warmup}
        schedule = keras.optimizers.schedules.CosineDecay(0.0, max(1, total - warmup), **told)
    found = AveragingAdamW(
        schedule,
        weight_decay=training.weight_decay,
        use_ema=True,
        # No bias correction in Keras: the horizon follows the run's length, so that a random start is forgotten.
        ema_momentum=1 - 1 / max(2.0, training.average * total),
        ema_overwrite_frequency=None,
    )
    found.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return found


def seed_states(model: keras.Model, seed: int, epoch: int) -> None:
    """Set every random layer's state from (seed, epoch): Keras does not save these states."""
    states = [v for v in model.variables if "seed_generator_state" in v.path]
    for index, state in enumerate(states):
        drawn = np.random.SeedSequence([seed, epoch, index]).generate_state(2)
        state.assign(drawn.astype("uint32"))


class InTraining(keras.Model):
    """A network whose ``predict`` does, in one graph, what it does in training: change images, take statistics."""

    def __init__(self, model: keras.Model):
        super().__init__()
        self.model = model

    def call(self, images):
        return self.model(images, training=True)


def refresh_statistics(model: keras.Model, split: Split, seed: int) -> None:
    """Take the batch-norm statistics again, for averaged weights, over training images changed as in training.

    Unchanged images would shift the statistics away from those that the weights were fitted under: on the drawn faces
    that costs the DNN two points.
    """
    rows = np.random.default_rng([seed, 1]).permutation(len(split))[:STATISTICS_IMAGES]
    batches = max(1, len(rows) // BATCH)
    size = len(rows) // batches  # one size, for a smaller batch would count as much as the others
    rows = rows[: batches * size]
    InTraining(model).predict(split.images[rows], batch_size=size, verbose=0)
