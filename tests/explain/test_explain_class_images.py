"""Class images: known answers on linear networks, a control that reaches what it should, and verdicts that turn."""

import numpy as np
import pytest
from small_networks import linear

from helpers.explain import class_images, selection
from helpers.stats import Verdict

WEIGHTS = np.random.default_rng(0).standard_normal((8 * 8, 3)) / 500


def test_a_linear_networks_class_image_is_the_sign_of_its_centred_weight():
    images = class_images.class_images(linear(WEIGHTS), range(3), regulariser="none", steps=60)
    centred = (WEIGHTS - WEIGHTS.mean(-1, keepdims=True)).T.reshape(3, 8, 8, 1)
    assert images.shape == (3, 8, 8, 1)
    assert images.min() >= 0
    assert images.max() <= 255
    assert ((images > 127.5) == (centred > 0)).mean() > 0.97


def test_an_adversarial_image_is_as_sure_as_is_wanted_by_a_small_change():
    model = linear(WEIGHTS)
    starts = np.full((4, 8, 8, 1), 128, "uint8")
    wanted = np.array([0.4, 2.0, 9.0, 1e3])
    found = class_images.adversarial(model, starts, [1] * 4, wanted, most=600)
    assert found.reached.tolist() == [True, True, True, False], "the last one cannot be reached"
    odds = class_images.log_odds(model, found.images, [1] * 4)
    np.testing.assert_allclose(odds[:3], wanted[:3], atol=0.15)
    assert (np.diff(found.size) > 0).all()
    assert found.size[2] > 6, "however far that is"
    assert 0 <= found.images.min() <= found.images.max() <= 255
    chance = class_images.chances({"a": model}, found.images, [1] * 4)[0]
    np.testing.assert_allclose(chance, 1 / (1 + np.exp(-odds)))


def test_what_is_missing_is_left_out():
    chosen = {0: {"median right": 4}, 1: {}, 2: {"median right": 9}}
    assert class_images.other_images(range(3), chosen, "median right") == [9, 9, 4]
    alone = {0: {}, 1: {"median right": 3}, 2: {}}
    assert class_images.other_images(range(3), alone, "median right") == [3, None, 3]
    images, model = np.zeros((10, 8, 8, 1), "uint8"), linear(WEIGHTS)
    taken = class_images.taken(images, [3, None])
    chances = class_images.chances({"a": model, "b": model}, taken, [0, 1])
    assert np.isnan(chances[:, 1]).all()
    assert np.isfinite(chances[:, 0]).all()
    means = selection.class_means(images + 3, np.array([0] * 10), [0, 1])
    assert (means[0] == 3).all()
    assert np.isnan(means[1]).all()
    found = class_images.adversarial(model, taken, [0, 1], np.array([2.0, 2.0]))
    assert np.isnan(found.size[1])
    assert np.isfinite(found.size[0])


def judged(own, second, half, classes=7):
    spread = np.linspace(-0.02, 0.02, classes)
    return np.array([[own] * classes, second + spread, half + spread])


@pytest.mark.parametrize(
    ("best", "control", "real", "kind"),
    [
        (judged(0.99, 0.9, 0.8), judged(0.99, 0.2, 0.2), 0.9, "convincing"),
        (judged(0.99, 0.4, 0.4), judged(0.99, 0.2, 0.2), 0.9, "partly"),
        (judged(0.99, 0.9, 0.4), judged(0.99, 0.2, 0.2), 0.9, "partly"),
        (judged(0.99, 0.9, 0.2), judged(0.99, 0.2, 0.3), 0.9, "one"),
        (judged(0.99, 0.2, 0.2), judged(0.99, 0.4, 0.4), 0.9, "adversarial"),
        (judged(0.99, 0.2, 0.2), judged(0.99, 0.4, 0.4), 0.3, "unfit"),
        (judged(0.2, 0.9, 0.9), judged(0.2, 0.1, 0.1), 0.9, "failed"),
        (judged(0.99, 0.9, 0.9), np.full((3, 7), np.nan), 0.9, "unjudged"),
    ],
)
def test_the_judgement_follows_the_judges(best, control, real, kind):
    found = class_images.judge(best, control, judged(0.99, real, real), ("transfer", "half"), 7)
    assert found.kind == kind
    for judge in found.judges.values():
        assert 0 <= judge.probability.low <= judge.probability.high <= 1
        assert judge.verdict == Verdict.HOLDS or kind not in ("convincing", "partly")
    if kind == "adversarial":
        assert found.judges["half"].verdict == Verdict.FAILS
