"""Grad-CAM: a layer's maps A_k, weighted by how much the score rises with each, and what is positive of their sum.

    map = ReLU( Σ_k α_k A_k ),   α_k = mean over all positions of ∂s/∂A_k;   enlarged to the image bilinearly

0 and above, in logits a cell. Coarse: a map has as many cells as the layer.

Selvaraju and others 2017, https://arxiv.org/abs/1610.02391.

    said = core.logits_of(model, images).argmax(-1)
    maps = grad_cam(model, images, said)                 # float32 (n, height, width), of the layer ...
    layer = resolved(model)["layer"]                     # ... with this name
"""

import numpy as np

from helpers.backend import keras, tf
from helpers.explain import core

LEAST_SIDE = 6  # a map of fewer cells shows no place


def grad_cam(
    model: keras.Model, images: np.ndarray, targets: np.ndarray, *, layer: str | None = None
) -> np.ndarray:
    """Grad-CAM, float32 (n, height, width), 0 and above.

    Args:
        layer: its name; by default the last layer whose maps are at least 6 x 6 cells.

    Raises:
        ValueError: images or targets that do not fit the network, no such layer, or one without maps.
    """
    images, weights = core.checked(model, images, targets)
    layer = layer or _last_maps(model)
    cam = core.compiled(model, f"grad_cam {layer}", lambda: _cam(model, layer))
    return core.batched(cam, images, weights)[0]


def resolved(model: keras.Model, layer: str | None = None) -> dict:
    """The settings as they come out for a network: the layer's name, and its cells (rows, columns)."""
    layer = layer or _last_maps(model)
    return {"layer": layer, "cells": [*core.layer_with_maps(model, layer).output.shape[1:3]]}


def _last_maps(model: keras.Model) -> str:
    maps = core.layers_with_maps(model)
    if not maps:
        raise ValueError("Grad-CAM needs a network with convolutions")
    large = [name for name, each in maps.items() if min(each.output.shape[1:3]) >= LEAST_SIDE]
    return (large or [*maps])[-1]


def _cam(model: keras.Model, layer: str):
    maps = core.layer_with_maps(model, layer).output
    both = keras.Model(model.inputs, [maps, model.outputs[0]])
    shapes = [core.BATCH, *model.input_shape[1:]], [core.BATCH, model.output_shape[-1]]

    @tf.function(input_signature=[tf.TensorSpec(shape) for shape in shapes], autograph=False)
    def cam(x, w):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            maps, logits = both(x, training=False)
            total = tf.reduce_sum(logits * w)
        channel = tf.reduce_mean(tape.gradient(total, maps), (1, 2), keepdims=True)
        found = tf.nn.relu(tf.reduce_sum(maps * channel, -1, keepdims=True))
        return (tf.image.resize(found, x.shape[1:3])[..., 0],)

    return cam
