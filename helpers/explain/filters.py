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

from collections.abc import Callable, Sequence

import numpy as np

from helpers.backend import keras, tf
from helpers.errors import UserError
from helpers.explain import activation_maximisation as ascent
from helpers.explain import core

FEW = 4  # channels into a convolution up to which it pays to pass each image through its own filter only
_STATELESS = (
    "MaxPooling2D",
    "AveragePooling2D",
    "ReLU",
    "LeakyReLU",
    "ELU",
    "Activation",
    "Dropout",
)
_ACTIVATIONS = ("ReLU", "LeakyReLU", "PReLU", "ELU", "Activation")


def convolutions(model: keras.Model) -> list[str]:
    """Names of the convolutions in the network's order; those of 1x1 only where there are no others.

    Raises:
        UserError: the network has none.
    """
    found = [
        layer
        for layer in model.layers
        if "Conv" in type(layer).__name__ and len(layer.output.shape) == 4
    ]
    if not found:
        raise UserError(
            "the network has no convolution of its own: filters can only be shown of one that has"
        )
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
    layers = {found.name: found for found in model.layers}
    if layer not in layers or len(getattr(layers[layer].output, "shape", ())) != 4:
        raise ValueError(f"the network has no layer {layer!r} with maps")
    here, width = layers[layer], layers[layer].output.shape[-1]
    while not _activates(here):
        after = [
            found for found in model.layers if _reads(found, here.output) and _keeps(found, width)
        ]
        if not after:
            break
        here = after[0]
    return here.name, here.output


def _activates(layer) -> bool:
    inside = getattr(layer, "activation", None)
    return type(layer).__name__ in _ACTIVATIONS or (
        inside is not None and inside is not keras.activations.linear
    )


def _reads(layer, tensor) -> bool:
    return (
        any(found is tensor for found in keras.tree.flatten(layer.input))
        and layer.output is not tensor
    )


def _keeps(layer, width: int) -> bool:
    """Whether the output still has one map a filter."""
    shape = getattr(layer.output, "shape", ())
    mixes = "Conv" in type(layer).__name__ or type(layer).__name__ in ("Dense", "Concatenate")
    return len(shape) == 4 and shape[-1] == width and not mixes


def maps_model(model: keras.Model, layer: str) -> keras.Model:
    """The network cut off after the activation function of a convolution: pixels in, its maps out."""
    return core.compiled(
        model, f"maps {layer}", lambda: keras.Model(model.inputs[0], activated(model, layer)[1])
    )


def outputs(model: keras.Model, layer: str, images: np.ndarray) -> np.ndarray:
    """The positive part of a convolution's maps after its activation function, float32 (n, height, width, filters)."""
    cut = maps_model(model, layer)
    parts = np.array_split(np.asarray(images, "float32"), max(1, -(-len(images) // core.BATCH)))
    return np.concatenate([tf.nn.relu(cut(part, training=False)).numpy() for part in parts])


def activations(model: keras.Model, layer: str, images: np.ndarray) -> np.ndarray:
    """The mean over all positions of every filter's map, float32 (n, filters)."""
    return outputs(model, layer, images).mean((1, 2))


def maximise(
    model: keras.Model, layer: str, filters: Sequence[int] | None = None, **options
) -> ascent.Ascent:
    """Images that excite filters most, all in one batch; start, end and slope are activations.

    Args:
        layer: a convolution.
        filters: their numbers; all by default.
        options: of ``activation_maximisation.ascend``.

    Raises:
        ValueError: a filter that there is not.
    """
    cut = maps_model(model, layer)
    width = cut.output_shape[-1]
    numbers = np.arange(width) if filters is None else np.asarray(filters, int)
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < width:
        raise ValueError(f"{layer} has the filters 0 to {width - 1}")
    chosen, own = tf.constant(numbers, "int32"), own_maps(model, layer, activated(model, layer)[0])

    def score(pixels, rows):
        wanted = tf.gather(chosen, rows)
        if own:
            return tf.reduce_mean(tf.nn.relu(own(pixels, wanted)), (1, 2, 3))
        maps = tf.reduce_mean(tf.nn.relu(cut(pixels, training=False)), (1, 2))
        return tf.gather(maps, wanted, axis=1, batch_dims=1)

    return ascent.ascend(score, tuple(model.input_shape[1:]), len(numbers), **options)


def stuck(model: keras.Model, layer: str, **options) -> np.ndarray:
    """bool (filters,): no gradient where an ascent with these options starts; true of dead filters as well."""
    return maximise(model, layer, **{**options, "steps": 0}).slope == 0


def shuffled(images: np.ndarray, seed: int = 0) -> np.ndarray:
    """Each image's pixels in another order: noise of the same brightness and contrast."""
    count, height, width, channels = images.shape
    order = np.random.default_rng(seed).permutation(height * width)
    return images.reshape(count, height * width, channels)[:, order].reshape(images.shape)


# --- each image through its own filter only: the other maps of a first layer are nearly all of its work ---


def own_maps(
    model: keras.Model, layer: str, last: str
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None:
    """The map of one filter an image.

    Args:
        model: a network.
        layer: a convolution of it.
        last: the layer whose output is wanted, at or after the convolution.

    Returns:
        (pixels (n, height, width, channels), filters int32 (n,)) -> (n, rows, columns, 1), the same values as channel
        ``filters[i]`` of the output for image i; None where it would not pay, or where something other than pooling,
        batch normalisation and an activation stands between.
    """
    conv, end = model.get_layer(layer), model.get_layer(last)
    if (
        type(conv).__name__ != "Conv2D"
        or conv.groups > 1
        or conv.kernel.shape[2] > FEW
        or len(set(conv.strides)) > 1
    ):
        return None
    if set(conv.dilation_rate) != {1} or conv.data_format != "channels_last":
        return None
    after, here = [], end
    while here is not conv:
        if type(here).__name__ not in _STATELESS and not isinstance(
            here, keras.layers.BatchNormalization
        ):
            return None
        after.insert(0, here)
        here = next((found for found in model.layers if found.output is here.input), None)
        if here is None:
            return None
    before = keras.Model(model.inputs[0], conv.input)

    def maps(pixels, filters):
        x = _convolved(conv, before(pixels, training=False), filters)
        for step in after:
            normalises = isinstance(step, keras.layers.BatchNormalization)
            x = _normalised(step, x, filters) if normalises else step(x, training=False)
        return x

    return maps


def _of(weights, filters: tf.Tensor) -> tf.Tensor:
    """One number an image."""
    return tf.gather(tf.convert_to_tensor(weights), filters)[:, None, None, None]


def _convolved(conv, x: tf.Tensor, filters: tf.Tensor) -> tf.Tensor:
    """As one depthwise convolution whose channels are those of all images."""
    count, height, width, channels = x.shape
    kernel = tf.gather(tf.convert_to_tensor(conv.kernel), filters, axis=3)
    kernel = tf.reshape(
        tf.transpose(kernel, [0, 1, 3, 2]), [*kernel.shape[:2], count * channels, 1]
    )
    side_by_side = tf.reshape(tf.transpose(x, [1, 2, 0, 3]), [1, height, width, count * channels])
    strides = [1, *conv.strides, 1]
    found = tf.nn.depthwise_conv2d(side_by_side, kernel, strides, conv.padding.upper())[0]
    found = tf.reduce_sum(tf.reshape(found, [*found.shape[:2], count, channels]), 3)
    found = tf.transpose(found, [2, 0, 1])[..., None]
    return conv.activation(found + _of(conv.bias, filters) if conv.use_bias else found)


def _normalised(norm, x: tf.Tensor, filters: tf.Tensor) -> tf.Tensor:
    x = (x - _of(norm.moving_mean, filters)) * tf.math.rsqrt(
        _of(norm.moving_variance, filters) + norm.epsilon
    )
    x = x * _of(norm.gamma, filters) if norm.scale else x
    return x + _of(norm.beta, filters) if norm.center else x
