"""LIME against the package's default call and against its own forward passes.

The package's call has its defaults (batches of 10 through ``predict``) but for what makes the two comparable: our
segments, our fill, one class instead of five, which spares it four fits.
"""

from functools import partial
from unittest import mock

import numpy as np
from lime.lime_image import LimeImageExplainer
from skimage.color import gray2rgb

from helpers import stats
from helpers.backend import keras
from helpers.explain import core
from helpers.explain import lime as ours
from helpers.networks import saved
from tools.bench.timing import Row, in_turns

SAMPLES = 1000
ALIKE = 0.95


def rows(network: keras.Model, images: np.ndarray, targets: np.ndarray, repeats: int) -> list[Row]:
    """The table's rows for a few images float32 (n, height, width, 1); one repetition explains all of them."""
    copies = np.repeat(images[:1], SAMPLES * len(images), 0)
    lower = saved.lowered(network)
    calls = {
        "ours": partial(ours.explanations, network, images, samples=SAMPLES),
        "in bfloat16": partial(ours.explanations, lower, images, samples=SAMPLES),
        "package": partial(_package, network, images, targets),
        "passes": partial(core.logits_of, network, copies),
    }
    weights = {name: calls[name]() for name in ("ours", "in bfloat16", "package")}  # warms them up
    core.logits_of(network, copies[:1])
    times = in_turns(calls, repeats)
    found = []
    for name, target in (("ours", 5), ("in bfloat16", 8)):
        alike = [
            stats.spearman(one.weights_of(target)[None], theirs[None])[0]
            for one, target, theirs in zip(weights[name], targets, weights["package"], strict=True)
        ]
        note = f"rank correlation of weights {np.min(alike):.3f}" + (
            "" if min(alike) >= ALIKE else f", below {ALIKE}"
        )
        what = f"LIME, {SAMPLES} samples x {len(images)}, {'float32' if name == 'ours' else 'bfloat16'}"
        found.append(
            Row(
                what, times[name], "package's default", times["package"], at_least=target, note=note
            )
        )
    passes = f"{SAMPLES} x {len(images)} passes in float32"
    found.insert(
        1,
        Row(found[0].what, times["ours"], "its passes", times["passes"], at_most=1.5, note=passes),
    )
    return found


def _package(network: keras.Model, images: np.ndarray, targets: np.ndarray) -> list[np.ndarray]:
    """The weights that the package gives each image's target."""

    def classify(colour):
        logits = network.predict(colour[..., :1], verbose=0)
        return logits - logits.mean(-1, keepdims=True)

    found = []
    for image, target in zip(images, targets, strict=True):
        explainer = LimeImageExplainer(random_state=0)
        with mock.patch("lime.lime_image.tqdm", iter):  # its progress bars
            explained = explainer.explain_instance(
                gray2rgb(image[..., 0]),
                classify,
                labels=(target,),
                top_labels=None,
                hide_color=127.5,
                num_samples=SAMPLES,
                segmentation_fn=lambda colour: ours.segment(colour[..., :1]),
            )
        weights = dict(explained.local_exp[target])
        found.append(np.array([weights[segment] for segment in sorted(weights)]))
    return found
