"""The networks: a CNN, one of half its depth, and a plain DNN, of equal size.

All take raw pixels (n, height, width, channels) in 0..255 and return ``logits`` (n, classes),
linear. Normalisation is their first layer, so that training, explanation and a user's own photo
cannot disagree. Only stock Keras layers: a saved network opens without this package.
"""

import functools
from collections.abc import Callable, Sequence

import numpy as np

from helpers.backend import keras, layers
from helpers.networks.batch_norm import FusedBatchNormalization

BATCH_NORM_MOMENTUM = 0.9  # short runs see few steps: .99 would lag behind the weights


def _start(shape: tuple[int, int, int], statistics) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """The input, and the input after normalisation with (mean, variance) a channel, if given."""
    pixels = layers.Input(shape, name="pixels")
    if statistics is None:
        return pixels, pixels
    mean, variance = (np.asarray(s, "float32").tolist() for s in statistics)
    # float32 under any policy: a mean subtracted in bfloat16 loses grey levels.
    told = {"mean": mean, "variance": variance, "dtype": "float32", "name": "normalise"}
    return pixels, layers.Normalization(**told)(pixels)


def _conv(x, width: int, name: str, kernel: int = 3, stride: int = 1):
    """Convolution without bias, in the dtype policy in force."""
    options = {"padding": "same", "use_bias": False, "kernel_initializer": "he_normal"}
    return layers.Conv2D(width, kernel, stride, name=name, **options)(x)


# What surrounds the convolutions stays in float32: on a processor, bfloat16 makes it slower.
def _norm(x, name: str):
    return FusedBatchNormalization(momentum=BATCH_NORM_MOMENTUM, dtype="float32", name=name)(x)


def _relu(x, name: str):
    return layers.ReLU(dtype="float32", name=name)(x)


def _pool(x, size: int, name: str):
    return layers.MaxPooling2D(size, dtype="float32", name=name)(x)


def _unit(x, width: int, block: str, index: int, pool: int = 1, stride: int = 1):
    """Convolution, maximum over ``pool``, batch normalisation, ReLU.

    The maximum comes first because the rest then costs less, and is the same wherever the learnt scale is positive.
    """
    x = _conv(x, width, f"{block}_conv{index}", stride=stride)
    if pool > 1:
        x = _pool(x, pool, f"{block}_pool")
    return _relu(_norm(x, f"{block}_bn{index}"), f"{block}_relu{index}")


def _head(x, pixels, classes: int, dropout: float, name: str) -> keras.Model:
    if dropout:
        x = layers.Dropout(dropout, dtype="float32", name="dropout")(x)
    # float32: small differences between logits matter to the explanations.
    return keras.Model(pixels, layers.Dense(classes, dtype="float32", name="logits")(x), name=name)


def cnn(
    shape: tuple[int, int, int],
    classes: int,
    widths: Sequence[int],
    convolutions: int = 2,
    stem: int = 32,
    stem_pool: int = 2,
    residual: bool = True,
    dropout: float = 0.0,
    statistics=None,
) -> keras.Model:
    """A VGG-style CNN (Simonyan and Zisserman 2015), with residual blocks (He and others 2016) or not.

    A pooled stem convolution, then one block of 3x3 convolutions a width, max pooling between
    the blocks, global average pooling, dropout, logits.

    Args:
        shape: (height, width, channels) of the images.
        classes: number of classes.
        widths: channels of each block.
        convolutions: convolutions a block.
        stem: channels of the first convolution.
        stem_pool: how much the stem shrinks the image, a power of 2; by 4 and more it also strides by 2.
        residual: add each block's input (through a 1x1 convolution) to its output.
        dropout: rate before the logits, 0..1.
        statistics: (mean, variance) a channel of the training pixels, or None for no normalisation.

    Returns:
        a model named ``cnn`` with layers ``stem_conv1``, ``block1_conv1`` .. and ``logits``.
    """
    pixels, x = _start(shape, statistics)
    stride = 2 if stem_pool >= 4 else 1
    x = _unit(x, stem, "stem", 1, stem_pool // stride, stride)
    for block, width in enumerate(widths, 1):
        name, shortcut = f"block{block}", x
        pool = 2 if block < len(widths) else 1
        for index in range(1, convolutions + 1):
            last = index == convolutions
            if not (last and residual):
                x = _unit(x, width, name, index, pool if last else 1)
                continue
            x = _norm(_conv(x, width, f"{name}_conv{index}"), f"{name}_bn{index}")
            shortcut = _norm(_conv(shortcut, width, f"{name}_shortcut", 1), f"{name}_shortcut_bn")
            x = layers.Add(dtype="float32", name=f"{name}_add")([x, shortcut])
            x = _relu(x, f"{name}_relu{index}")
            x = _pool(x, pool, f"{name}_pool") if pool > 1 else x
    x = layers.GlobalAveragePooling2D(dtype="float32", name="global_mean")(x)
    return _head(x, pixels, classes, dropout, "cnn")


def cnn_half(
    shape: tuple[int, int, int],
    classes: int,
    widths: Sequence[int],
    dropout: float = 0.0,
    statistics=None,
    first_pool: int = 4,
) -> keras.Model:
    """A CNN of half the depth: one convolution a block, no stem, no shortcuts.

    The first block pools by ``first_pool`` (a power of 2): pooling by 2, a network of equal parameters would cost
    six times the multiply-adds of the CNN. Other arguments as for ``cnn``.
    """
    pixels, x = _start(shape, statistics)
    stride = 2 if first_pool >= 8 else 1
    for block, width in enumerate(widths, 1):
        first, last = block == 1, block == len(widths)
        pool = 1 if last else first_pool // stride if first else 2
        x = _unit(x, width, f"block{block}", 1, pool, stride if first else 1)
    x = layers.GlobalAveragePooling2D(dtype="float32", name="global_mean")(x)
    return _head(x, pixels, classes, dropout, "cnn_half")


def dnn(
    shape: tuple[int, int, int],
    classes: int,
    widths: Sequence[int],
    statistics=None,
) -> keras.Model:
    """A plain fully connected network with batch normalisation; arguments as for ``cnn``."""
    pixels, x = _start(shape, statistics)
    x = layers.Flatten(name="flatten")(x)
    for index, width in enumerate(widths, 1):
        told = {"use_bias": False, "kernel_initializer": "he_normal", "name": f"dense{index}"}
        x = layers.Dense(width, **told)(x)
        x = _relu(_norm(x, f"bn{index}"), f"relu{index}")
    return _head(x, pixels, classes, 0.0, "dnn")


def matched(
    build: Callable[..., keras.Model],
    shares: Sequence[float],
    parameters: int,
    tolerance: float = 0.01,
    **told,
) -> Callable[[], keras.Model]:
    """A function that makes a network with so many parameters, within a relative tolerance.

    A common scale is found by bisection and the first width rounded down; then the same for the widths after it,
    which fill up what rounding left, until the last takes the nearest value.

    Args:
        build: makes the network from ``widths`` and what else it is told.
        shares: the widths' proportions, such as (1, 2, 4).

    Raises:
        ValueError: if no widths come within the tolerance.
    """

    @functools.cache
    def excess(*widths: int) -> int:
        return build(widths=widths, **told).count_params() - parameters

    fixed: list[int] = []
    for index in range(len(shares)):

        def scaled(scale, first=index):
            return fixed + [max(1, round(share * scale)) for share in shares[first:]]

        low, high = 0.0, 1.0
        while excess(*scaled(high)) < 0:
            low, high = high, 2 * high
        while scaled(low) != scaled(high) and high - low > 1e-3:
            middle = (low + high) / 2
            low, high = (middle, high) if excess(*scaled(middle)) < 0 else (low, middle)
        nearest = min(scaled(low), scaled(high), key=lambda widths: abs(excess(*widths)))
        fixed.append(scaled(low)[index])
    if abs(excess(*nearest)) > tolerance * parameters:
        raise ValueError(
            f"no widths in proportion {tuple(shares)} give {parameters} parameters within {tolerance:.0%}: "
            f"the nearest, {tuple(nearest)}, gives {parameters + excess(*nearest)}"
        )
    return functools.partial(build, widths=tuple(nearest), **told)
