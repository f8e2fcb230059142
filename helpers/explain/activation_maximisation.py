"""Activation maximisation: gradient ascent on pixels to images that maximise a score, a batch at once.

    I ← I + Adam( g / rms(g) ),   g = ∂score/∂I (I, randomly moved),   from noise

Adam's rate falls to 0 along half a cosine. Each image's gradient is divided by its own root mean square, so that
strong and weak scores rise together. Every image begins with the same noise and meets the same random moves, so that
it does not depend on what else is in its batch. Pixels are 0..255; scores have the unit of what is maximised.

Erhan and others 2009, https://www.researchgate.net/publication/265022827; Adam: Kingma and Ba 2015,
https://arxiv.org/abs/1412.6980; the Fourier parametrisation: Olah, Mordvintsev and Schubert 2017,
https://doi.org/10.23915/distill.00007.

    def brightness(pixels, rows):                        # (batch, height, width, channels) -> (batch,)
        return tf.reduce_mean(pixels, (1, 2, 3))
    white = ascend(brightness, (48, 48, 1), count=1, regulariser="none").images
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from helpers.backend import tf
from helpers.explain import core

REGULARISERS = ("none", "fourier")
GREY = 127.5
# Olah and others (2017), scaled from 224 to 48 pixels: shifts of 2 and 1 pixels, 10 % of size, 5 degrees.
SHIFTS, ZOOM, ANGLE = (2 / 48, 1 / 48), 0.10, np.pi * 5 / 180


class Ascent(NamedTuple):
    """What an ascent gives.

    Attributes:
        images: float32 (count, height, width, channels), 0..255.
        start, end: float32 (count,), the scores of the first and of the last images, without random moves.
    """

    images: np.ndarray
    start: np.ndarray
    end: np.ndarray


def ascend(
    score: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    shape: tuple[int, int, int],
    count: int,
    *,
    regulariser: str = "fourier",
    steps: int = 256,
    learning_rate: float = 12.75,
    seed: int = 0,
) -> Ascent:
    """Climb from noise to images with a high score.

    Args:
        score: (pixels float32 (batch, height, width, channels) in 0..255, rows int32 (batch,)) -> float32 (batch,),
            TensorFlow operations; ``rows`` says which of the ``count`` images these are, such as the filter of each.
        shape: (height, width, channels) of the images.
        count: how many images.
        regulariser: ``none``, or ``fourier``: the image is the sigmoid of a sum of waves scaled by 1/frequency, seen
            through random shifts, sizes and rotations (Olah and others 2017).
        steps: of Adam, 0 or more.
        learning_rate: the first one, in grey levels (a 255th of it for the waves).
        seed: of the noise and the moves.

    Raises:
        ValueError: another regulariser.
    """
    if regulariser not in REGULARISERS:
        raise ValueError(f"no regulariser {regulariser!r}: choose one of {', '.join(REGULARISERS)}")
    limit = int(np.clip(core.BATCH * 48**2 // (shape[0] * shape[1]), 4, core.BATCH))
    batch = max(1, -(-count // max(1, -(-count // limit))))  # equal, so that little is filled up
    fourier = regulariser == "fourier"
    first = _noise(shape, seed, fourier)
    first = np.broadcast_to(first, (count, *first.shape)).astype("float32")
    if not count:
        return Ascent(np.zeros((0, *shape), "float32"), *(np.zeros(0, "float32") for _ in range(2)))
    waves, rate = (_waves(shape), learning_rate / 255) if fourier else (None, learning_rate)
    run = _adam(score, waves, seed, steps, rate, [batch, *first.shape[1:]])
    return Ascent(*core.batched(run, first, np.arange(count, dtype="int32"), batch=batch))


def _adam(score, waves: Callable | None, seed: int, steps: int, rate: float, size: list[int]):
    """The compiled ascent of a batch: (values, rows) -> pixels, scores before and after."""
    decode = waves or (lambda pixels: pixels)

    def move(step, values, mean, square, rows):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            pixels = decode(values)
            found = score(_moved(pixels, seed, step) if waves else pixels, rows)
        gradient = tape.gradient(found, values)
        size = tf.sqrt(tf.reduce_mean(gradient**2, (1, 2, 3), keepdims=True))
        gradient = tf.math.divide_no_nan(gradient, size)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        done = tf.cast(step, "float32")
        speed = rate * 0.5 * (1 + tf.cos(np.pi * done / steps))
        spread = tf.sqrt(square / (1 - 0.999 ** (done + 1))) + 1e-7
        values = values + speed * (mean / (1 - 0.9 ** (done + 1)) / spread)
        return step + 1, values if waves else tf.clip_by_value(values, 0, 255), mean, square, rows

    signature = [tf.TensorSpec(size), tf.TensorSpec(size[:1], tf.int32)]

    @tf.function(input_signature=signature, autograph=False)
    def run(values, rows):
        state = (tf.constant(0), values, tf.zeros_like(values), tf.zeros_like(values), rows)
        last = tf.while_loop(lambda step, *_: step < steps, move, state)[1]
        pixels = decode(last)
        return pixels, score(decode(values), rows), score(pixels, rows)

    return run


def _noise(shape: tuple[int, int, int], seed: int, fourier: bool) -> np.ndarray:
    """Where an ascent begins: grey noise, or waves of random height."""
    rng = np.random.default_rng(seed)
    if fourier:
        height, width, channels = shape
        return (0.1 * rng.standard_normal((2 * channels, height, width // 2 + 1))).astype("float32")
    return np.clip(GREY + 25.5 * rng.standard_normal(shape), 0, 255).astype("float32")


def _waves(shape: tuple[int, int, int]) -> Callable:
    """From heights of waves (n, 2 x channels, height, width // 2 + 1), real parts, then imaginary ones, to pixels."""
    height, width = shape[:2]
    frequencies = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    # A quarter, so that a wave of height 1 does not saturate the sigmoid.
    scale = np.sqrt(height * width) / np.maximum(frequencies, 1 / max(height, width)) / 4
    scale = scale.astype("float32")

    def decode(heights: tf.Tensor) -> tf.Tensor:
        real, imaginary = tf.split(heights * scale, 2, 1)
        waves = tf.signal.irfft2d(tf.complex(real, imaginary), [height, width])
        return 255 * tf.sigmoid(tf.transpose(waves, [0, 2, 3, 1]))

    return decode


def _moved(pixels: tf.Tensor, seed: int, step: tf.Tensor) -> tf.Tensor:
    """The images as a step sees them, all moved alike."""
    height, width = pixels.shape[1:3]
    chance = tf.random.stateless_uniform([6], [seed, step], -1, 1)
    size, angle = 1 + ZOOM * chance[0], ANGLE * chance[1]
    cos, sin = tf.cos(angle) / size, tf.sin(angle) / size
    shift = (chance[2:4] * SHIFTS[0] + chance[4:6] * SHIFTS[1]) * [width, height]
    centre = [(width - 1) / 2, (height - 1) / 2]
    right = centre[0] + shift[0] - cos * centre[0] + sin * centre[1]
    down = centre[1] + shift[1] - sin * centre[0] - cos * centre[1]
    # Padding, shifts, size and rotation in one resampling; what comes in from outside is mid-grey.
    move = tf.stack([cos, -sin, right, sin, cos, down, 0.0, 0.0])[None]
    how = {"interpolation": "BILINEAR", "fill_mode": "CONSTANT", "fill_value": GREY}
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=pixels, transforms=move, output_shape=[height, width], **how
    )
