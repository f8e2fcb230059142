"""Sanity check: a map that stays the same when the network forgets what it learnt does not show it.

After Adebayo and others (2018): weights are drawn anew from the top of the network down, and each time the map is
compared with that of the trained network.
"""

from collections.abc import Iterator

import numpy as np
from skimage.metrics import structural_similarity

from helpers.backend import keras
from helpers.explain import controls, core
from helpers.explain.faithfulness import spearman


def stages(model: keras.Model) -> dict[str, list[str]]:
    """Layers with weights, grouped by their names up to ``_`` (``block1``), from the top of the network down."""
    found: dict[str, list[str]] = {}
    for layer in reversed(model.layers):
        if layer.weights and not isinstance(layer, keras.layers.Normalization):
            found.setdefault(layer.name.split("_")[0], []).append(layer.name)
    return found


def sizes(maps: np.ndarray) -> np.ndarray:
    """What is compared: the maps' absolute values, all equally smooth."""
    return core.blurred(np.abs(maps))


def cascade(model: keras.Model, seed: int = 0, last_only: bool = False) -> Iterator[tuple[str, keras.Model]]:
    """The network as more and more of it is drawn anew, and the lowest stage that was, from the top down.

    Args:
        seed: of the weights.
        last_only: only the last one, whose weights are all drawn anew.

    Yields:
        stage and network; it is one network, which takes other weights when the next one is asked for.
    """
    names = stages(model)
    # One copy takes the weights of each stage in turn, so that its graphs are traced once.
    copy, forgotten = keras.models.clone_model(model), []
    for index, (stage, layers) in enumerate(names.items(), 1):
        forgotten += layers
        if index == len(names) or not last_only:
            copy.set_weights(controls.randomised(model, forgotten, seed).get_weights())
            yield stage, copy


def similarity(first: np.ndarray, second: np.ndarray) -> dict[str, np.ndarray]:
    """How alike maps (n, height, width) are: ``spearman`` and ``ssim``, each (n,).

    For SSIM (Wang and others 2004) each map is stretched to 0..1. A map that is the same everywhere has nothing in
    common with another: Spearman's correlation counts as 0 there.
    """
    a, b = (_stretched(maps) for maps in (first, second))
    window = min(7, min(a.shape[1:]) // 2 * 2 - 1)
    ssim = [structural_similarity(x, y, data_range=1.0, win_size=window) for x, y in zip(a, b, strict=True)]
    return {"spearman": np.nan_to_num(spearman(first, second)), "ssim": np.array(ssim)}


def _stretched(maps: np.ndarray) -> np.ndarray:
    low, high = maps.min((1, 2), keepdims=True), maps.max((1, 2), keepdims=True)
    return (maps - low) / np.where(high > low, high - low, 1)
