"""LIME: which segments of an image raise a class's score, by the package ``lime``.

    weights = argmin_w  Σ_k π_k (s(I_k) - w·z_k)² + ‖w‖²,   z_k: segments that copy I_k shows, π_k: its likeness to I

The package draws the perturbations, weighs them and fits the ridge regression. Ours are the segments, the perturbed
images (made in the graph, batch by batch, not one by one in Python), and what is explained: the class-centred logits
of all classes, from one pass. The fit is linear in what it is fitted to, so that the weights for the difference of
two logits are the difference of their weights. Signed, in logits.

Ribeiro, Singh and Guestrin 2016, https://arxiv.org/abs/1602.04938; SLIC: Achanta and others 2012,
https://doi.org/10.1109/TPAMI.2012.120.

    said = core.logits_of(model, images).argmax(-1)
    maps = lime(model, images, said, samples=1000)       # float32 (n, height, width)
    one = explanations(model, images)[0]                 # .segments (height, width), .weights (classes, k)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from lime.lime_image import LimeImageExplainer
from skimage.segmentation import slic

from helpers import stats
from helpers.backend import keras, tf
from helpers.explain import core

SEGMENTS = ("slic", "grid")
PRECISIONS = ("float32", "bfloat16")
GRID = 8  # cells along each side
BATCH = core.BATCH
ABOUT = 50  # segments that SLIC is asked for; it finds about 45
STABLE = 0.9  # the rank correlation over seeds from which the weights are called stable


@dataclass(frozen=True)
class Explanation:
    """LIME's weights of one image, for all classes from one pass.

    Attributes:
        segments: int (height, width), the segment of every pixel, 0..k-1.
        weights: float64 (classes, k): what showing a segment adds to each class's centred logit.
    """

    segments: np.ndarray
    weights: np.ndarray

    def weights_of(self, target) -> np.ndarray:
        """Weights float64 (k,) for a class, or for a pair: the first class's logit minus the second's."""
        # The rows of the target's weights add up to 0, so that centring twice changes nothing.
        return core.target_weights(np.asarray(target)[None], len(self.weights))[0] @ self.weights

    def map_of(self, target) -> np.ndarray:
        """The weight of its segment at every pixel, float32 (height, width), in logits, signed."""
        return self.weights_of(target)[self.segments].astype("float32")


def lime(model: keras.Model, images: np.ndarray, targets: np.ndarray, **options) -> np.ndarray:
    """LIME's weight of each pixel's segment, float32 (n, height, width); options as for ``explanations``.

    Raises:
        ValueError: images, targets or options that do not fit.
    """
    images, _ = core.checked(model, images, targets)
    found = explanations(model, images, **options)
    maps = [one.map_of(target) for one, target in zip(found, np.asarray(targets), strict=True)]
    return np.stack(maps) if maps else np.zeros(images.shape[:3], "float32")


def explanations(
    model: keras.Model,
    images: np.ndarray,
    *,
    segments: str = "slic",
    number: int = ABOUT,
    samples: int = 1000,
    fill: str = "grey",
    seed: int = 0,
    precision: str = "float32",
) -> list[Explanation]:
    """LIME for all classes of each image; every image gets the same random numbers.

    Args:
        model: raw pixels in, logits out.
        images: (n, height, width, channels), 0..255.
        segments: ``slic`` (superpixels of each image) or ``grid`` (8 x 8 cells, the same on every image).
        number: how many superpixels SLIC is asked for.
        samples: perturbed images an image, 2 or more; stable from 20 to 30 a segment on.
        fill: what stands where a segment is hidden, see ``core.baseline``.
        seed: of the perturbations.
        precision: of the convolutions, ``float32`` or ``bfloat16``.

    Raises:
        ValueError: another kind of segments, fill or precision, too few samples, or images of another size.
    """
    if precision not in PRECISIONS or samples < 2:
        known = " or ".join(PRECISIONS)
        raise ValueError(f"precision={precision!r}, samples={samples}: take {known}, and 2 or more")
    images, _ = core.checked(model, images, np.zeros(len(images), int))
    logits = _perturbed(model, precision)
    found = []
    for image, hidden in zip(images, core.baseline(images, fill), strict=True):
        cells = segment(image, segments, number)
        # Not the argument random_seed: that one seeds nothing but the package's own segmentation.
        fit = _InGraph(logits, feature_selection="none", random_state=seed).explain_instance(
            image,
            None,
            labels=range(model.output_shape[-1]),
            top_labels=None,  # all classes: a class outside of the top ones would be missing
            hide_color=hidden,
            num_samples=samples,
            segmentation_fn=lambda _, cells=cells: cells,
        )
        # Its score is left alone: the R2 of the last class only, which rises with too few samples.
        weights = np.zeros((model.output_shape[-1], cells.max() + 1))
        for label, pairs in fit.local_exp.items():
            weights[label, [feature for feature, _ in pairs]] = [weight for _, weight in pairs]
        found.append(Explanation(cells, weights))
    return found


def resolved(model: keras.Model, **options) -> dict:
    """Every setting as a plain value, those of the package with them (cosine distance, kernel width, ridge)."""
    usual = {**core.defaults(explanations), **options}
    if usual["segments"] == "grid":
        usual["number"] = min(GRID, model.input_shape[1]) * min(GRID, model.input_shape[2])
    return {**usual, "kernel": 0.25, "ridge": 1.0}


def segment(image: np.ndarray, segments: str = "slic", number: int = ABOUT) -> np.ndarray:
    """Segments of an image (height, width, 1 or 3) in 0..255: int64 (height, width), 0..k-1, none of them empty.

    SLIC works on grey values, or on colours in CIELAB, which spreads each image's values over the same range; its
    smoothing grows with the image, so that the number of segments does not.

    Raises:
        ValueError: another kind of segments, or fewer than one.
    """
    if segments not in SEGMENTS or number < 1:
        known = " or ".join(SEGMENTS)
        raise ValueError(f"segments={segments!r}, number={number}: take {known}, and 1 or more")
    height, width, channels = image.shape
    if segments == "grid":
        rows, columns = (np.arange(side) * min(GRID, side) // side for side in (height, width))
        return rows[:, None] * min(GRID, width) + columns
    grey = channels == 1
    found = slic(
        np.clip(image[..., 0] if grey else image, 0, 255) / 255,
        n_segments=number,
        compactness=0.1 if grey else 10,  # each a tenth of the values' range
        sigma=min(height, width) / 48,
        channel_axis=None if grey else -1,
        start_label=0,  # from 1 the package would explain a segment that is none, and hide the last one never
    )
    return np.unique(found, return_inverse=True)[1].reshape(height, width)


@dataclass(frozen=True)
class Stability:
    """How alike the weights come out under other seeds.

    Attributes:
        mean: of the images' mean rank correlations over pairs of seeds.
        lowest: of one image.
        verdict: that the mean is above ``STABLE``.
    """

    mean: stats.Estimate
    lowest: float
    verdict: stats.Verdict


def stability(draws: Sequence[Sequence[Explanation]], targets: np.ndarray) -> Stability:
    """Compare explanations of the same n images under two or more seeds; targets as for every method."""
    found = rank_correlations(draws, targets)
    verdict = stats.mean(found - STABLE).verdict
    return Stability(stats.mean(found), float(found.min()), verdict)


def rank_correlations(draws: Sequence[Sequence[Explanation]], targets: np.ndarray) -> np.ndarray:
    """The mean rank correlation of an image's weights over pairs of seeds, float64 (n,).

    Args:
        draws: for each seed, two or more of them, the explanations of the same n images.
        targets: classes or pairs of classes, as for every method.
    """
    if len(draws) < 2:
        raise ValueError("one seed shows no stability: give two or more")
    found = []
    for images, target in zip(zip(*draws, strict=True), np.asarray(targets), strict=True):
        weights = [one.weights_of(target) for one in images]
        found.append(np.mean([rank_correlation(a, b) for a, b in combinations(weights, 2)]))
    return np.array(found)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation of two rows of numbers; 0 where one of them does not vary."""
    return float(np.nan_to_num(stats.spearman(first[None], second[None])[0]))


class _InGraph(LimeImageExplainer):
    """The package's explainer with perturbed images made in the graph; random numbers are drawn as it draws them."""

    def __init__(self, logits, **options):
        super().__init__(**options)
        self.logits = logits

    def data_labels(self, image, fudged_image, segments, classifier_fn, num_samples, batch_size=10):
        count = segments.max() + 1
        shown = self.random_state.randint(0, 2, num_samples * count).reshape(num_samples, count)
        shown[0] = 1
        found = self.logits(image, fudged_image, segments, shown)
        return shown, found - found.mean(-1, keepdims=True)


def _perturbed(model: keras.Model, precision: str):
    """Logits (n, classes) of one image under masks: (image, fill, segments, shown (n, k)) -> logits."""

    def make():
        network = model if precision == "float32" else _in_bfloat16(model)
        pixels = tf.TensorSpec(model.input_shape[1:])
        cells = tf.TensorSpec(model.input_shape[1:3], tf.int32)
        masks = tf.TensorSpec([BATCH, None], tf.bool)

        @tf.function(input_signature=[pixels, pixels, cells, masks], autograph=False)
        def forward(image, fill, segments, shown):
            kept = tf.gather(shown, segments, axis=1)[..., None]
            return (network(tf.where(kept, image, fill), training=False),)

        return forward

    function = core.compiled(model, f"lime {precision}", make)

    def logits(image, fill, segments, shown):
        parts = ((image, "float32"), (fill, "float32"), (segments, "int32"))
        same = [tf.convert_to_tensor(part, dtype) for part, dtype in parts]
        found = core.batched(lambda part: function(*same, part), shown.astype(bool), batch=BATCH)
        return found[0].astype("float64")

    return logits


def _in_bfloat16(model: keras.Model) -> keras.Model:
    """A copy that computes its convolutions in bfloat16; what surrounds them would only become slower."""

    def lower(layer):
        changed = {"dtype": "mixed_bfloat16"} if isinstance(layer, keras.layers.Conv2D) else {}
        return type(layer).from_config(layer.get_config() | changed)

    copy = keras.models.clone_model(model, clone_function=lower)
    copy.set_weights(model.get_weights())
    return copy
