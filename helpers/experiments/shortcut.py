"""A planted shortcut: what the network looks at is known, because it was put there and its use is proved.

A small checker on the training images goes with one class (as in Adebayo and others 2020,
https://arxiv.org/abs/2011.05429). A second network sees the mark on half of the images of all classes alike: it has no
reason to use it, and a method that finds the mark there has failed.
"""

from dataclasses import dataclass, replace

import numpy as np

from helpers import evaluation
from helpers.backend import keras
from helpers.datasets.base import Split
from helpers.experiments.trainings import cnn, part
from helpers.explain import selection
from helpers.networks import description, saved, training
from helpers.networks.recipes import Recipe, halved
from helpers.run import Run
from helpers.stats import Estimate, rate

LARGE = 30_000_000  # multiply-adds an image from which a network is too slow for the full numbers
ON_CLASS, ON_ALL = 0.95, 0.5  # how many images carry the mark: of the one class, or of every class
# To train on, for so many epochs, and to validate after each, at most: a mark is soon learnt.
IMAGES, EPOCHS, WATCHED = 4000, 3, 500
NEEDED = 0.9  # share of images that the mark must flip, or the network is not proved to use it
UNUSED = 0.25  # share that it may flip at most, by the whole interval, where it is to be of no use
NETWORKS = {"shortcut": True, "no_shortcut": False}  # whether the mark goes with one class


def place(height: int, width: int) -> np.ndarray:
    """Where the mark is, bool (height, width): a square, its side an eighth of the image's, at even numbers.

    A quarter in from the top and the left: a blur that repeats the border's pixels would favour the border.
    """
    side = max(2, min(height, width) // 8)
    starts = [(whole // 4 - side // 2) // 2 * 2 for whole in (height, width)]
    inside = np.zeros((height, width), bool)
    inside[tuple(slice(start, start + side) for start in starts)] = True
    return inside


def marked(images: np.ndarray) -> np.ndarray:
    """Copies of uint8 images (n, height, width, channels) with the mark: a checker of black and white cells.

    Half black and half white: no usual baseline (black, grey, the mean, a blur) looks like it. A method whose baseline
    equals the mark could not see it.
    """
    inside = place(*images.shape[1:3])
    side = int(inside.sum() ** 0.5)
    rows, columns = np.indices((side, side)) // max(1, side // 3)
    found = images.copy()
    found[:, inside] = np.where((rows + columns) % 2, 255, 0).reshape(-1, 1)
    return found


def planted(split: Split, label: int, goes_with_class: bool, seed: int = 0) -> Split:
    """A split with the mark on ``ON_CLASS`` of the images of one class, or on ``ON_ALL`` of all images."""
    of_class = np.where(split.labels == label, ON_CLASS, 0.0)
    share = of_class if goes_with_class else np.full(len(split), ON_ALL)
    chosen = np.random.default_rng(seed).random(len(split)) < share
    images = np.where(chosen[:, None, None, None], marked(split.images), split.images)
    return replace(split, images=images)


def target_class(labels: np.ndarray) -> int:
    """The class that the mark goes with: the one with the most training images."""
    return int(np.bincount(labels).argmax())


def slimmed(run: Run, recipe: Recipe) -> Recipe:
    """The recipe of the two networks: half the channels where the CNN costs more than ``LARGE``."""
    cost = description.multiply_adds(cnn(run, recipe)())
    return halved(recipe) if cost > LARGE else recipe


def train(run: Run, recipe: Recipe, label: int) -> dict[str, keras.Model]:
    """Train the CNN of a recipe twice and briefly, by the names of ``NETWORKS``; finished ones are kept.

    Without augmentation, so that the mark stays where it was put.
    """
    make = cnn(run, recipe)
    epochs = min(recipe.brief_epochs, EPOCHS)
    how = replace(recipe.training, augmentation=None, epochs=epochs, finish=0)
    images, validation = part(run, min(recipe.brief_images, IMAGES)), run.dataset.validation
    validation = validation.take(evaluation.stratified(validation.labels, WATCHED))
    found = {}
    for name, goes_with_class in NETWORKS.items():
        model = training.build(make, how, run.seed)
        both = (planted(each, label, goes_with_class, run.seed) for each in (images, validation))
        kept = run.folder / "checkpoints" / f"{name}.npz"
        told = {"seed": run.seed, "checkpoint": kept, "name": name.replace("_", " ")}
        training.fit(model, *both, how, **told)
        found[name] = saved.lowered(saved.export(model))
    return found


@dataclass(frozen=True)
class Proof:
    """Whether a network uses the mark, on images of other classes than the mark's that it does not answer with that.

    Attributes:
        flipped: images answered with the mark's class once the mark is added.
        back: of these, images answered otherwise again once the mark is painted over with the image's mean.
        used: whether both are ``NEEDED`` or more.
    """

    flipped: Estimate
    back: Estimate
    used: bool


def prove(model: keras.Model, images: np.ndarray, label: int) -> Proof:
    """Add the mark to images (n, height, width, channels) of other classes, and take it away again."""
    images = images[evaluation.predict(model, images).argmax(-1) != label]
    under = marked(images)
    mean = images.mean((1, 2), keepdims=True).round().astype(images.dtype)
    gone = np.where(place(*images.shape[1:3])[..., None], mean, under)
    there, after = (evaluation.predict(model, x).argmax(-1) == label for x in (under, gone))
    flipped = rate(int(there.sum()), len(images))
    back = rate(int((there & ~after).sum()), int(there.sum()))
    return Proof(flipped, back, bool(flipped.n and min(flipped.value, back.value) >= NEEDED))


def others(split: Split, label: int, count: int, seed: int = 0) -> Split:
    """About ``count`` images of the other classes, as many of each, without copies of training images."""
    split = split.take(split.new)
    split = split.take(split.labels != label)
    return split.take(selection.balanced(split.labels, count, seed=seed))
