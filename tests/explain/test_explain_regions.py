"""Where maps lie, against what knows nothing: regions, controls, and which images are chosen."""

import numpy as np
import pytest
from small_networks import SIDE, convolutional, noise

from helpers import stats
from helpers.explain import controls, core, regions, selection
from helpers.stats import Verdict

RNG = np.random.default_rng(0)


# --- regions ---


def test_shares_add_up_and_follow_the_map():
    region = np.repeat([[0, 0, 1, 1]], 4, 0)
    maps = np.zeros((3, 4, 4))
    maps[0, :, 3], maps[1] = -2, 1
    np.testing.assert_allclose(regions.shares(maps, region, 2), [[0, 1], [0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_allclose(regions.areas(region, 2, 2), [[0.5, 0.5]] * 2)


def around(first: float, n: int = 80) -> np.ndarray:
    first = first + RNG.normal(0, 0.02, n)
    return np.stack([first, 1 - first], -1)


@pytest.mark.parametrize(
    ("mine", "others", "verdict"),
    [
        (0.6, (0.3, 0.4), Verdict.HOLDS),
        (0.2, (0.7, 0.4), Verdict.FAILS),
        (0.5, (0.6, 0.3), Verdict.UNDECIDED),  # less than the highest control alone proves nothing
        (0.45, (0.3, 0.45), Verdict.UNDECIDED),
    ],
)
def test_focus_needs_more_or_less_than_every_control(mine, others, verdict):
    area = np.tile([0.35, 0.65], (80, 1))
    controls_ = {name: around(share) for name, share in zip("xy", others, strict=True)}
    row = regions.focus(("a", "b"), around(mine), area, controls_)[0]
    assert row.verdict == verdict
    assert row.density.value == pytest.approx(row.share.value / row.area)
    assert row.control_density == pytest.approx(row.control_share / row.area)
    known = {"x": others[0], "y": others[1], "area": 0.35}
    assert row.control == max(known, key=known.get)
    assert 0 < row.share.low < row.share.high < 1


def test_the_printed_interval_decides():
    """One border case: shown alone, not shown among eight regions; interval and verdict say the same."""
    gap = np.resize([0.6, -0.27], 40)
    found = np.stack([0.4 + gap / 5] + [0.6 - gap / 5] + [np.zeros(40)] * 6, -1)
    area = np.tile([0.4, 0.6] + [0.0] * 6, (40, 1))
    alone = stats.mean(found[:, 0] - area[:, 0])
    row = regions.focus(list("abcdefgh"), found, area, {})[0]
    assert alone.low > 0 > row.difference.low
    assert row.verdict == Verdict.UNDECIDED


def test_maps_are_held_against_the_redrawn_regions():
    area, low = np.tile([0.5, 0.5], (80, 1)), {"x": around(0.2)}
    rows = regions.focus(("mouth", "eyes"), around(0.7), area, low)

    def verdict(mouth, eyes):
        effects = {"mouth": mouth + RNG.normal(0, 0.1, 80), "eyes": eyes + RNG.normal(0, 0.1, 80)}
        return regions.agreement(rows, effects).verdict

    assert verdict(2, 1) == Verdict.HOLDS
    assert verdict(1, 2) == Verdict.FAILS
    assert verdict(1, 1) == Verdict.UNDECIDED


def test_the_densest_region_leads_its_area():
    region = np.repeat([[0, 1, 1, 1]], 4, 0)
    maps = np.ones((30, 4, 4)) + np.resize([0.1, -0.1], 30)[:, None, None] * (region == 0)
    assert not regions.densest(maps, region, ("small", "large")).shown
    maps[:, :, 0] += 1
    place = regions.densest(maps, region, ("small", "large"))
    assert (place.name, place.shown) == ("small", True)
    assert place.density.value > 1.5


# --- controls, selection ---


def test_controls_look_at_the_image_or_at_nothing():
    assert np.array_equal(*controls.centre_gaussian(noise())[[0, 4]])
    assert not np.array_equal(controls.random(noise(), 0), controls.random(noise(), 1))
    flat = np.full((1, SIDE, SIDE, 1), 100, "uint8")
    assert controls.sobel(flat).max() < 1e-9
    flat[:, :, 6:] = 200
    assert controls.sobel(flat)[0, 5].argmax() in (5, 6)
    maps = np.arange(4.0).reshape(4, 1, 1)
    found = controls.class_mean(maps, np.array([0, 0, 0, 1]))[:, 0, 0]
    np.testing.assert_allclose(found, [1.5, 1, 0.5, 1])  # the image itself is left out


def test_control_maps_are_blurred_once_like_the_methods_own():
    def edges(model, shown, targets):
        return controls.sobel(shown)

    found = controls.control_maps(edges, convolutional(), noise(), None)
    assert np.array_equal(found["random_weights"][1], found["sobel"][0])
    assert np.array_equal(found["sobel"][0], core.blurred(controls.sobel(noise())))


def test_images_are_chosen_by_the_rule_and_never_a_duplicate():
    labels, gap = np.array([0, 0, 0, 0, 1, 1]), np.array([3.0, 1.0, 2.0, -4.0, 1.0, 2.0])
    logits, alike = np.stack([gap, np.zeros(6)], -1), np.array([1, 0, 0, 1, 0, 0], bool)
    sure, median, wrong = selection.RULES
    found = selection.choose(labels, logits)
    assert found == {0: {sure: 0, median: 2, wrong: 3}, 1: {wrong: 5}}
    assert selection.choose(labels, logits, alike)[0] == {sure: 2, median: 1}
    assert [pick for *_, pick in selection.flat(found)] == [0, 2, 3, 5]
    assert selection.best_recognised(labels, logits) == (0, True)
    assert selection.best_recognised(1 - labels[:1], logits[:1]) == (0, False)
    labels = np.repeat([0, 1, 2], [50, 30, 4])
    assert np.bincount(labels[selection.balanced(labels, 30)]).tolist() == [10, 10, 4]
    assert np.bincount(labels[selection.balanced(labels, 30, labels == 2)]).tolist() == [15, 15]
