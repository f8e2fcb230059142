"""What all explanation methods share: what is explained, compiled passes of a fixed batch, baselines, blurring.

What is explained is a weighted sum of the logits, so that every method explains the same thing. For one class it is
the class-centred logit, z_c minus the mean of all logits: a raw logit is not identifiable, for adding any function of
the image to all logits leaves every probability as it is and changes every map. For two classes it is the difference of
their logits.
"""

import inspect
import itertools
from collections.abc import Callable

import numpy as np
from scipy import ndimage

from helpers.backend import keras, tf
from helpers.networks.folded import folded

BATCH = 64
WIDE = (
    2 * BATCH
)  # where only answers are asked, thousands at a time: nothing is kept for a way back
BASELINES = ("black", "mean", "grey", "blur")


def target_weights(targets: np.ndarray, classes: int) -> np.ndarray:
    """The weights of the logits, float32 (n, classes), whose sum over the classes is 0.

    Args:
        targets: int (n,), one class an image: its class-centred logit; or int (n, 2): the first class's logit minus
            the second's.
        classes: how many there are.

    Raises:
        ValueError: another shape, no whole numbers, a class that there is not, or a class minus itself.
    """
    targets = np.asarray(targets)
    shaped = targets.ndim == 1 or (targets.ndim == 2 and targets.shape[1] == 2)
    known = np.isin(targets, range(classes)).all() and np.issubdtype(targets.dtype, np.integer)
    if not (shaped and known):
        whole = f"whole numbers from 0 to {classes - 1}"
        raise ValueError(f"targets must be (n,) classes or (n, 2) pairs of classes, {whole}")
    one_hot = np.eye(classes, dtype="float32")
    if targets.ndim == 1:
        return one_hot[targets] - np.float32(1 / classes)
    if (targets[:, 0] == targets[:, 1]).any():
        raise ValueError("a class minus itself is nothing to explain")
    return one_hot[targets[:, 0]] - one_hot[targets[:, 1]]


def checked(
    model: keras.Model, images: np.ndarray, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Images as float32 and the target's weights, both fitting the network and each other.

    Raises:
        ValueError: images of another size, or more or fewer targets than images.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[1:] != tuple(model.input_shape[1:]):
        sizes = ", ".join(map(str, model.input_shape[1:]))
        raise ValueError(f"images have the shape {images.shape}: the network takes (n, {sizes})")
    weights = target_weights(targets, model.output_shape[-1])
    if len(weights) != len(images):
        raise ValueError(f"{len(images)} images and {len(weights)} targets: give each image one")
    return images.astype("float32"), weights


def layers_with_maps(model: keras.Model) -> dict[str, keras.Layer]:
    """The layers from the first convolution that put out maps, (None, rows, columns, filters), by name, in order."""
    after = itertools.dropwhile(lambda layer: "Conv" not in type(layer).__name__, model.layers)
    return {each.name: each for each in after if len(getattr(each.output, "shape", ())) == 4}


def layer_with_maps(model: keras.Model, name: str) -> keras.Layer:
    """The layer of this name.

    Raises:
        ValueError: no such layer, or one without maps.
    """
    if name not in (found := layers_with_maps(model)):
        raise ValueError(f"the network has no layer {name!r} with maps")
    return found[name]


# --- compiled passes: one graph a network, one shape a graph, so that nothing is traced twice ---


def compiled(model: keras.Model, name: str, make: Callable[[], Callable]) -> Callable:
    """The compiled function ``name`` of a network, made by ``make`` when it is first asked for."""
    # Kept by the network itself, past Keras' own bookkeeping, so that they go when it goes.
    functions = model.__dict__.setdefault("_explain", {})
    if name not in functions:
        functions[name] = make()
    return functions[name]


def passed(model: keras.Model) -> keras.Model:
    """The network as all passes to its logits, and back, go through it; see ``networks.folded``."""
    return compiled(model, "folded", lambda: folded(model))


def batched(function: Callable, *arrays: np.ndarray, batch: int = BATCH) -> list[np.ndarray]:
    """Results of a compiled function for rows of arrays, computed ``batch`` rows at a time.

    The last batch is filled up by repeating its last row, so that all batches have one shape.
    No rows give no results.
    """
    count = len(arrays[0])
    if not count:
        one = [np.zeros((1, *array.shape[1:]), array.dtype) for array in arrays]
        return [result[:0] for result in batched(function, *one, batch=batch)]
    found: list[list[np.ndarray]] = []
    for start in range(0, count, batch):
        parts = [array[start : start + batch] for array in arrays]
        missing = batch - len(parts[0])
        if missing:
            parts = [np.concatenate([part, np.repeat(part[-1:], missing, 0)]) for part in parts]
        results = function(*parts)
        found.append([result.numpy()[: batch - missing] for result in results])
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def logits_of(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Logits float32 (n, classes) of images (n, height, width, channels) in 0..255, of any number type."""

    def make():
        network, pixels = passed(model), tf.TensorSpec([BATCH, *model.input_shape[1:]])

        @tf.function(input_signature=[pixels], autograph=False)
        def forward(x):
            return (network(x, training=False),)

        return forward

    return batched(compiled(model, "forward", make), np.asarray(images, "float32"))[0]


def scores_of(model: keras.Model, images: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """What is explained, float32 (n,), in units of the logits; arguments as for every method."""
    images, weights = checked(model, images, targets)
    return (logits_of(model, images) * weights).sum(-1)


def gradients_of(model: keras.Model, images: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Gradients of the weighted logits by the pixels, float32 (n, height, width, channels), logits a grey level.

    Args:
        images: float32 (n, height, width, channels), 0..255.
        weights: float32 (n, classes), from ``target_weights``.
    """

    def make():
        network = passed(model)
        shapes = [BATCH, *model.input_shape[1:]], [BATCH, model.output_shape[-1]]

        @tf.function(input_signature=[tf.TensorSpec(shape) for shape in shapes], autograph=False)
        def gradient(x, w):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(x)
                total = tf.reduce_sum(network(x, training=False) * w)
            return (tape.gradient(total, x),)

        return gradient

    return batched(compiled(model, "gradient", make), images, weights)[0]


def gradient_sums(
    model: keras.Model,
    images: np.ndarray,
    weights: np.ndarray,
    copies: int,
    copy: Callable[[np.ndarray, np.ndarray], np.ndarray],
    *changes: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> list[np.ndarray]:
    """Sums, over the altered copies of each image, of their gradients; float64 (n, height, width, channels) a change.

    Copies of all images share the batches, so that few images cost few passes.

    Args:
        images, weights: as for ``gradients_of``.
        copies: of each image, 1 or more.
        copy: (rows, numbers), both int (k,) -> copy ``numbers`` of each image ``rows``, float32.
        changes: (gradients of the copies, numbers) -> what is summed; all share the gradients.
    """
    totals = [np.zeros(images.shape) for _ in changes]
    for start in range(0, len(images) * copies, BATCH):
        here = np.arange(start, min(start + BATCH, len(images) * copies))
        rows, numbers = np.divmod(here, copies)
        gradients = gradients_of(model, copy(rows, numbers), weights[rows])
        first = np.flatnonzero(np.diff(rows, prepend=-1))
        for total, change in zip(totals, changes, strict=True):
            changed = change(gradients, numbers)
            total[rows[first]] += np.add.reduceat(changed, first, dtype="float64")
    return totals


def perturbed_logits(
    model: keras.Model,
    images: np.ndarray,
    fills: np.ndarray,
    keep: np.ndarray,
    rows: np.ndarray,
    masks: np.ndarray,
) -> np.ndarray:
    """Logits of images of which a part is replaced; the perturbed images are made batch by batch in the graph.

    Args:
        images: (n, height, width, channels), 0..255.
        fills: the same shape: what stands where a mask is False.
        keep: bool (m, height, width), the masks.
        rows, masks: int (k,): perturbed image k is image ``rows[k]`` under mask ``masks[k]``.

    Returns:
        float32 (k, classes).
    """

    def make():
        network = passed(model)
        pixels = tf.TensorSpec([WIDE, *model.input_shape[1:]])
        mask = tf.TensorSpec([WIDE, *model.input_shape[1:3]], tf.bool)

        @tf.function(input_signature=[pixels, pixels, mask], autograph=False)
        def forward(x, fill, kept):
            return (network(tf.where(kept[..., None], x, fill), training=False),)

        return forward

    function = compiled(model, "perturbed", make)
    images, fills = np.asarray(images, "float32"), np.asarray(fills, "float32")
    if not len(rows):
        return np.zeros((0, model.output_shape[-1]), "float32")

    def of(at):
        return function(images[rows[at]], fills[rows[at]], keep[masks[at]])

    return batched(of, np.arange(len(rows)), batch=WIDE)[0]


# --- images and maps ---


def baseline(images: np.ndarray, name: str) -> np.ndarray:
    """What stands for "nothing there", float32 of the images' shape, 0..255.

    Args:
        images: (n, height, width, channels), 0..255.
        name: ``black`` (0), ``mean`` (of each image and channel), ``grey`` (127.5), or ``blur`` (each image behind a
            Gaussian of an eighth of its side).

    Raises:
        ValueError: another name.
    """
    images = np.asarray(images, "float32")
    if name == "black":
        return np.zeros_like(images)
    if name == "grey":
        return np.full_like(images, 127.5)
    if name == "mean":
        return np.broadcast_to(images.mean((1, 2), keepdims=True), images.shape).copy()
    if name == "blur":
        spread = min(images.shape[1:3]) / 8
        return ndimage.gaussian_filter(images, (0, spread, spread, 0), mode="nearest")
    raise ValueError(f"no baseline is called {name!r}: choose one of {', '.join(BASELINES)}")


def blur_pixels(shape: tuple[int, ...]) -> float:
    """The deviation of ``blurred`` in pixels, for images (height, width, ...): 2 at a side of 48."""
    return min(shape[:2]) / 24


def blurred(maps: np.ndarray) -> np.ndarray:
    """Maps (n, height, width) behind a Gaussian, float32; of 2 pixels at 48, more on larger images.

    For display, and for an equal smoothness of what is compared. It ends the completeness of integrated gradients,
    but keeps each map's sum. The image is continued by its opposite side: only so is every pixel blurred alike, and
    a random map's highest one as likely to lie anywhere. Repeating the edge, mirroring it, or weighing what is left
    of the Gaussian makes borders noisier than the middle, and maps that know nothing point at what lies in a corner.
    """
    spread = blur_pixels(maps.shape[1:])
    return ndimage.gaussian_filter(np.asarray(maps, "float32"), (0, spread, spread), mode="wrap")


def precision(model: keras.Model) -> str:
    """What a network's convolutions compute in: ``float32``, or ``bfloat16`` after ``networks.saved.lowered``."""
    lowered = (layer.compute_dtype != "float32" for layer in model.layers)
    return "bfloat16" if any(lowered) else "float32"


def defaults(function: Callable, **changed) -> dict:
    """A function's keywords with their usual values, as plain values; ``changed`` are those that differ."""
    known = inspect.signature(function).parameters.values()
    usual = {each.name: each.default for each in known if each.default is not each.empty}
    return {**usual, **changed}
