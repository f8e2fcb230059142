"""LIME: finds what was planted, agrees with the package's own call, and keeps clear of its traps."""

from types import SimpleNamespace

import numpy as np
import pytest
import small_networks
from lime.lime_image import LimeImageExplainer
from skimage.color import gray2rgb
from skimage.segmentation import slic

from helpers.backend import keras
from helpers.explain import class_evidence, core, hiding, lime
from helpers.explain.hiding import hide
from helpers.explain.regions import Place
from helpers.stats import Estimate, Verdict

SIZE, CLASSES = 16, 3


def planted(rows: slice, columns: slice, channels: int = 1) -> keras.Model:
    """Class 0 is how bright one patch is; the other classes see nothing."""
    weights = np.zeros((SIZE, SIZE, channels, CLASSES))
    weights[rows, columns, :, 0] = 0.01
    return small_networks.linear(weights.reshape(-1, CLASSES), channels=channels)


def convolutional() -> keras.Model:
    return small_networks.convolutional(1, SIZE)


def images(n: int = 2, channels: int = 1) -> np.ndarray:
    return small_networks.noise(n, SIZE, channels)


@pytest.mark.parametrize(("corner", "channels"), [((0, 0), 1), ((6, 10), 3), ((14, 14), 1)])
def test_the_planted_segment_is_found_also_the_last_one(corner, channels):
    rows, columns = (slice(start, start + 2) for start in corner)
    model = planted(rows, columns, channels)
    white = np.full((1, SIZE, SIZE, channels), 255, np.uint8)
    map_ = lime.lime(model, white, np.array([0]), segments="grid", samples=800)[0]
    there = map_[rows, columns].copy()
    # Showing the patch instead of grey: 4 pixels of 127.5 levels more, of which the centring takes a third away.
    assert there.mean() == pytest.approx(0.01 * 4 * channels * 127.5 * 2 / 3, rel=0.05)
    assert np.ptp(there) == 0
    map_[rows, columns] = 0
    assert np.abs(map_).max() < 0.02 * there.max()


def test_segments_are_numbered_from_0_without_gaps():
    """From 1, feature 0 would be a phantom and the last segment never hidden."""
    for channels in (1, 3):
        for how in lime.SEGMENTS:
            found = lime.segment(images(1, channels)[0], how, 20)
            assert np.array_equal(np.unique(found), np.arange(found.max() + 1))
    assert lime.segment(images(1)[0], "grid").max() == 63
    assert lime.segment(images(1)[0, :5], "grid").max() == 5 * 8 - 1


def test_weights_are_those_of_the_package_called_by_default():
    """Same segments, same perturbations: the same weights, not only the same order."""
    model, image = convolutional(), images(1)[0]
    segments = slic(image[..., 0] / 255, 20, 0.1, sigma=SIZE / 48, channel_axis=None, start_label=0)

    def centred(batch):
        logits = core.logits_of(model, batch[..., :1])
        return logits - logits.mean(-1, keepdims=True)

    options = {"labels": range(CLASSES), "top_labels": None, "hide_color": 127.5}
    options |= {"num_samples": 200, "segmentation_fn": lambda _: segments}
    colour = gray2rgb(image[..., 0].astype("float32"))
    theirs = LimeImageExplainer(random_state=5).explain_instance(colour, centred, **options)
    ours = lime.explanations(model, image[None], number=20, samples=200, seed=5)[0]
    assert np.array_equal(ours.segments, segments)
    for label in range(CLASSES):
        expected = dict(theirs.local_exp[label])
        expected = np.array([expected[feature] for feature in range(len(expected))])
        assert np.allclose(ours.weights[label], expected, rtol=1e-3, atol=1e-7)


def test_the_seed_governs_the_perturbations():
    model, two, targets = convolutional(), images(), np.array([0, 1])
    first, again, other = (lime.lime(model, two, targets, samples=100, seed=s) for s in (0, 0, 1))
    assert first.tobytes() == again.tobytes()
    assert not np.array_equal(first, other)
    alone = lime.lime(model, two[1:], targets[1:], samples=100, seed=0)
    assert np.array_equal(alone[0], first[1])  # whatever other images there are


def test_the_fill_is_what_stands_where_a_segment_is_hidden():
    model = planted(slice(0, 2), slice(0, 2))
    grey = np.full((1, SIZE, SIZE, 1), 127.5)
    maps = {
        fill: lime.lime(model, grey, np.array([0]), segments="grid", samples=200, fill=fill)
        for fill in core.BASELINES
    }
    assert all(np.abs(maps[fill]).max() < 1e-6 for fill in ("grey", "mean", "blur"))
    assert maps["black"][0, 0, 0] > 1


def test_a_verdict_on_stability_turns_with_the_seeds():
    rng = np.random.default_rng(0)

    def judged(noise):
        truth = rng.normal(size=(8, CLASSES, 64))
        seeds = [truth + noise * rng.normal(size=truth.shape) for _ in range(2)]
        draws = [[SimpleNamespace(weights_of=one.__getitem__) for one in each] for each in seeds]
        return lime.stability(draws, np.arange(8) % CLASSES)

    few, steady = judged(1.0), judged(0.05)
    assert (few.verdict, steady.verdict) == (Verdict.FAILS, Verdict.HOLDS)
    assert few.lowest < few.mean.value < steady.mean.value


# --- what becomes of the answer when cells are hidden ---


def hidden(top: float, random: float, centre: float, n: int = 40) -> dict[str, np.ndarray]:
    noise = np.random.default_rng(0).normal(0, 0.02, n)
    return {"top": top + noise, "random": random + noise[::-1], "centre": centre - noise}


@pytest.mark.parametrize(
    ("grey", "blur", "verdict"),
    [
        (hidden(0.5, 0.1, 0.2), hidden(0.4, 0.1, 0.1), Verdict.HOLDS),
        (hidden(0.5, 0.1, 0.2), hidden(0.1, 0.1, 0.1), Verdict.UNDECIDED),
        (hidden(0.1, 0.5, 0.1), hidden(0.1, 0.5, 0.1), Verdict.FAILS),
    ],
)
def test_the_check_turns_with_its_numbers(grey, blur, verdict):
    rows = hiding.check({"grey": grey, "blur": blur})
    assert [row.way for row in rows] == ["top", "random", "centre"] * 2
    assert [row.fill for row in rows] == ["grey"] * 3 + ["blur"] * 3
    assert rows[0].difference is None
    assert hiding.verdict(rows, "random") == verdict


def test_hiding_the_planted_cell_takes_the_answer_and_random_cells_do_not():
    model = planted(slice(0, 2), slice(0, 2))
    white = np.full((4, SIZE, SIZE, 1), 255, np.uint8)
    found = lime.explanations(model, white, segments="grid", samples=300)
    weights, cells = np.stack([one.weights_of(0) for one in found]), found[0].segments
    ways, again = (hide(model, white, weights, cells, count=1, fill="black") for _ in range(2))
    assert (ways["top"] > 0.5).all()
    assert (ways["random"] < 0.2).all()
    assert np.allclose(ways["centre"], 0, atol=1e-6)
    assert ways["top"].shape == ways["random"].shape == (4,)
    assert all(ways[name].tobytes() == again[name].tobytes() for name in ways)


# --- each class's evidence ---


def test_a_class_is_told_by_its_evidence_and_its_rival():
    counts = np.array([[8, 2, 0], [1, 9, 0], [0, 0, 0]])
    place = Place("mouth", Estimate(2, 1.5, 2.5, 10), True)
    places = {0: place, 1: place}
    rows = class_evidence.by_class(counts, np.array([0, 0, 1]), places, ["a", "b", "c"])
    first, second, third = rows
    assert (first.recall.value, first.rival, first.mistaken.hits, first.train) == (0.8, "b", 2, 2)
    assert (third.rival, third.place, third.recall.n) == (None, None, 0)
    assert second.rival == "a"
