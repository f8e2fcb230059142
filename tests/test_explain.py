"""Explanation methods, by axiom and by known answer."""

import numpy as np
import pytest

from helpers import explain
from helpers.backend import keras, layers
from helpers.explain import controls, core, gradients, occlusion, regions, selection

SIDE, CLASSES = 12, 3


def linear(weights, bias=None):
    """A network whose logits are weights (height * width * channels, classes) times the pixels."""
    side = SIDE, SIDE, len(weights) // SIDE**2
    model = keras.Sequential([layers.Input(side), layers.Flatten(), layers.Dense(weights.shape[1], name="logits")])
    model.set_weights([weights.astype("float32"), np.zeros(weights.shape[1]) if bias is None else bias])
    return model


def convolutional(channels=1):
    keras.utils.set_random_seed(3)
    pixels = layers.Input((SIDE, SIDE, channels))
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.Conv2D(6, 3, padding="same", activation="relu", name="conv")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(pixels, layers.Dense(CLASSES, name="logits")(x))


def patch_detector(value: int):
    """Class 0 by one patch alone: its logit grows as the patch comes nearer to ``value``; nothing else counts."""
    mask = np.zeros((SIDE, SIDE, 1), "float32")
    mask[2:6, 6:10] = 1
    pixels = layers.Input((SIDE, SIDE, 1))
    inside = layers.Flatten()(pixels)
    gap = layers.Dense(1, use_bias=False, name="mean")(inside)
    away = layers.Dense(2, activation="relu", name="away")(gap)
    model = keras.Model(pixels, layers.Dense(CLASSES, name="logits")(away))
    model.get_layer("mean").set_weights([mask.reshape(-1, 1) / mask.sum()])
    model.get_layer("away").set_weights([np.array([[1.0, -1.0]]), np.array([-value, value], "float32")])
    logits = np.zeros((2, CLASSES), "float32")
    logits[:, 0] = -0.1
    model.get_layer("logits").set_weights([logits, np.zeros(CLASSES)])
    return model, mask[..., 0].astype(bool)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 1)).astype("uint8")


TARGETS = np.array([0, 1, 2, 0, 1])


@pytest.mark.parametrize("channels", [1, 3])
def test_the_gradient_of_a_linear_network_is_its_weight(channels):
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(SIDE * SIDE * channels, CLASSES))
    images = rng.integers(0, 256, (4, SIDE, SIDE, channels))
    targets = np.array([0, 1, 2, 2])
    centred = (weights - weights.mean(1, keepdims=True)).reshape(SIDE, SIDE, channels, CLASSES).sum(2)
    found = gradients.gradient(linear(weights), images, targets)
    np.testing.assert_allclose(found, centred.transpose(2, 0, 1)[targets], rtol=1e-4, atol=1e-6)


def test_adding_the_same_to_all_logits_changes_no_map(images):
    rng = np.random.default_rng(2)
    weights, common = rng.normal(size=(SIDE * SIDE, CLASSES)), rng.normal(size=(SIDE * SIDE, 1))
    before, after = (gradients.gradient(linear(w), images, TARGETS) for w in (weights, weights + 5 * common))
    np.testing.assert_allclose(before, after, atol=1e-5)


def test_a_difference_of_classes_is_explained_by_the_difference_of_weights(images):
    weights = np.random.default_rng(3).normal(size=(SIDE * SIDE, CLASSES))
    pairs = np.array([[0, 1], [2, 1], [1, 0], [0, 2], [2, 0]])
    found = gradients.gradient(linear(weights), images, pairs).reshape(5, -1)
    np.testing.assert_allclose(found, (weights[:, pairs[:, 0]] - weights[:, pairs[:, 1]]).T, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("baseline", core.BASELINES)
def test_integrated_gradients_add_up_to_the_difference_of_scores(images, baseline):
    model = convolutional()
    maps, errors = gradients.integrated_gradients(model, images, TARGETS, baseline=baseline, steps=300, with_error=True)
    ends = [core.scores_of(model, end, TARGETS) for end in (images, core.baseline(images, baseline))]
    np.testing.assert_allclose(maps.sum((1, 2)), ends[0] - ends[1], atol=2e-3)
    np.testing.assert_allclose(errors, 0, atol=2e-3)


def test_smoothgrad_without_noise_is_the_gradient(images):
    model = convolutional()
    plain = gradients.gradient(model, images, TARGETS)
    for reduce, change in (("mean", lambda g: g), ("absolute", np.abs), ("squared", np.square)):
        found = gradients.smoothgrad(model, images, TARGETS, reduce=reduce, samples=3, sigma=0)
        np.testing.assert_allclose(found, change(plain), rtol=1e-4, atol=1e-9)


def test_occlusion_of_a_region_that_is_not_used_is_zero(images):
    weights = np.zeros((SIDE, SIDE, CLASSES))
    weights[:, :4, 0] = 1
    found = occlusion.occlusion(linear(weights.reshape(-1, CLASSES)), images, TARGETS, size=2, stride=1)
    assert (found[:, :, 5:] == 0).all()
    assert np.abs(found[:, :, :3]).max() > 1


def test_occlusion_of_a_linear_network_is_known(images):
    weights = np.random.default_rng(4).normal(size=(SIDE * SIDE, CLASSES))
    found = occlusion.occlusion(linear(weights), images, TARGETS, size=1, stride=1, fill="black")
    by_hand = gradients.gradient(linear(weights), images, TARGETS) * images[..., 0]
    np.testing.assert_allclose(found, by_hand, rtol=1e-3, atol=0.05)


def test_grad_cam_of_a_network_whose_last_map_is_known():
    pixels = layers.Input((SIDE, SIDE, 1))
    maps = layers.Conv2D(2, 1, use_bias=False, name="maps")(pixels)
    model = keras.Model(pixels, layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D()(maps)))
    model.get_layer("maps").set_weights([np.array([1.0, -1.0]).reshape(1, 1, 1, 2)])
    model.get_layer("logits").set_weights([np.array([[2.0, 0.0], [0.0, 0.0]]), np.zeros(2)])
    images = np.random.default_rng(5).integers(0, 256, (2, SIDE, SIDE, 1))
    # The centred logit of class 0 is the mean of map 1, that of class 1 minus it, of which nothing positive is left.
    found = gradients.grad_cam(model, images, np.array([0, 1]), layer="maps")
    np.testing.assert_allclose(found[0], images[0, ..., 0] / SIDE**2, rtol=1e-4)
    assert (found[1] == 0).all()


# Which of them compare the image with a baseline, grey by default.
AGAINST_GREY = ("integrated_gradients", "occlusion", "lime")


@pytest.mark.parametrize("name", [name for name in explain.METHODS if name != "grad_cam"])
def test_a_patch_that_alone_decides_is_found(name):
    model, mask = patch_detector(200)
    images = np.random.default_rng(6).integers(90, 120, (3, SIDE, SIDE, 1))
    images[:, mask] = 230
    maps = np.abs(explain.METHODS[name].run(model, images, np.zeros(3, int)))
    if name != "lime":
        assert (regions.shares(maps, mask.astype(int), 2)[:, 1] > (0.5 if name == "occlusion" else 0.99)).all()
    assert (maps[:, mask].mean(1) > 5 * maps[:, ~mask].mean(1)).all()


@pytest.mark.parametrize("name", [name for name in AGAINST_GREY if name in explain.METHODS])
def test_a_patch_that_equals_the_baseline_is_missed_by_what_compares_with_it(name):
    model, mask = patch_detector(200)
    images = np.random.default_rng(7).integers(90, 120, (2, SIDE, SIDE, 1)).astype("float32")
    images[:, mask] = 127.5
    maps = np.abs(explain.METHODS[name].run(model, images, np.zeros(2, int)))
    assert maps[:, mask].max() < 1e-4
    assert np.abs(gradients.gradient(model, images, np.zeros(2, int)))[:, mask].min() > 1e-4


def test_methods_asked_together_give_what_each_gives_alone(images):
    model, names = convolutional(), list(explain.METHODS)
    together = explain.maps_of(model, images, TARGETS, names)
    assert list(together) == names
    for name, maps in together.items():
        assert maps.tobytes() == explain.METHODS[name].run(model, images, TARGETS).tobytes(), name


@pytest.mark.parametrize("name", list(explain.METHODS))
def test_every_method_gives_maps_of_one_kind(name):
    run = explain.METHODS[name].run
    for channels in (1, 3):
        images = np.random.default_rng(8).integers(0, 256, (3, SIDE, SIDE, channels)).astype("uint8")
        images[2] = 128
        model = convolutional(channels)
        found = run(model, images, TARGETS[:3])
        assert found.shape == (3, SIDE, SIDE)
        assert found.dtype == np.float32
        assert np.isfinite(found).all()
        assert explain.METHODS[name].signed or (found >= 0).all()
        assert found.tobytes() == run(model, images, TARGETS[:3]).tobytes()
        # A map depends on its own image alone, but for the last bits of the sums.
        np.testing.assert_allclose(found[1:2], run(model, images[1:2], TARGETS[1:2]), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", list(explain.METHODS))
def test_what_does_not_fit_the_network_is_refused(name, images):
    run, model = explain.METHODS[name].run, convolutional()
    for wrong in (
        np.array([0, 1, 2, 0, 3]),
        np.array([-1, 0, 0, 0, 0]),
        TARGETS[:2],
        TARGETS + 0.5,
        np.zeros((5, 3), int),
    ):
        with pytest.raises(ValueError, match="targets"):
            run(model, images, wrong)
    with pytest.raises(ValueError, match="itself"):
        run(model, images, np.array([[0, 1], [1, 1], [0, 1], [0, 1], [0, 1]]))
    for wrong in (np.repeat(images, 3, -1), images[:, :-1], images[..., 0]):
        with pytest.raises(ValueError, match="the network takes"):
            run(model, wrong, TARGETS)


def test_wrong_options_are_refused(images):
    model = convolutional()
    with pytest.raises(ValueError, match="no layer 'nowhere'"):
        gradients.grad_cam(model, images, TARGETS, layer="nowhere")
    with pytest.raises(ValueError, match="convolutions"):
        gradients.grad_cam(linear(np.ones((SIDE * SIDE, CLASSES))), images, TARGETS)
    with pytest.raises(ValueError, match="no baseline is called 'white'"):
        gradients.integrated_gradients(model, images, TARGETS, baseline="white")
    with pytest.raises(ValueError, match="reduce"):
        gradients.smoothgrad(model, images, TARGETS, reduce="median")
    with pytest.raises(ValueError, match="stride"):
        occlusion.occlusion(model, images, TARGETS, size=2, stride=3)


def test_a_network_without_convolutions_has_no_grad_cam():
    assert "grad_cam" not in explain.applicable(linear(np.ones((SIDE * SIDE, CLASSES))))
    assert "occlusion" not in explain.applicable(convolutional(), costly=False)


# --- controls, regions, selection ---


def test_a_network_with_random_weights_loses_its_map(images):
    model = convolutional()
    model.get_layer("conv").set_weights([w + 1 for w in model.get_layer("conv").get_weights()])
    blank = controls.randomised(model, seed=0)
    same = controls.randomised(model, layers=[], seed=0)
    before = gradients.gradient(model, images, TARGETS)
    np.testing.assert_array_equal(gradients.gradient(same, images, TARGETS), before)
    assert np.abs(regions.rank_correlation(before, gradients.gradient(blank, images, TARGETS))).mean() < 0.5
    assert np.array_equal(blank.get_weights()[0], controls.randomised(model, seed=0).get_weights()[0])
    top = controls.randomised(model, layers=["logits"])
    assert np.array_equal(top.get_layer("conv").get_weights()[0], model.get_layer("conv").get_weights()[0])
    assert not np.array_equal(top.get_layer("logits").get_weights()[0], model.get_layer("logits").get_weights()[0])


def test_controls_look_at_the_image_or_at_nothing(images):
    assert np.array_equal(controls.centre_gaussian(images)[0], controls.centre_gaussian(images)[4])
    assert not np.array_equal(controls.random(images, 0), controls.random(images, 1))
    flat = np.full((1, SIDE, SIDE, 1), 100, "uint8")
    assert controls.sobel(flat).max() < 1e-9
    flat[:, :, 6:] = 200
    assert controls.sobel(flat)[0, 5].argmax() in (5, 6)


def test_blind_maps_are_blurred_once_like_the_methods_own(images):
    found = controls.blind(lambda model, shown, targets: controls.sobel(shown), convolutional(), images, None)
    assert np.array_equal(found["random weights"][0], found["edges (Sobel)"][0])
    assert np.array_equal(found["random weights"][1], core.blurred(controls.sobel(images)))


def test_the_class_mean_leaves_the_image_itself_out():
    maps = np.arange(4.0).reshape(4, 1, 1)
    np.testing.assert_allclose(controls.class_mean(maps, np.array([0, 0, 0, 1]))[:, 0, 0], [1.5, 1, 0.5, 1])


def test_shares_add_up_and_follow_the_map():
    region = np.zeros((4, 4), int)
    region[:, 2:] = 1
    maps = np.zeros((3, 4, 4))
    maps[0, :, 3] = -2
    maps[1] = 1
    np.testing.assert_allclose(regions.shares(maps, region, 2), [[0, 1], [0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_allclose(regions.areas(region, 2, 2), [[0.5, 0.5]] * 2)


def test_focus_needs_more_than_every_control():
    rng = np.random.default_rng(0)

    def around(first):
        first = first + rng.normal(0, 0.02, 80)
        return np.stack([first, 1 - first], -1)

    high, low = around(0.6), around(0.3)
    verdicts = {
        "more": regions.focus(("a", "b"), high, {"x": low, "y": around(0.4)}),
        "less": regions.focus(("a", "b"), low, {"x": high, "y": around(0.5)}),
        "not shown": regions.focus(("a", "b"), around(0.5), {"x": low, "y": around(0.5)}),
    }
    for verdict, rows in verdicts.items():
        assert rows[0].verdict == verdict
    assert verdicts["not shown"][0].control[0] == "y"
    low, mean, high = (verdicts["more"][0].difference[i] for i in (1, 0, 2))
    assert low < mean < high
    assert abs(mean - 0.2) < 0.02


def test_rank_correlation_is_scipys():
    from scipy import stats

    first, second = np.random.default_rng(0).normal(size=(2, 3, 5, 5))
    by_hand = [stats.spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(regions.rank_correlation(first, second), by_hand)
    assert regions.rank_correlation(first * 0, second).tolist() == [0, 0, 0]


def test_images_are_chosen_by_the_rule_and_never_a_twin():
    labels = np.array([0, 0, 0, 0, 1, 1])
    gap = np.array([3.0, 1.0, 2.0, -4.0, 1.0, 2.0])
    logits = np.stack([gap, np.zeros(6)], -1)
    found = selection.choose(labels, logits)
    assert found[0] == {"most confident right": 0, "median right": 2, "most confident wrong": 3}
    assert found[1] == {"most confident wrong": 5}
    twins = np.array([True, False, False, True, False, False])
    assert selection.choose(labels, logits, twins)[0] == {"most confident right": 2, "median right": 1}
    assert [pick for _, _, pick in selection.flat(found)] == [0, 2, 3, 5]


def test_a_balanced_sample_has_as_many_of_each_class():
    labels = np.repeat([0, 1, 2], [50, 30, 4])
    found = selection.balanced(labels, 30)
    assert np.bincount(labels[found]).tolist() == [10, 10, 4]
    assert np.array_equal(found, selection.balanced(labels, 30))
    twins = labels == 2
    assert np.bincount(labels[selection.balanced(labels, 30, twins)]).tolist() == [15, 15]
