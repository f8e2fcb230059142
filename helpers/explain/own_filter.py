"""A first convolution where every image of a batch passes through one filter only: its own.

When each image climbs for another filter, the other maps of a layer are computed for nothing; in the first layer they
are nearly all of the work.
"""

from collections.abc import Callable

from helpers.backend import keras, tf

FEW = 4  # channels into the convolution; with more, what comes before it costs most, and this would save little
_STATELESS = ("MaxPooling2D", "AveragePooling2D", "ReLU", "LeakyReLU", "ELU", "Activation", "Dropout")


def own_maps(model: keras.Model, layer: str, last: str) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None:
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
    if type(conv).__name__ != "Conv2D" or conv.groups > 1 or conv.kernel.shape[2] > FEW or len(set(conv.strides)) > 1:
        return None
    if set(conv.dilation_rate) != {1} or conv.data_format != "channels_last":
        return None
    after, here = [], end
    while here is not conv:
        if type(here).__name__ not in _STATELESS and not isinstance(here, keras.layers.BatchNormalization):
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
    kernel = tf.reshape(tf.transpose(kernel, [0, 1, 3, 2]), [*kernel.shape[:2], count * channels, 1])
    side_by_side = tf.reshape(tf.transpose(x, [1, 2, 0, 3]), [1, height, width, count * channels])
    strides = [1, *conv.strides, 1]
    found = tf.nn.depthwise_conv2d(side_by_side, kernel, strides, conv.padding.upper())[0]
    found = tf.reduce_sum(tf.reshape(found, [*found.shape[:2], count, channels]), 3)
    found = tf.transpose(found, [2, 0, 1])[..., None]
    return conv.activation(found + _of(conv.bias, filters) if conv.use_bias else found)


def _normalised(norm, x: tf.Tensor, filters: tf.Tensor) -> tf.Tensor:
    x = (x - _of(norm.moving_mean, filters)) * tf.math.rsqrt(_of(norm.moving_variance, filters) + norm.epsilon)
    x = x * _of(norm.gamma, filters) if norm.scale else x
    return x + _of(norm.beta, filters) if norm.center else x
