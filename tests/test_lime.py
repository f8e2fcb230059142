"""LIME: finds what was planted, agrees with the package's own call, and keeps clear of its traps."""

import numpy as np
import pytest
from lime.lime_image import LimeImageExplainer
from skimage.color import gray2rgb
from skimage.segmentation import slic

from helpers import explain
from helpers.backend import keras
from helpers.explain import core, lime_segments

SIZE, CLASSES = 16, 3


def linear(kernel: np.ndarray, channels: int = 1) -> keras.Model:
    """Logits that are weighted sums of the pixels; ``kernel`` is (classes, height, width)."""
    pixels = keras.Input((SIZE, SIZE, channels))
    model = keras.Model(pixels, keras.layers.Dense(len(kernel), name="logits")(keras.layers.Flatten()(pixels)))
    flat = np.repeat(kernel.reshape(len(kernel), -1), channels, 1).T.astype("float32")
    model.layers[-1].set_weights([flat, np.zeros(len(kernel), "float32")])
    return model


def planted(rows: slice, columns: slice, channels: int = 1) -> keras.Model:
    """Class 0 is how bright one patch is; the other classes see nothing."""
    kernel = np.zeros((CLASSES, SIZE, SIZE))
    kernel[0, rows, columns] = 0.01
    return linear(kernel, channels)


def convolutional(channels: int = 1) -> keras.Model:
    keras.utils.set_random_seed(0)
    pixels = keras.Input((SIZE, SIZE, channels))
    x = keras.layers.Rescaling(1 / 255)(pixels)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(8, 3, activation="relu")(x))
    return keras.Model(pixels, keras.layers.Dense(CLASSES, name="logits")(x))


def images(n: int = 2, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, SIZE, SIZE, channels), dtype=np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("corner", [(0, 0), (6, 10), (14, 14)])
def test_the_planted_segment_is_found_also_the_last_one(corner, channels):
    rows, columns = (slice(start, start + 2) for start in corner)
    model = planted(rows, columns, channels)
    white = np.full((1, SIZE, SIZE, channels), 255, np.uint8)
    map_ = lime_segments.lime_segments(model, white, np.array([0]), segments="grid", samples=800)[0]
    there = map_[rows, columns].copy()
    # Showing the patch instead of grey: 4 pixels of 127.5 levels more, of which the centring takes a third away.
    assert there.mean() == pytest.approx(0.01 * 4 * channels * 127.5 * 2 / 3, rel=0.05)
    assert np.ptp(there) == 0
    map_[rows, columns] = 0
    assert np.abs(map_).max() < 0.02 * there.max()


def test_segments_are_numbered_from_0_without_gaps():
    """From 1, feature 0 would be a phantom and the last segment never hidden."""
    for channels in (1, 3):
        for how in lime_segments.SEGMENTS:
            found = lime_segments.segment(images(1, channels)[0], how, 20)
            assert np.array_equal(np.unique(found), np.arange(found.max() + 1))
    assert lime_segments.segment(images(1)[0], "grid").max() == 63
    assert lime_segments.segment(images(1)[0, :5], "grid").max() == 5 * 8 - 1


def test_the_number_of_segments_does_not_grow_with_the_image():
    small = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    counts = [lime_segments.segment(small.repeat(times, 0).repeat(times, 1)).max() + 1 for times in (8, 21)]
    assert all(25 <= count <= 75 for count in counts)


def test_weights_are_those_of_the_package_called_by_default():
    """Same segments, same perturbations: the same weights, not only the same order."""
    model, image = convolutional(), images(1)[0]
    segments = slic(image[..., 0] / 255, 20, 0.1, sigma=SIZE / 48, channel_axis=None, start_label=0)

    def centred(batch):
        logits = core.logits_of(model, batch[..., :1])
        return logits - logits.mean(-1, keepdims=True)

    theirs = LimeImageExplainer(random_state=5).explain_instance(
        gray2rgb(image[..., 0].astype("float32")),
        centred,
        labels=range(CLASSES),
        top_labels=None,
        hide_color=127.5,
        num_samples=200,
        segmentation_fn=lambda _: segments,
    )
    ours = lime_segments.explain(model, image[None], number=20, samples=200, seed=5)[0]
    assert np.array_equal(ours.segments, segments)
    for label in range(CLASSES):
        expected = dict(theirs.local_exp[label])
        expected = np.array([expected[feature] for feature in range(len(expected))])
        assert np.allclose(ours.weights[label], expected, rtol=1e-3, atol=1e-7)
        assert lime_segments.rank_correlation(ours.weights[label], expected) >= 0.95


def test_all_classes_come_from_one_pass_and_a_difference_from_no_other():
    model, two = convolutional(), images()
    found = lime_segments.explain(model, two, samples=100, segments="grid")
    assert all(one.weights.shape == (CLASSES, 64) for one in found)  # no KeyError for a class that is not at the top
    for one in found:
        assert np.allclose(one.weights.sum(0), 0, atol=1e-6)
        assert np.allclose(one.weights_of((0, 2)), one.weights[0] - one.weights[2])
        assert np.allclose(one.weights_of(1), one.weights[1])
    pairs = lime_segments.lime_segments(model, two, np.array([[0, 2], [1, 0]]), samples=100, segments="grid")
    assert np.allclose(pairs[1], found[1].map_of(1) - found[1].map_of(0), atol=1e-6)


def test_the_seed_governs_the_perturbations():
    model, two, targets = convolutional(), images(), np.array([0, 1])
    first, again, other = (
        lime_segments.lime_segments(model, two, targets, samples=100, seed=seed) for seed in (0, 0, 1)
    )
    assert first.tobytes() == again.tobytes()
    assert not np.array_equal(first, other)
    alone = lime_segments.lime_segments(model, two[1:], targets[1:], samples=100, seed=0)
    assert np.array_equal(alone[0], first[1])  # whatever other images there are


def test_nothing_is_printed_or_drawn_while_it_runs(capfd):
    lime_segments.lime_segments(convolutional(), images(1), np.array([0]), samples=100)
    assert capfd.readouterr() == ("", "")


def test_the_fill_is_what_stands_where_a_segment_is_hidden():
    model = planted(slice(0, 2), slice(0, 2))
    grey = np.full((1, SIZE, SIZE, 1), 127.5)
    maps = {
        fill: lime_segments.lime_segments(model, grey, np.array([0]), segments="grid", samples=200, fill=fill)
        for fill in core.BASELINES
    }
    assert all(np.abs(maps[fill]).max() < 1e-6 for fill in ("grey", "mean", "blur"))
    assert maps["black"][0, 0, 0] > 1


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("precision", lime_segments.PRECISIONS)
def test_constant_images_give_finite_maps(channels, precision):
    for value in (0, 255):
        flat = np.full((1, SIZE, SIZE, channels), value, np.uint8)
        maps = lime_segments.lime_segments(
            convolutional(channels), flat, np.array([0]), samples=100, precision=precision
        )
        assert maps.shape == (1, SIZE, SIZE)
        assert maps.dtype == np.float32
        assert np.isfinite(maps).all()


def test_bfloat16_keeps_the_order_of_the_weights():
    model, one = convolutional(), images(1)
    exact, fast = (
        lime_segments.explain(model, one, samples=400, number=20, precision=p)[0] for p in lime_segments.PRECISIONS
    )
    assert lime_segments.rank_correlation(exact.weights[0], fast.weights[0]) > 0.9


def test_stability_is_the_rank_correlation_over_seeds():
    model, two = convolutional(), images()
    draws = {
        samples: [lime_segments.explain(model, two, segments="grid", samples=samples, seed=s) for s in (0, 1, 2)]
        for samples in (80, 4000)
    }
    few, many = (lime_segments.stability(draws[samples], np.array([0, 1])) for samples in (80, 4000))
    assert few.shape == (2,)
    assert (many > few).all()
    assert (many > 0.9).all()
    same = lime_segments.stability([draws[80][0], draws[80][0]], np.array([0, 1]))
    assert np.allclose(same, 1)
    with pytest.raises(ValueError, match="one seed"):
        lime_segments.stability(draws[80][:1], np.array([0, 1]))
    assert lime_segments.rank_correlation(np.zeros(4), np.arange(4)) == 0


def test_wrong_input_is_refused():
    model = convolutional()
    with pytest.raises(ValueError, match="network takes"):
        lime_segments.lime_segments(model, images(1, 3), np.array([0]))
    with pytest.raises(ValueError, match="whole numbers"):
        lime_segments.lime_segments(model, images(1), np.array([CLASSES]))
    for wrong in ({"segments": "hexagons"}, {"fill": "pink"}, {"samples": 1}, {"precision": "int8"}, {"number": 0}):
        with pytest.raises(ValueError, match=str(next(iter(wrong.values())))):
            lime_segments.explain(model, images(1), **wrong)
    assert lime_segments.lime_segments(model, images(0), np.zeros(0, int)).shape == (0, SIZE, SIZE)


def test_lime_stands_in_the_registry():
    method = explain.METHODS["lime"]
    assert method.costly
    assert method.signed
    assert method.run is lime_segments.lime_segments
