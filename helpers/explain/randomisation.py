"""The parameter randomisation test: a map that stays as it was when the weights are random does not show the network.

Weights are drawn anew from the top of the network down, and each time the map is compared with that of the trained
network, by Spearman's rank correlation of absolute values. A fixed line would not do: all smooth maps of
centred objects are alike. So the measure is a trained network's map of another image: where maps of random weights
are less alike than that, what the network learnt matters more to them than which image it is.

Adebayo and others 2018, https://arxiv.org/abs/1810.03292.

    found = compare(model, images, said, ["gradient", "grad_cam"])
    found["gradient"].spearman.mean(-1)                  # stage by stage, from the top down
    verdicts(found)["gradient"].verdict                  # HOLDS: the weights matter more than the image
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from helpers import stats
from helpers.backend import keras
from helpers.explain import core
from helpers.explain.controls import random_weights
from helpers.explain.methods import maps_of
from helpers.stats import Estimate


def stages(model: keras.Model) -> dict[str, list[str]]:
    """Layers with weights, grouped by their names up to ``_`` (``block1``), from the top of the network down."""
    found: dict[str, list[str]] = {}
    for layer in reversed(model.layers):
        if layer.weights and not isinstance(layer, keras.layers.Normalization):
            found.setdefault(layer.name.split("_")[0], []).append(layer.name)
    return found


def cascade(
    model: keras.Model, copy: keras.Model, seed: int = 0, last_only: bool = False
) -> Iterator[keras.Model]:
    """The network as more and more of it is drawn anew, from the top down, stage by stage.

    Args:
        copy: takes the weights of each stage in turn, so that its graphs are traced once.
        seed: of the weights.
        last_only: only the last one, whose weights are all drawn anew.
    """
    names, drawn = stages(model), []
    for index, layers in enumerate(names.values(), 1):
        drawn += layers
        if index == len(names) or not last_only:
            copy.set_weights(random_weights(model, drawn, seed))
            yield copy


def sizes(maps: np.ndarray) -> np.ndarray:
    """What is compared: the maps' absolute values, all equally smooth."""
    return core.blurred(np.abs(maps))


@dataclass(frozen=True)
class Randomised:
    """How alike a method's maps are to those of networks with random weights, and of another image.

    Attributes:
        before: (n, height, width), the ``sizes`` of the trained network's maps.
        spearman: (stages, n), from the top of the network down, in the first draw; of a comparison of the last stage
            only (1, n).
        all_spearman: (n,), of all weights drawn anew, averaged over all draws.
        other: (n,), Spearman's correlation of an image's map and another image's, both of the trained network.
        strip: (1 + stages, height, width), the first image's maps: the trained network's, then the first draw's.
    """

    before: np.ndarray
    spearman: np.ndarray
    all_spearman: np.ndarray
    other: np.ndarray
    strip: np.ndarray


def compare(
    model: keras.Model,
    images: np.ndarray,
    targets: np.ndarray,
    names: Iterable[str],
    *,
    draws: int = 3,
    seed: int = 0,
    last_only: bool = False,
) -> dict[str, Randomised]:
    """Run the test for several methods on the same images, by name.

    Args:
        names: of ``explain.METHODS``.
        draws: of random weights; stage by stage in the first one only.
        seed: of the weights.
        last_only: no stages but the last one, for methods that are costly.
    """
    names = list(names)
    trained = maps_of(model, images, targets, names)
    drawn, copy = [], keras.models.clone_model(model)
    for draw in range(draws):
        networks = cascade(model, copy, seed + draw, last_only or draw > 0)
        drawn.append([maps_of(network, images, targets, names) for network in networks])
    found = {}
    for name in names:
        before, *after = (sizes(each[name]) for each in (trained, *drawn[0]))
        found[name] = Randomised(
            before,
            np.array([stats.spearman(before, maps) for maps in after]),
            np.mean([stats.spearman(before, sizes(each[-1][name])) for each in drawn], 0),
            stats.spearman(before, np.roll(before, 1, 0)),
            np.stack([each[0] for each in (before, *after)]),
        )
    return found


def verdicts(found: Mapping[str, Randomised]) -> dict[str, Estimate]:
    """By method, how much more alike two images' maps are than those of trained and random weights, by Holm; its
    verdict ``HOLDS`` where the weights matter more to the maps, ``FAILS`` where the image does."""
    return stats.means({name: each.other - each.all_spearman for name, each in found.items()})
