"""Deep dream: an image changed so that a layer is excited by it more.

    I ← I + step · g / mean|g|,   g = ∂ mean(a(I)²) / ∂I,   a: the layer's output, I rolled by random pixels

Small images are enlarged first, the network is opened to any size, and the dream grows through octaves: from a small
copy of the image to the full size, what the octave before added is carried along, and the detail that shrinking lost
is put back from the image itself. Steps are in grey levels.

Mordvintsev, Olah and Tyka 2015, https://research.google/blog/inceptionism-going-deeper-into-neural-networks/.

    layer = layers_to_dream(model)[-1]
    found = deep_dream(model, images, layer, step=1.5)   # .images uint8 (n, 192, 192, channels) of 48 x 48
    share = share_inside(found.change, maps)             # of the change, in the maps' highest fifth
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helpers import stats
from helpers.backend import keras, tf
from helpers.explain import core, filters
from helpers.stats import Estimate, Verdict

LEAST_SIDE = 192  # pixels to which a smaller image is enlarged, by the least whole factor
AREA = 0.2  # share of the image that counts as where a map is highest
STRENGTHS = {"weak": 0.5, "medium": 1.5, "strong": 4.0}  # grey levels a step


class Dream(NamedTuple):
    """What a dream gives.

    Attributes:
        images: uint8 (n, H, W, channels), the dreams, enlarged.
        enlarged: uint8, the same shape, what they began with.
        small: uint8 (n, height, width, channels), the dreams at the images' own size, as the network would see them.
        change: float32 (n, height, width), the mean absolute change in grey levels under each of the images' pixels.
    """

    images: np.ndarray
    enlarged: np.ndarray
    small: np.ndarray
    change: np.ndarray


def layers_to_dream(model: keras.Model) -> list[str]:
    """Names of three layers that a dream can start from: the first, the middle and the last that rectify feature maps.

    Of a network without such layers, convolutions; fewer names where there are fewer than three.

    Raises:
        UserError: a network without either.
    """
    maps = core.layers_with_maps(model).values()
    rectifying = [layer.name for layer in maps if filters.activates(layer)]
    found = rectifying or filters.convolutions(model)
    return list(dict.fromkeys([found[0], found[(len(found) - 1) // 2], found[-1]]))


def octave_sides(side: int, octaves: int, scale: float) -> list[int]:
    """The side of each octave in pixels, smallest first; the last one is ``side``."""
    return [round(side / scale**step) for step in reversed(range(octaves))]


def deep_dream(
    model: keras.Model,
    images: np.ndarray,
    layer: str,
    *,
    step: float = 2.0,
    steps: int = 10,
    octaves: int = 3,
    scale: float = 1.4,
    jitter: int = 16,
    seed: int = 0,
) -> Dream:
    """Raise the mean square of a layer's output (its size) by changing the image.

    Args:
        model: raw pixels in; up to the layer its layers must take any size, as convolutions do.
        images: (n, height, width, channels), 0..255.
        layer: its name.
        step: the mean absolute change of a step, in grey levels; with ``steps`` the strength. 0 changes nothing.
        steps: in each octave.
        octaves, scale: how many sizes, and the ratio of each to the one before.
        jitter: the farthest roll before a step, in pixels, so that no grid grows.
        seed: of the rolls; all images roll alike.

    Raises:
        ValueError: a layer or images that do not fit; the sentence says why.
    """
    images, _ = core.checked(model, images, np.zeros(len(images), int))
    height, width = images.shape[1:3]
    enlarge = max(1, -(-LEAST_SIDE // min(height, width)))
    sides = (octave_sides(side * enlarge, octaves, scale) for side in (height, width))
    sizes = list(zip(*sides, strict=True))
    first = _resized(images, sizes[-1])
    move = core.compiled(model, f"dream {layer}", lambda: _move(_open(model, layer)))
    rng = np.random.default_rng(seed)
    batch = max(1, core.BATCH // enlarge**2)
    rolls = rng.integers(-jitter, jitter + 1, (octaves, max(steps, 1), 2)).astype("int32")
    groups = (first[at : at + batch] for at in range(0, len(images), batch))
    parts = [_grow(move, group, sizes, rolls[:, :steps], step) for group in groups]
    dreams = np.concatenate(parts) if parts else first.numpy()
    change = tf.image.resize(tf.abs(dreams - first), (height, width), "area")
    small = tf.image.resize(dreams, (height, width), "area").numpy()
    mean = tf.reduce_mean(change, -1).numpy()
    return Dream(_pixels(dreams), _pixels(first.numpy()), _pixels(small), mean)


def _resized(images, size: tuple[int, int]) -> tf.Tensor:
    # Cubic curves shoot past bright and dark edges.
    return tf.clip_by_value(tf.image.resize(images, size, "bicubic", antialias=True), 0, 255)


def _grow(
    move, first: tf.Tensor, sizes: list[tuple[int, int]], rolls: np.ndarray, step: float
) -> np.ndarray:
    """The dream, octave by octave, float32 of the shape of ``first``."""
    added = tf.zeros_like(first)
    for size, octave in zip(sizes, rolls, strict=True):
        base = first if size == sizes[-1] else _resized(first, size)
        x = tf.clip_by_value(base + tf.image.resize(added, size, "bicubic"), 0, 255)
        for roll in octave:
            x = move(x, roll, step)
        added = x - base
    return np.clip((base + added).numpy(), 0, 255)


def _move(features: keras.Model):
    """A compiled step for images of any size; the size of the layer's output is what rises."""
    pixels = tf.TensorSpec([None, None, None, features.input_shape[-1]])
    signature = [pixels, tf.TensorSpec([2], tf.int32), tf.TensorSpec([])]

    @tf.function(input_signature=signature, autograph=False)
    def move(x, roll, step):
        x = tf.roll(x, roll, [1, 2])
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            maps = tf.cast(features(x, training=False), "float32")
            size = tf.reduce_mean(maps**2, (1, 2, 3))
        gradient = tape.gradient(size, x)
        mean = tf.reduce_mean(tf.abs(gradient), (1, 2, 3), keepdims=True)
        x = tf.clip_by_value(x + step * tf.math.divide_no_nan(gradient, mean), 0, 255)
        return tf.roll(x, -roll, [1, 2])

    return move


def _open(model: keras.Model, layer: str) -> keras.Model:
    """The network up to a layer, for images of any size; it shares no weights with the network."""
    part = keras.Model(model.inputs[0], core.layer_with_maps(model, layer).output)
    any_size = keras.Input((None, None, model.input_shape[-1]))
    try:
        opened = keras.models.clone_model(part, input_tensors=any_size)
        opened.set_weights(part.get_weights())
    except Exception as fault:  # whatever a layer of a fixed size says about it
        raise ValueError(f"the network up to {layer!r} takes one size only: {fault}") from fault
    return opened


def _pixels(images: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(images), 0, 255).astype("uint8")


def share_inside(change: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """The share of each image's change that lies where a map is highest, float64 (n,); ``AREA`` if it ignores the map.

    Where pixels of one value, such as those of a segment, straddle the border of the area, each counts in part.

    Args:
        change: (n, height, width), 0 and above; one of zeros counts as the same everywhere.
        maps: (n, height, width).
    """
    found = []
    for one, heat in zip(np.asarray(change, "float64"), maps, strict=True):
        one = one if one.sum() else np.ones_like(one)
        wanted = AREA * heat.size
        border = np.sort(heat, None)[::-1][max(0, int(np.ceil(wanted)) - 1)]
        above, at = heat > border, heat == border
        inside = above + at * ((wanted - above.sum()) / at.sum())
        found.append((one * inside).sum() / one.sum())
    return np.array(found)


@dataclass(frozen=True)
class Overlap:
    """Whether a dream gathers where the evidence lies.

    Attributes:
        shares: by map, the share of the change inside the map's highest ``AREA``, mean over the images.
        control: the control with the highest share.
        excess: the evidence's share minus that control's, paired by image.
        verdict: ``HOLDS`` if the evidence has more than every control and than ``AREA``, ``FAILS`` if a control has
            more than the evidence.
    """

    shares: dict[str, Estimate]
    control: str
    excess: Estimate
    verdict: Verdict


def overlap(found: Mapping[str, np.ndarray]) -> Overlap:
    """Judge the shares (n,) of ``share_inside`` by map: the evidence is ``lime``, the others are controls."""
    shares = {name: stats.mean(values, share=True) for name, values in found.items()}
    control = max((name for name in found if name != "lime"), key=lambda name: shares[name].value)
    excess = stats.mean(found["lime"] - found[control])
    verdict = excess.verdict
    if verdict == Verdict.HOLDS and shares["lime"].value <= AREA:
        verdict = Verdict.UNDECIDED
    return Overlap(shares, control, excess, verdict)
