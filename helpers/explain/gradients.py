"""Explanations by the gradient: plain, times input, SmoothGrad, integrated gradients, Grad-CAM.

All take a network (raw pixels in, logits out), images (n, height, width, channels) in 0..255, and targets (see
``core.target_weights``), and return float32 maps (n, height, width). Signed maps of colour images sum the channels; a
linear network's gradient is its weight. All raise ValueError for images or targets that do not fit the network.
"""

import numpy as np

from helpers.backend import keras, tf
from helpers.explain import core

LEAST_SIDE = 6  # a Grad-CAM map of fewer cells shows no place
AVERAGED = {"mean": lambda g: g, "absolute": np.abs, "squared": np.square}  # what SmoothGrad makes of each gradient


def gradient(model: keras.Model, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The gradient by the pixels, signed, in logits a grey level (Simonyan and others 2014)."""
    images, weights = core.checked(model, images, targets)
    return core.gradients_of(model, images, weights).sum(-1)


def gradient_x_input(model: keras.Model, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The gradient times the pixel's own value, signed, in logits; a black pixel gets 0."""
    images, weights = core.checked(model, images, targets)
    return (core.gradients_of(model, images, weights) * images).sum(-1)


def smoothgrad(
    model: keras.Model,
    images: np.ndarray,
    targets: np.ndarray,
    *,
    reduce: str = "squared",
    samples: int = 50,
    sigma: float = 0.15,
    seed: int = 0,
) -> np.ndarray:
    """The gradient averaged over noisy copies of the image (Smilkov and others 2017).

    Every image gets the same noise, so that its map does not depend on the others.

    Args:
        reduce: what is averaged: ``mean`` (the signed gradient), ``absolute`` or ``squared`` values of it.
        samples: noisy copies, 1 or more.
        sigma: the noise's standard deviation as a share of the range 0..255; at 0 the result is the gradient's.
        seed: of the noise.

    Raises:
        ValueError: also for another ``reduce`` or no samples.
    """
    if reduce not in AVERAGED:
        raise ValueError(f"reduce={reduce!r}: reduce is one of {', '.join(AVERAGED)}")
    return smoothgrads(model, images, targets, samples=samples, sigma=sigma, seed=seed)[reduce]


def smoothgrads(
    model: keras.Model,
    images: np.ndarray,
    targets: np.ndarray,
    *,
    samples: int = 50,
    sigma: float = 0.15,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """All that ``smoothgrad`` can average, by ``reduce``, from the same gradients; arguments as there."""
    if samples < 1:
        raise ValueError(f"samples={samples}: take 1 or more")
    images, weights = core.checked(model, images, targets)
    noise = np.random.default_rng(seed).standard_normal((samples, *images.shape[1:]), "float32")
    noise *= np.float32(255 * sigma)
    changes = [lambda g, k, change=change: change(g) for change in AVERAGED.values()]
    totals = core.gradient_sums(model, images, weights, samples, lambda rows, k: images[rows] + noise[k], *changes)
    return {name: (total.sum(-1) / samples).astype("float32") for name, total in zip(AVERAGED, totals, strict=True)}


def integrated_gradients(
    model: keras.Model,
    images: np.ndarray,
    targets: np.ndarray,
    *,
    baseline: str = "grey",
    steps: int = 50,
    with_error: bool = False,
):
    """Integrated gradients from a baseline to the image, signed, in logits (Sundararajan and others 2017).

    Args:
        baseline: see ``core.baseline``.
        steps: intervals of the trapezoidal rule, 1 or more.
        with_error: whether to return the completeness error too.

    Returns:
        the maps; or the maps and, float32 (n,), the sum of each map minus the difference of the scores of image and
        baseline, in logits: 0 but for the error of the numerical integral.
    """
    if steps < 1:
        raise ValueError(f"steps={steps}: take 1 or more")
    images, weights = core.checked(model, images, targets)
    start = core.baseline(images, baseline)
    shares = np.linspace(0, 1, steps + 1, dtype="float32")[:, None, None, None]
    parts = np.ones_like(shares)
    parts[[0, -1]] = 0.5  # of the trapezoidal rule
    (total,) = core.gradient_sums(
        model,
        images,
        weights,
        steps + 1,
        lambda rows, k: start[rows] + shares[k] * (images[rows] - start[rows]),
        lambda g, k: g * parts[k],
    )
    maps = (total / steps * (images - start)).sum(-1)
    if not with_error:
        return maps.astype("float32")
    ends = [core.scores_of(model, end, targets) for end in (images, start)]
    return maps.astype("float32"), (maps.sum((1, 2)) - (ends[0] - ends[1])).astype("float32")


def grad_cam(model: keras.Model, images: np.ndarray, targets: np.ndarray, *, layer: str | None = None) -> np.ndarray:
    """Grad-CAM, 0 and above: a layer's maps, weighted by their mean gradient (Selvaraju and others 2017).

    Args:
        layer: its name; by default the last layer whose maps are at least 6 x 6 cells.

    Returns:
        the positive part, in logits a cell, enlarged to the image bilinearly.

    Raises:
        ValueError: also where the network has no such layer, or the layer no maps.
    """
    images, weights = core.checked(model, images, targets)
    layer = layer or _last_maps(model)
    if layer not in {found.name for found in model.layers} or len(model.get_layer(layer).output.shape) != 4:
        raise ValueError(f"the network has no layer {layer!r} with maps")
    return core.batched(core.compiled(model, f"grad_cam {layer}", lambda: _cam(model, layer)), images, weights)[0]


def _last_maps(model: keras.Model) -> str:
    maps = [layer for layer in model.layers if len(getattr(layer.output, "shape", ())) == 4]
    if len(maps) < 2:
        raise ValueError("Grad-CAM needs a network with convolutions")
    large = [layer for layer in maps[1:] if min(layer.output.shape[1:3]) >= LEAST_SIDE]
    return (large or maps)[-1].name


def _cam(model: keras.Model, layer: str):
    both = keras.Model(model.inputs, [model.get_layer(layer).output, model.outputs[0]])
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
