"""A planted shortcut: what the network looks at is known, because it was put there and its use is proved.

A small checker in one corner of the training images goes with one class. A second network sees the mark on half of the
images of all classes alike: it has no reason to use it, and a method that finds the mark there has failed.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from helpers import audit, evaluation, experiments, models, training
from helpers.backend import keras
from helpers.datasets.base import Split
from helpers.evaluation import Rate
from helpers.explain import core, faithfulness, selection
from helpers.recipes import Recipe, halved
from helpers.run import Run

ON_CLASS, ON_ALL = 0.95, 0.5  # how many images carry the mark: of the one class, or of every class
IMAGES, WATCHED = 4000, 500  # to train on, and to validate after each epoch, at most: a mark is soon learnt
NEEDED = 0.9  # share of images that the mark must flip, or the network is not proved to use it
UNUSED = 0.25  # share that it may flip at most, by the whole interval, where it is to be of no use
NETWORKS = {"goes with one class": True, "on all classes alike": False}


def place(height: int, width: int) -> np.ndarray:
    """Where the mark is, bool (height, width): a square of an eighth of the side, near the top left corner."""
    side = max(2, min(height, width) // 8)
    gap = max(1, side // 3)
    inside = np.zeros((height, width), bool)
    inside[gap : gap + side, gap : gap + side] = True
    return inside


def near(height: int, width: int) -> np.ndarray:
    """The mark and what lies so near that a blurred map's peak may fall there, bool (height, width)."""
    reach = max(1, round(min(height, width) / 24))
    return ndimage.binary_dilation(place(height, width), np.ones((3, 3), bool), iterations=reach)


def marked(images: np.ndarray) -> np.ndarray:
    """Copies of uint8 images (n, height, width, channels) with the mark: a checker of black and white cells.

    Half black and half white: no usual baseline (black, grey, the mean, a blur) looks like it. A method whose baseline
    equals the mark could not see it.
    """
    inside = place(*images.shape[1:3])
    cell = max(1, inside.any(0).sum() // 3)
    rows, columns = np.indices(inside.shape) // cell
    found = images.copy()
    found[:, inside] = np.where((rows + columns) % 2, 255, 0)[inside][:, None].astype(images.dtype)
    return found


def planted(split: Split, label: int, goes_with_class: bool, seed: int = 0) -> Split:
    """A split with the mark on ``ON_CLASS`` of the images of one class, or on ``ON_ALL`` of all images."""
    rate = np.where(split.labels == label, ON_CLASS, 0.0) if goes_with_class else np.full(len(split), ON_ALL)
    chosen = np.random.default_rng(seed).random(len(split)) < rate
    return replace(split, images=np.where(chosen[:, None, None, None], marked(split.images), split.images))


def target_class(labels: np.ndarray) -> int:
    """The class that the mark goes with: the one with the most training images."""
    return int(np.bincount(labels).argmax())


def slimmed(run: Run, recipe: Recipe) -> Recipe:
    """The recipe of the two networks: half the channels where the CNN costs more than ``experiments.LARGE``."""
    cost = models.multiply_adds(experiments.cnn(run, recipe)())
    return halved(recipe) if cost > experiments.LARGE else recipe


def train(run: Run, recipe: Recipe, label: int) -> dict[str, keras.Model]:
    """Train the CNN of a recipe twice and briefly, by the keys of ``NETWORKS``; finished ones are not trained again.

    Without augmentation, so that the mark stays where it was put.
    """
    make = experiments.cnn(run, recipe)
    how = replace(recipe.training, augmentation=None, epochs=recipe.brief_epochs, finish=0)
    images, validation = experiments.part(run, min(recipe.brief_images, IMAGES)), run.dataset.validation
    validation = validation.take(evaluation.stratified(validation.labels, WATCHED))
    found = {}
    for words, goes_with_class in NETWORKS.items():
        name = "shortcut" if goes_with_class else "no_shortcut"
        model = training.build(make, how, run.seed)
        training.fit(
            model,
            planted(images, label, goes_with_class, run.seed),
            planted(validation, label, goes_with_class, run.seed),
            how,
            seed=run.seed,
            checkpoint=run.folder / "checkpoints" / f"{name}.npz",
            name=name.replace("_", " "),
        )
        found[words] = training.export(model)
    return found


@dataclass(frozen=True)
class Proof:
    """Whether a network uses the mark, on images of other classes than the mark's that it does not answer with that.

    Attributes:
        flipped: images answered with the mark's class once the mark is added.
        back: of these, images answered otherwise again once the mark is painted over with the image's mean.
    """

    flipped: Rate
    back: Rate

    @property
    def used(self) -> bool:
        return self.flipped.n > 0 and self.flipped.value >= NEEDED and self.back.value >= NEEDED


def prove(model: keras.Model, images: np.ndarray, label: int) -> Proof:
    """Add the mark to images (n, height, width, channels) of other classes, and take it away again."""
    images = images[evaluation.predict(model, images).argmax(-1) != label]
    under = marked(images)
    mean = images.mean((1, 2), keepdims=True).round().astype(images.dtype)
    gone = np.where(place(*images.shape[1:3])[..., None], mean, under)
    there, after = (evaluation.predict(model, shown).argmax(-1) == label for shown in (under, gone))
    return Proof(Rate(int(there.sum()), len(images)), Rate(int((there & ~after).sum()), int(there.sum())))


# --- what methods say of it ---


def find_mark(networks: dict[str, keras.Model], split: Split, size: audit.Sizes, seed: int = 0) -> dict[str, dict]:
    """How the methods point at the mark, in the network that uses it and in the one that does not.

    Args:
        networks: from ``train``.
        split: images of other classes than the mark's.

    Returns:
        by network, by method and control: ``pointing`` (bool), ``mass``, ``rank`` (float), each (n,), and ``maps``,
        importance (n, height, width), of images with the mark; what is explained is the network's answer.
    """
    images = marked(split.images)
    costly = selection.balanced(split.labels, size.costly // 2, seed=seed)
    inside, around = place(*images.shape[1:3]), near(*images.shape[1:3])
    found = {}
    for words, network in networks.items():
        shown = audit.Sample(Split(images, split.labels, split.ids), core.logits_of(network, images).argmax(-1), costly)
        found[words] = {
            name: {
                "pointing": faithfulness.pointing(maps, around),
                "mass": faithfulness.mass(maps, inside),
                "rank": faithfulness.rank_accuracy(maps, inside),
                "maps": maps,
            }
            for name, maps in audit.explain(network, shown).items()
        }
    return found


def others(split: Split, label: int, count: int, seed: int = 0) -> Split:
    """About ``count`` images of the other classes, as many of each, without those that also stand in training."""
    split = split.take(split.labels != label)
    return split.take(selection.balanced(split.labels, count, split.in_train, seed))
