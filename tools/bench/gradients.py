"""Gradient methods against tf-keras-vis, Xplique, a plain loop and the floor."""

import contextlib
from collections.abc import Callable
from functools import partial
from unittest import mock

import numpy as np
from tf_keras_vis import saliency as keras_vis
from xplique import attributions
from xplique.attributions.gradient_statistics.gradient_statistic import GradientStatistic

from helpers.backend import keras, tf
from helpers.explain import core
from helpers.explain.gradient import gradient
from helpers.explain.integrated_gradients import integrated_gradients
from helpers.explain.smoothgrad import smoothgrad
from tools.bench.timing import Row, in_turns

PASSES = 50  # of SmoothGrad and of integrated gradients
SIGMA, BASELINE = 0.15, 127.5
BATCH = 64  # that the rivals are given
BATCHES = (32, 64, 128, 256)  # that the floor may choose from
COMPARED = 8  # images whose maps are compared
SAME = 1e-4  # of the largest value

Contender = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(images, targets) -> maps (n, height, width), one channel."""

OURS: dict[str, Contender] = {
    "gradient": gradient,
    "SmoothGrad": partial(smoothgrad, reduce="mean", samples=PASSES, sigma=SIGMA),
    # Xplique counts points, we count the intervals between them.
    "integrated gradients": partial(integrated_gradients, baseline="grey", steps=PASSES - 1),
}


def rows(network: keras.Model, images: np.ndarray, targets: np.ndarray, repeats: int) -> list[Row]:
    """The table's rows for images float32 (n, height, width, 1) and targets int (n,)."""
    rivals = {
        "tf-keras-vis": _keras_vis(network),
        "Xplique": _xplique(network),
        "plain loop": _loop(network),
    }
    batch, floor = _floor(network, images)
    found = []
    for method, ours in OURS.items():
        offered = {name: rival[method] for name, rival in rivals.items() if method in rival}
        passes = 1 if method == "gradient" else PASSES
        warm = BATCH if passes == 1 else COMPARED
        notes = _agreement(
            {"ours": partial(ours, network)} | offered, images[:warm], targets[:warm]
        )
        calls = {name: partial(call, images, targets) for name, call in offered.items()}
        times = in_turns(
            {"ours": partial(ours, network, images, targets)} | calls | {"floor": floor}, repeats
        )
        what = f"{method}, {len(images)} images"
        found += [
            Row(what, times["ours"], name, times[name], at_least=1, note=notes[name])
            for name in offered
        ]
        bound = [passes * seconds for seconds in times["floor"]]
        found.append(
            Row(
                what,
                times["ours"],
                "floor",
                bound,
                at_most=1.2,
                note=f"{passes} x a pass, batch {batch}",
            )
        )
    return found


def _agreement(
    contenders: dict[str, Contender], images: np.ndarray, targets: np.ndarray
) -> dict[str, str]:
    """How far each rival's maps are from ours, in words, all at the same points; warms all of them up too."""
    noise = np.random.default_rng(0).standard_normal(
        (PASSES, *images.shape[1:]), "float32"
    ) * np.float32(255 * SIGMA)
    with _same_points(noise):
        maps = {name: np.asarray(call(images, targets)) for name, call in contenders.items()}
    ours, notes = maps.pop("ours"), {}
    for name, theirs in maps.items():
        absolute = (theirs >= 0).all()  # Xplique's plain gradient has no sign
        far = np.abs((np.abs(ours) if absolute else ours) - theirs).max() / np.abs(ours).max()
        notes[name] = f"maps differ by {far:.0e}" + ("" if far <= SAME else f", more than {SAME:g}")
    return notes


@contextlib.contextmanager
def _same_points(noise: np.ndarray):
    """Make the libraries take our noise (copies, height, width, channels), and our points on the path bit for bit.

    The points' rounding alone moves some units over the kink of their ReLU, which changes maps by up to 2e-4.
    """

    def noisy(images, copies, _):
        return tf.reshape(images[:, None] + noise[None, :copies], (-1, *images.shape[1:]))

    def path(images, steps, baseline):
        shares = np.linspace(0, 1, steps, dtype="float32")[None, :, None, None, None]
        images, baseline = images.numpy()[:, None], baseline.numpy()
        return tf.constant((baseline + shares * (images - baseline)).reshape(-1, *baseline.shape))

    with (
        mock.patch.object(np.random, "normal", return_value=noise[:, None]),
        mock.patch.object(GradientStatistic, "_perturb_samples", staticmethod(noisy)),
        mock.patch.object(
            attributions.IntegratedGradients, "_get_interpolated_points", staticmethod(path)
        ),
    ):
        yield


def _in_batches(call: Contender) -> Contender:
    """Call for ``BATCH`` images at a time; arrays of one channel lose it."""

    def batches(images, targets):
        parts = [
            call(images[at : at + BATCH], targets[at : at + BATCH])
            for at in range(0, len(images), BATCH)
        ]
        return np.concatenate([np.reshape(part, np.shape(part)[:3]) for part in parts])

    return batches


def _weights(network: keras.Model, targets: np.ndarray) -> np.ndarray:
    return core.target_weights(targets, network.output_shape[-1])


def _keras_vis(network: keras.Model) -> dict[str, Contender]:
    saliency = keras_vis.Saliency(network)

    def call(images, targets, **options):
        weights = _weights(network, targets)
        return saliency(
            lambda logits: tf.reduce_sum(logits * weights, -1),
            images,
            gradient_modifier=None,
            normalize_map=False,
            **options,
        )

    smooth = partial(call, smooth_samples=PASSES, smooth_noise=SIGMA)
    return {"gradient": _in_batches(call), "SmoothGrad": _in_batches(smooth)}


def _xplique(network: keras.Model) -> dict[str, Contender]:
    made = {
        "gradient": attributions.Saliency(network, batch_size=BATCH),
        "SmoothGrad": attributions.SmoothGrad(
            network, batch_size=BATCH, nb_samples=PASSES, noise=255 * SIGMA
        ),
        "integrated gradients": attributions.IntegratedGradients(
            network, batch_size=BATCH, steps=PASSES, baseline_value=BASELINE
        ),
    }

    def call(explainer, images, targets):
        return explainer.explain(images, _weights(network, targets)).numpy()[..., 0]

    return {name: partial(call, explainer) for name, explainer in made.items()}


def _loop(network: keras.Model) -> dict[str, Contender]:
    """What one writes first: batches, a tape, nothing compiled."""

    def slope(images, targets):
        pixels = tf.constant(images)
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            score = tf.reduce_sum(network(pixels, training=False) * _weights(network, targets))
        return tape.gradient(score, pixels).numpy()

    def smoothgrad(images, targets):
        rng = np.random.default_rng(0)
        noise = (
            rng.standard_normal(images.shape[1:], "float32") * np.float32(255 * SIGMA)
            for _ in range(PASSES)
        )
        return sum(slope(images + one, targets) for one in noise) / PASSES

    def integrated(images, targets):
        shares = np.linspace(0, 1, PASSES, dtype="float32")
        path = np.stack(
            [slope(BASELINE + share * (images - BASELINE), targets) for share in shares]
        )
        return (images - BASELINE) * (path[1:] + path[:-1]).mean(0) / 2

    every = {"gradient": slope, "SmoothGrad": smoothgrad, "integrated gradients": integrated}
    return {name: _in_batches(call) for name, call in every.items()}


def _floor(network: keras.Model, images: np.ndarray) -> tuple[int, Callable[[], None]]:
    """The compiled forward pass and gradient of all images, at the batch size that is fastest here."""

    def passes(batch):
        @tf.function(input_signature=[tf.TensorSpec([batch, *images.shape[1:]])], autograph=False)
        def slope(pixels):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(pixels)
                score = tf.reduce_sum(network(pixels, training=False)[:, 0])
            return tape.gradient(score, pixels)

        parts = [
            tf.constant(images[at : at + batch]) for at in range(0, len(images) - batch + 1, batch)
        ]
        slope(parts[0])
        return lambda: [slope(part).numpy() for part in parts]

    sizes = [batch for batch in BATCHES if len(images) % batch == 0]
    calls = {str(batch): passes(batch) for batch in sizes}
    times = in_turns(calls, 3)
    best = min(sizes, key=lambda batch: min(times[str(batch)]))
    return best, calls[str(best)]
