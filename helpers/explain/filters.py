"""The filters of a convolution: their outputs for an image, and images that excite them most.

    I* = argmax_I  mean over all positions of ReLU(a_f(I))      for filter f of a layer

A filter's activation for an image is the mean over all positions of its map after the activation function. Before it,
the mean of a first convolution is linear in the image, and ascent would only change the brightness. Images are
(n, height, width, channels) in 0..255 everywhere.

Erhan and others 2009, https://www.researchgate.net/publication/265022827; Zeiler and Fergus 2014,
https://arxiv.org/abs/1311.2901.

    layer = depths(model)[1]
    maps = outputs(model, layer, images)                 # float32 (n, rows, columns, filters)
    found = maximise(model, layer, filters=[0, 1])       # .images (2, height, width, channels), .start, .end
"""

from collections.abc import Sequence

import numpy as np

from helpers.backend import keras, tf
from helpers.errors import UserError
from helpers.explain import activation_maximisation as ascent
from helpers.explain import core

_ACTIVATIONS = ("ReLU", "LeakyReLU", "PReLU", "ELU")


def convolutions(model: keras.Model) -> list[str]:
    """Names of the convolutions in the network's order; those of 1x1 only where there are no others.

    Raises:
        UserError: the network has none.
    """
    maps = core.layers_with_maps(model).values()
    found = [layer for layer in maps if "Conv" in type(layer).__name__]
    if not found:
        raise UserError(f"{model.name} has no convolution: explain a CNN, or leave this out")
    wide = [layer for layer in found if max(layer.kernel_size) > 1]
    return [layer.name for layer in wide or found]


def depths(model: keras.Model) -> list[str]:
    """The first, the middle and the last of the convolutions; fewer where there are fewer."""
    names = convolutions(model)
    return list(dict.fromkeys([names[0], names[len(names) // 2], names[-1]]))


def regulariser(model: keras.Model, layer: str) -> str:
    """``none`` for the first convolution, whose filters see a few pixels and need no smoothing; else ``fourier``."""
    return "none" if layer == convolutions(model)[0] else "fourier"


def activated(model: keras.Model, layer: str) -> tuple[str, keras.KerasTensor]:
    """Where the maps of a convolution are after their activation function.

    It may be inside the convolution, or follow after normalisation, pooling or the sum of a residual block.

    Returns:
        the name of the layer that applies it, and its output (None, height, width, filters). Where none follows before
        the filters are mixed, the last output that still holds one map a filter; take its positive part.

    Raises:
        ValueError: no such layer, or one without maps.
    """
    maps, here = core.layers_with_maps(model).values(), core.layer_with_maps(model, layer)
    while not activates(here):
        after = [found for found in maps if _reads(found, here.output) and _keeps(found, here)]
        if not after:
            break
        here = after[0]
    return here.name, here.output


def activates(layer: keras.Layer) -> bool:
    """Whether a layer applies an activation function."""
    inside = getattr(layer, "activation", None)
    return type(layer).__name__ in _ACTIVATIONS or inside not in (None, keras.activations.linear)


def _reads(layer, tensor) -> bool:
    inputs = keras.tree.flatten(layer.input)
    return layer.output is not tensor and any(found is tensor for found in inputs)


def _keeps(layer, before) -> bool:
    """Whether the output still has one map a filter."""
    mixes = "Conv" in type(layer).__name__ or type(layer).__name__ in ("Dense", "Concatenate")
    return layer.output.shape[-1] == before.output.shape[-1] and not mixes


def maps_model(model: keras.Model, layer: str) -> keras.Model:
    """The network cut off after the activation function of a convolution: pixels in, its maps out."""

    def make():
        maps = keras.ops.cast(activated(model, layer)[1], "float32")  # of a convolution in bfloat16
        return keras.Model(model.inputs[0], maps)

    return core.compiled(model, f"maps {layer}", make)


def outputs(model: keras.Model, layer: str, images: np.ndarray) -> np.ndarray:
    """The positive part of a convolution's maps after its activation function, float32 (n, height, width, filters)."""
    cut = maps_model(model, layer)
    pixels = np.asarray(images, "float32")
    return core.batched(lambda part: (tf.nn.relu(cut(part, training=False)),), pixels)[0]


def activations(model: keras.Model, layer: str, images: np.ndarray) -> np.ndarray:
    """The mean over all positions of every filter's map, float32 (n, filters)."""
    return outputs(model, layer, images).mean((1, 2))


def maximise(model: keras.Model, layer: str, filters: Sequence[int], **options) -> ascent.Ascent:
    """Images that excite filters most, all in one batch; start and end are activations.

    Args:
        layer: a convolution.
        filters: their numbers.
        options: of ``activation_maximisation.ascend``.
    """
    cut, chosen = maps_model(model, layer), tf.constant(filters, "int32")

    def score(pixels, rows):
        maps = tf.reduce_mean(tf.nn.relu(cut(pixels, training=False)), (1, 2))
        return tf.gather(maps, tf.gather(chosen, rows), axis=1, batch_dims=1)

    return ascent.ascend(score, tuple(model.input_shape[1:]), len(filters), **options)


def shuffled(images: np.ndarray, seed: int = 0) -> np.ndarray:
    """Each image's pixels in another order: noise of the same brightness and contrast."""
    count, height, width, channels = images.shape
    order = np.random.default_rng(seed).permutation(height * width)
    return images.reshape(count, height * width, channels)[:, order].reshape(images.shape)
