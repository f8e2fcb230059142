"""Attribution methods, by axiom and by known answer."""

from functools import cache

import numpy as np
import pytest
from small_networks import CLASSES, SIDE, TARGETS, convolutional, linear, noise

from helpers import stats
from helpers.backend import keras, layers
from helpers.explain import core, methods, regions
from helpers.explain.grad_cam import grad_cam
from helpers.explain.gradient import gradient
from helpers.explain.integrated_gradients import integrated_gradients
from helpers.explain.occlusion import occlusion
from helpers.explain.smoothgrad import smoothgrad

WEIGHTS = np.random.default_rng(2).normal(size=(SIDE * SIDE, CLASSES))


@cache
def patch_detector(value: int):
    """Class 0 by one patch alone: its logit grows as the patch comes nearer to ``value``."""
    mask = np.zeros((SIDE, SIDE, 1), "float32")
    mask[2:6, 6:10] = 1
    pixels = layers.Input((SIDE, SIDE, 1))
    mean = layers.Dense(1, use_bias=False, name="mean")(layers.Flatten()(pixels))
    away = layers.Dense(2, activation="relu", name="away")(mean)
    model = keras.Model(pixels, layers.Dense(CLASSES, name="logits")(away))
    model.get_layer("mean").set_weights([mask.reshape(-1, 1) / mask.sum()])
    away = [np.array([[1.0, -1.0]]), np.array([-value, value], "float32")]
    model.get_layer("away").set_weights(away)
    logits = np.zeros((2, CLASSES), "float32")
    logits[:, 0] = -0.1
    model.get_layer("logits").set_weights([logits, np.zeros(CLASSES)])
    return model, mask[..., 0].astype(bool)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_gradient_of_a_linear_network_is_its_weight(channels):
    weights = np.random.default_rng(1).normal(size=(SIDE * SIDE * channels, CLASSES))
    centred = weights - weights.mean(1, keepdims=True)
    expected = centred.reshape(SIDE, SIDE, channels, CLASSES).sum(2).transpose(2, 0, 1)
    found = gradient(linear(weights, channels=channels), noise(5, channels=channels), TARGETS)
    np.testing.assert_allclose(found, expected[TARGETS], rtol=1e-4, atol=1e-6)


def test_a_difference_of_classes_is_explained_by_the_difference_of_weights():
    pairs = np.array([[0, 1], [2, 1], [1, 0], [0, 2], [2, 0]])
    found = gradient(linear(WEIGHTS), noise(), pairs).reshape(5, -1)
    expected = (WEIGHTS[:, pairs[:, 0]] - WEIGHTS[:, pairs[:, 1]]).T
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("baseline", core.BASELINES)
def test_integrated_gradients_are_complete(baseline):
    model = convolutional()
    maps = integrated_gradients(model, noise(), TARGETS, baseline=baseline, steps=300)
    ends = [core.scores_of(model, x, TARGETS) for x in (noise(), core.baseline(noise(), baseline))]
    np.testing.assert_allclose(maps.sum((1, 2)), ends[0] - ends[1], atol=2e-3)


def test_smoothgrad_without_noise_is_the_gradient():
    model = convolutional()
    plain = gradient(model, noise(), TARGETS)
    for reduce, expected in (("mean", plain), ("absolute", np.abs(plain)), ("squared", plain**2)):
        copies = core.BATCH // 4 + 1  # batches end within an image
        found = smoothgrad(model, noise(), TARGETS, reduce=reduce, samples=copies, sigma=0)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-9)


def test_occlusion_of_a_linear_network_is_known():
    found = occlusion(linear(WEIGHTS), noise(), TARGETS, size=1, stride=1, fill="black")
    by_hand = gradient(linear(WEIGHTS), noise(), TARGETS) * noise()[..., 0]
    np.testing.assert_allclose(found, by_hand, rtol=1e-3, atol=0.05)
    unused = np.zeros((SIDE, SIDE, CLASSES))
    unused[:, :4, 0] = 1
    found = occlusion(linear(unused.reshape(-1, CLASSES)), noise(), TARGETS, size=2, stride=1)
    assert (found[:, :, 5:] == 0).all()
    assert np.abs(found[:, :, :3]).max() > 1


def test_grad_cam_of_a_network_whose_last_map_is_known():
    pixels = layers.Input((SIDE, SIDE, 1))
    maps = layers.Conv2D(2, 1, use_bias=False, name="maps")(pixels)
    logits = layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D()(maps))
    model = keras.Model(pixels, logits)
    model.get_layer("maps").set_weights([np.array([1.0, -1.0]).reshape(1, 1, 1, 2)])
    model.get_layer("logits").set_weights([np.array([[2.0, 0.0], [0.0, 0.0]]), np.zeros(2)])
    # The centred logit of class 0 is the mean of map 1, that of class 1 minus it: nothing positive is left.
    found = grad_cam(model, noise(2), np.array([0, 1]), layer="maps")
    np.testing.assert_allclose(found[0], noise(2)[0, ..., 0] / SIDE**2, rtol=1e-4)
    assert (found[1] == 0).all()


@pytest.mark.parametrize(
    "name", [name for name in methods.METHODS if not methods.METHODS[name].layered]
)
def test_a_patch_that_alone_decides_is_found(name):
    model, mask = patch_detector(200)
    images = np.random.default_rng(6).integers(90, 120, (3, SIDE, SIDE, 1))
    images[:, mask] = 230
    maps = np.abs(methods.METHODS[name].run(model, images, np.zeros(3, int)))
    assert (maps[:, mask].mean(1) > 5 * maps[:, ~mask].mean(1)).all()
    if not methods.METHODS[name].costly:
        assert (regions.shares(maps, mask.astype(int), 2)[:, 1] > 0.99).all()


@pytest.mark.parametrize("name", ["integrated_gradients", "occlusion"])
def test_a_patch_that_equals_the_baseline_is_missed_by_what_compares_with_it(name):
    model, mask = patch_detector(200)
    images = np.random.default_rng(7).integers(90, 120, (2, SIDE, SIDE, 1)).astype("float32")
    images[:, mask] = 127.5
    maps = np.abs(methods.METHODS[name].run(model, images, np.zeros(2, int)))
    assert maps[:, mask].max() < 1e-4
    assert np.abs(gradient(model, images, np.zeros(2, int)))[:, mask].min() > 1e-4


@pytest.mark.parametrize("name", list(methods.METHODS))
def test_every_method_gives_maps_of_one_kind(name):
    method, images, model = methods.METHODS[name], noise(3, channels=3), convolutional(3)
    images[2] = 128
    found = methods.maps_of(model, images, TARGETS[:3], ["gradient", name])[name]
    assert found.shape == (3, SIDE, SIDE)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert method.signed or (found >= 0).all()
    assert found.tobytes() == method.run(model, images, TARGETS[:3]).tobytes()
    # A map depends on its own image alone, but for the last bits of the sums.
    alone = method.run(model, images[1:2], TARGETS[1:2])
    np.testing.assert_allclose(found[1:2], alone, rtol=1e-3, atol=1e-5)
    assert method.run(model, images[:0], TARGETS[:0]).shape == (0, SIDE, SIDE)


@pytest.mark.parametrize("name", list(methods.METHODS))
def test_what_does_not_fit_the_network_is_refused(name):
    run, model, images = methods.METHODS[name].run, convolutional(), noise()
    far = np.array([0, 1, 2, 0, 3])
    for wrong in (far, far - 1, TARGETS[:2], TARGETS + 0.5, np.zeros((5, 3), int)):
        with pytest.raises(ValueError, match="targets"):
            run(model, images, wrong)
    with pytest.raises(ValueError, match="itself"):
        run(model, images, np.array([[0, 1], [1, 1], [0, 1], [0, 1], [0, 1]]))
    for wrong in (np.repeat(images, 3, -1), images[:, :-1], images[..., 0]):
        with pytest.raises(ValueError, match="the network takes"):
            run(model, wrong, TARGETS)


# --- what they share ---


@pytest.mark.parametrize("corner", [(0, 0), (14, 14)])
def test_a_random_map_points_everywhere_alike(corner):
    """A blur that repeats or mirrors the edges makes it point at a corner up to five times too often."""
    top, left = corner
    inside = np.zeros((40, 40), bool)
    inside[top : top + 8, left : left + 8] = True  # 4 % of the image
    maps = core.blurred(np.random.default_rng(top + left).random((2000, 40, 40), "float32"))
    highest = maps.reshape(len(maps), -1).argmax(1)
    found = stats.rate(int(inside.ravel()[highest].sum()), len(maps))
    assert found.low < inside.mean() < found.high
    np.testing.assert_allclose(maps.std(0), maps.std(0).mean(), rtol=0.1)
    np.testing.assert_allclose(maps.mean(), 0.5, atol=1e-3)  # the blur keeps the sum
