"""What notebook 10 does with a run: explain the same images by all methods, and measure what the maps are worth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from helpers import experiments, models
from helpers.backend import keras
from helpers.datasets.base import Split
from helpers.explain import (
    METHODS,
    applicable,
    controls,
    core,
    faithfulness,
    maps_of,
    randomisation,
    ranking,
    selection,
)
from helpers.explain.ranking import Measured
from helpers.run import Run


@dataclass(frozen=True)
class Sizes:
    """How many images each part takes.

    Attributes:
        images: class-balanced, for methods of a few passes an image and for the controls.
        costly: of these, for methods of hundreds of passes.
        randomised, costly_randomised: images whose maps are compared across random weights and under noise.
        draws: of random weights.
    """

    images: int = 256
    costly: int = 64
    randomised: int = 32
    costly_randomised: int = 8
    draws: int = 3


def sizes(model: keras.Model, quick: bool) -> Sizes:
    """The numbers of images for a network: fewer where it is large, or only has to run."""
    if quick:
        return Sizes(42, 14, 8, 3, 2)
    return Sizes(84, 28, 14, 4, 2) if models.multiply_adds(model) > experiments.LARGE else Sizes()


@dataclass(frozen=True)
class Sample:
    """The images that are explained: ``split``, the class explained of each (the network's answer), the costly rows."""

    split: Split
    classes: np.ndarray
    costly: np.ndarray

    def rows(self, name: str) -> np.ndarray:
        """The images that a method gets."""
        return self.costly if name in METHODS and METHODS[name].costly else np.arange(len(self.split))


def sample(run: Run, model: keras.Model, size: Sizes) -> Sample:
    """Class-balanced validation images that do not also stand in training."""
    held_out = run.dataset.validation
    split = held_out.take(selection.balanced(held_out.labels, size.images, held_out.in_train, run.seed))
    classes = core.logits_of(model, split.images).argmax(-1)
    return Sample(split, classes, selection.balanced(split.labels, size.costly, seed=run.seed))


def explain(model: keras.Model, shown: Sample) -> dict[str, np.ndarray]:
    """Importance maps by method and control, each for its own rows of the sample."""
    found = {}
    for names, costly in _by_cost(model):
        rows = shown.costly if costly else np.arange(len(shown.split))
        drawn = maps_of(model, shown.split.images[rows], shown.classes[rows], names)
        found |= {name: faithfulness.importance(name, each) for name, each in drawn.items()}
    images = shown.split.images
    for name, maps in plain_controls(images).items():
        found[name] = faithfulness.importance(name, maps)
    return found


def _by_cost(model: keras.Model) -> Iterator[tuple[list[str], bool]]:
    """Names of the cheap methods that a network allows, then of the costly ones, each with whether they are costly."""
    for costly in (False, True):
        yield [name for name, method in applicable(model).items() if method.costly == costly], costly


def plain_controls(images: np.ndarray) -> dict[str, np.ndarray]:
    """Maps that know no network."""
    return {
        "random": controls.random(images),
        "centre": controls.centre_gaussian(images),
        "sobel": controls.sobel(images),
    }


def curves(model: keras.Model, shown: Sample, maps: dict[str, np.ndarray]) -> tuple[dict[str, dict], str]:
    """Deletion and insertion curves by method and control (``faithfulness.scores``); maps gain ``class_mean``.

    The control ``class_mean`` knows the network but not the image: the mean map, over the other images with the same
    answer, of the best method that every image gets.

    Returns:
        the curves, and which method's class mean it is.
    """

    def scored(name):
        rows = shown.rows(name)
        return faithfulness.scores(model, shown.split.images[rows], shown.classes[rows], maps[name])

    found = {name: scored(name) for name in maps}
    cheap = applicable(model, costly=False)
    best = max(cheap, key=lambda name: faithfulness.gain(found[name]).mean())
    maps["class_mean"] = controls.class_mean(maps[best], shown.classes)
    found["class_mean"] = scored("class_mean")
    return found, best


def measured(shown: Sample, values: Mapping[str, np.ndarray]) -> tuple[dict[str, Measured], dict[str, Measured]]:
    """One number an image by name, as methods and controls for ``ranking.rank``."""
    found = {name: Measured(shown.rows(name), each) for name, each in values.items()}
    return ({n: m for n, m in found.items() if n in METHODS}, {n: m for n, m in found.items() if n not in METHODS})


def gains(scored: dict[str, dict]) -> dict[str, np.ndarray]:
    """Insertion minus deletion by name, (n,), the mean of the baselines."""
    return {name: faithfulness.gain(found).mean(0) for name, found in scored.items()}


def mean_areas(scored: dict[str, dict]) -> dict[str, tuple[float, float]]:
    """Insertion and deletion area by name, means over images and baselines."""
    return {
        name: tuple(float(faithfulness.area(found[key]).mean()) for key in ("insertion", "deletion"))
        for name, found in scored.items()
    }


def rankings(shown: Sample, scored: dict[str, dict]) -> dict[str, list[ranking.Row]]:
    """The rankings by insertion minus deletion: ``both`` (the mean of the baselines), and one of each baseline."""
    found = {"both": ranking.rank(*measured(shown, gains(scored)))}
    for index, baseline in enumerate(faithfulness.BASELINES):
        each = {name: faithfulness.gain(curves)[index] for name, curves in scored.items()}
        found[baseline] = ranking.rank(*measured(shown, each))
    return found


def compare(shown: Sample, scored: dict[str, dict], first: str, second: str) -> faithfulness.Mean:
    """The paired difference of two methods, insertion minus deletion."""
    methods, _ = measured(shown, gains(scored))
    return ranking.difference(methods[first], methods[second])


def on_common(shown: Sample, scored: dict[str, dict], names: Sequence[str]) -> tuple[dict[str, dict], int]:
    """The curves of some methods and controls on the images that all of them got, and how many these are."""
    common = reduce(np.intersect1d, map(shown.rows, names))
    found = {
        name: {key: curves[:, np.isin(shown.rows(name), common)] for key, curves in scored[name].items()}
        for name in names
    }
    return found, len(common)


# --- regions: where each image's parts are known ---


def by_region(measure, shown: Sample, maps: dict[str, np.ndarray], which: Sequence[int]) -> dict[str, np.ndarray]:
    """A measure of agreement (``faithfulness.mass`` and the like) for some regions, float (n, regions), by name."""
    found = {}
    for name, each in maps.items():
        regions = shown.split.regions[shown.rows(name)]
        found[name] = np.stack([measure(each, regions == region) for region in which], -1).astype(float)
    return found


@dataclass(frozen=True)
class RegionTruth:
    """Methods against the measured effect of each region.

    Attributes:
        regions: those that have an expression.
        effects: float (n, regions), how far the logit falls when one is drawn at rest.
        rows: the ranking by each image's rank correlation of the regions' shares with their effects.
        pooled: by name, the rank correlation over all images and regions together.
        dense: by name, the mean rank correlation of the share an area, instead of the share.
    """

    regions: list[str]
    effects: np.ndarray
    rows: list[ranking.Row]
    pooled: dict[str, faithfulness.Mean]
    dense: dict[str, faithfulness.Mean]


def region_truth(run: Run, model: keras.Model, shown: Sample, maps: dict[str, np.ndarray]) -> RegionTruth | None:
    """What regions are worth to the network, and what the methods say; None where they cannot be drawn again."""
    if run.dataset.name != "faces":
        return None
    moved, effects = experiments.redraw_effects(run, model, shown.split, shown.classes)
    moving = [run.dataset.region_names.index(region) for region in moved]
    shares = by_region(faithfulness.mass, shown, maps, moving)
    areas = by_region(faithfulness.mass, shown, {"everywhere": np.ones(shown.split.regions.shape)}, moving)[
        "everywhere"
    ]
    dense = {
        name: np.divide(each, areas[shown.rows(name)], out=np.zeros_like(each), where=areas[shown.rows(name)] > 0)
        for name, each in shares.items()
    }
    alike, denser = (
        {name: faithfulness.spearman(each, effects[shown.rows(name)]) for name, each in found.items()}
        for found in (shares, dense)
    )
    return RegionTruth(
        moved,
        effects,
        ranking.rank(*measured(shown, alike)),
        {name: faithfulness.pooled(each, effects[shown.rows(name)]) for name, each in shares.items()},
        {name: faithfulness.mean(each) for name, each in denser.items()},
    )


# --- random weights and noise ---


def forget(run: Run, model: keras.Model, shown: Sample, size: Sizes) -> dict[str, dict[str, np.ndarray]]:
    """How alike maps are to those of networks with weights drawn anew, and to those under a little noise.

    Returns:
        by method: ``spearman`` and ``ssim``, float (stages, n), from the top of the network down, of the first draw
        (costly methods: the last stage alone); ``all_spearman`` and ``all_ssim``, float (n,), of all weights drawn
        anew at once, averaged over all draws; ``other``, float (n,), of an image's map and another image's;
        ``noise``, float (n,); ``strip``: the maps of the first image, the trained network's and then those of the
        first draw, float (1 + stages, height, width).
    """
    found = {}
    for names, costly in _by_cost(model):
        rows = forgetting_rows(shown, size.costly_randomised if costly else size.randomised, run.seed)
        images, classes = shown.split.images[rows], shown.classes[rows]
        trained = maps_of(model, images, classes, names)
        under_noise = maps_of(model, faithfulness.noisy(images, seed=run.seed), classes, names)
        draws = [
            [
                maps_of(forgotten, images, classes, names)
                for _, forgotten in randomisation.cascade(model, run.seed + draw, costly or draw > 0)
            ]
            for draw in range(size.draws)
        ]
        for name in names:
            before, *after = (randomisation.sizes(each[name]) for each in (trained, *draws[0]))
            last = [randomisation.sizes(stages[-1][name]) for stages in draws]
            alike, all_alike = ([randomisation.similarity(before, drawn) for drawn in each] for each in (after, last))
            found[name] = {key: np.array([each[key] for each in alike]) for key in ("spearman", "ssim")}
            found[name] |= {f"all_{key}": np.mean([each[key] for each in all_alike], 0) for key in ("spearman", "ssim")}
            found[name]["other"] = np.nan_to_num(faithfulness.spearman(before, np.roll(before, 1, 0)))
            pair = (faithfulness.importance(name, each[name]) for each in (trained, under_noise))
            found[name]["noise"] = faithfulness.spearman(*pair)
            found[name]["strip"] = np.stack([each[0] for each in (before, *after)])
    return found


def forgetting_rows(shown: Sample, count: int, seed: int) -> np.ndarray:
    """A class-balanced part of the sample; the first is the image recognised with the first of the classes."""
    rows = selection.balanced(shown.split.labels, count, seed=seed)
    right = shown.classes[rows] == shown.split.labels[rows]
    return rows[np.argsort(~right, kind="stable")]
