"""Class images: known answers on linear networks, controls that reach what they should, words that turn."""

import json

import numpy as np
import pytest

from helpers import display
from helpers.backend import keras, layers
from helpers.explain import class_images
from helpers.figures.class_images import image_rows, interval_rows
from helpers.words import class_images as words


def linear(classes=3, side=8, channels=1, seed=0):
    """Logits that are a weighted sum of the pixels, and the weights (height, width, channels, classes)."""
    pixels = layers.Input((side, side, channels))
    model = keras.Model(pixels, layers.Dense(classes, name="logits")(layers.Flatten()(pixels)))
    weights = np.random.default_rng(seed).standard_normal((side, side, channels, classes)) / 500
    model.set_weights([weights.reshape(-1, classes), np.zeros(classes)])
    return model, weights


def test_a_linear_networks_class_image_is_the_sign_of_its_centred_weight():
    model, weights = linear()
    images = class_images.class_images(model, range(3), regulariser="none", steps=60)
    centred = np.moveaxis(weights - weights.mean(-1, keepdims=True), -1, 0)
    assert images.shape == (3, 8, 8, 1)
    assert images.min() >= 0
    assert images.max() <= 255
    assert ((images > 127.5) == (centred > 0)).mean() > 0.97


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("regulariser", ["none", "l2", "total_variation", "jitter", "fourier"])
def test_every_rung_raises_the_class_and_repeats(regulariser, channels):
    model, _ = linear(channels=channels)
    first, again = (class_images.class_images(model, [2, 0], regulariser=regulariser, steps=12) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    assert np.isfinite(first).all()
    noise = class_images.class_images(model, [2, 0], regulariser=regulariser, steps=0)
    before, after = (class_images.chances({"a": model}, found, [2, 0])[0] for found in (noise, first))
    assert (after > before).all()


def test_before_the_climb_the_classes_share_the_probability():
    """All begin with the same noise, so that guessing gives exactly one share: the base line of the judgement."""
    model, _ = linear()
    noise = class_images.class_images(model, range(3), regulariser="fourier", steps=0)
    assert class_images.chances({"a": model}, noise, range(3)).sum() == pytest.approx(1)


def test_an_adversarial_image_reaches_the_probability_by_a_small_change():
    model, _ = linear()
    starts = np.full((3, 8, 8, 1), 128, "uint8")
    wanted = np.array([0.6, 0.9, 1.0])
    found = class_images.adversarial(model, starts, [1, 1, 1], wanted, most=400)
    reached = class_images.chances({"a": model}, found, [1, 1, 1])[0]
    assert (reached >= np.minimum(wanted, class_images.SUREST) - 1e-3).all()
    sizes = ((found - 128.0) ** 2).mean((1, 2, 3)) ** 0.5
    assert reached[0] < 0.62, "goes back as far as it can"
    assert sizes[0] < sizes[1] < sizes[2]
    assert found.min() >= 0
    assert found.max() <= 255


def test_what_is_missing_is_left_out():
    chosen = {0: {"median right": 4}, 1: {}, 2: {"median right": 9}}
    assert class_images.other_images(range(3), chosen, "median right") == [9, 9, 4]
    assert class_images.other_images(range(3), {0: {}, 1: {"median right": 3}, 2: {}}, "median right") == [3, None, 3]
    images = np.zeros((10, 8, 8, 1), "uint8")
    taken = class_images.taken(images, [3, None])
    model, _ = linear()
    chances = class_images.chances({"a": model, "b": model}, taken, [0, 1])
    assert np.isnan(chances[:, 1]).all()
    assert np.isfinite(chances[:, 0]).all()
    mean, *ends = class_images.over_classes(chances[0])
    assert mean == pytest.approx(1 / 3)
    assert np.isnan(ends).all()  # of one class, nothing is said but the number
    assert words.interval((mean, *ends)) == "0.33"
    assert np.isnan(class_images.over_classes(chances[0, 1:])).all()
    means = class_images.class_means(images + 3, np.array([0] * 10), [0, 1])
    assert (means[0] == 3).all()
    assert np.isnan(means[1]).all()
    adversarial = class_images.adversarial(model, taken, [0, 1], np.array([0.9, 0.9]))
    assert np.isnan(adversarial[1]).all()


def judged(own, second, half, classes=7):
    spread = np.linspace(-0.02, 0.02, classes)
    return np.array([[own] * classes, second + spread, half + spread])


@pytest.mark.parametrize(
    ("best", "adversarial", "said"),
    [
        (judged(0.99, 0.9, 0.8), judged(0.99, 0.2, 0.2), "convince both judges"),
        (judged(0.99, 0.4, 0.4), judged(0.99, 0.2, 0.2), "persuade both judges in part"),
        (
            judged(0.99, 0.9, 0.4),
            judged(0.99, 0.2, 0.2),
            "convince the second CNN and persuade the CNN of half depth in",
        ),
        (
            judged(0.99, 0.4, 0.9),
            judged(0.99, 0.2, 0.2),
            "convince the CNN of half depth and persuade the second CNN in",
        ),
        (judged(0.99, 0.9, 0.2), judged(0.99, 0.2, 0.3), "one judge of two"),
        (judged(0.99, 0.2, 0.2), judged(0.99, 0.4, 0.4), "adversarial rather than prototypes"),
        (judged(0.2, 0.9, 0.9), judged(0.2, 0.1, 0.1), "The ascent fails"),
        (judged(0.99, 0.9, 0.9), np.full((3, 7), np.nan), "nothing is shown"),
    ],
)
def test_the_verdict_follows_the_judges(best, adversarial, said):
    assert said in words.verdict(best, adversarial, 7, judged(0.99, 0.9, 0.8))


def test_judges_that_do_not_believe_real_images_decide_nothing():
    best, adversarial = judged(0.99, 0.2, 0.2), judged(0.99, 0.4, 0.4)
    told = words.verdict(best, adversarial, 7, judged(0.99, 0.3, 0.25))
    assert "cannot be told" in told
    assert told.endswith("but the best real images only 0.30 and 0.25.")
    assert "adversarial rather than" in words.verdict(best, adversarial, 7, judged(0.99, 0.3, 0.8))
    wide = np.stack([best[0], np.repeat([0.0, 1.0], [4, 3]), best[2]])  # of the weaker judge nothing is known
    assert "is not shown" in words.verdict(wide, adversarial, 7, judged(0.99, 0.3, 0.8))


def test_no_probability_is_shown_beyond_0_and_1():
    apart = np.array([1.0, 0.9, 1.0, 0.1])
    assert class_images.over_classes(apart)[2] > 1
    shown = words.intervals({"none": np.stack([apart, 1 - apart, apart])})["none"]
    assert all(0 <= end <= 1 for found in shown.values() for end in found)
    assert words.interval(words.mean_chance(apart)).endswith("to 1.00)")


def test_claims_turn_with_the_numbers():
    good, bad = judged(0.99, 0.9, 0.8), judged(0.99, 0.2, 0.2)
    assert [claim["verdict"] for claim in words.claims(good, bad, 7)] == ["holds", "holds"]
    assert [claim["verdict"] for claim in words.claims(bad, good, 7)] == ["does not hold", "does not hold"]
    assert [claim["verdict"] for claim in words.claims(good, good, 7)] == ["cannot be told", "cannot be told"]
    json.dumps(words.record({"none": np.full((3, 2), np.nan)}, ["a", "b"], "none"), allow_nan=False)


def test_the_lead_over_adversarial_pictures_is_printed_with_both():
    good, bad = judged(0.99, 0.9, 0.8), judged(0.99, 0.2, 0.2)
    assert words.key(good, bad) == "0.90 (adversarial 0.20)"
    told = words.beyond_adversarial(good, bad)
    assert "second CNN +0.70" in told
    assert "above 0.5 for 7 of 7 classes; half depth +0.60" in told
    nothing = np.full_like(bad, np.nan)
    assert words.key(good, nothing) == "0.90"
    assert words.beyond_adversarial(good, nothing) == ""


def test_a_regulariser_transfers_better_only_beyond_its_interval():
    up, none = np.linspace(0.2, 0.3, 7), np.linspace(-0.3, 0.3, 7)
    assert "to both judges" in words.transfer({"cnn_judge": up, "cnn_half": up}, "fourier")
    assert "one judge, second CNN" in words.transfer({"cnn_judge": up, "cnn_half": none}, "fourier")
    assert "is not shown" in words.transfer({"cnn_judge": none, "cnn_half": none}, "fourier")
    assert "No regulariser" in words.transfer({"cnn_judge": none, "cnn_half": none}, "none")


def test_a_pale_image_is_stretched_where_that_is_asked_for():
    pale = np.linspace(120, 130, 144).reshape(1, 12, 12, 1)
    shown = [
        image_rows({"none": pale}, ["a"], {}, stretched).axes[0].images[0].get_array() for stretched in ([], ["none"])
    ]
    assert [np.ptp(each) for each in shown] == [10, 255]


@pytest.mark.parametrize("classes", [2, 7, 11])
def test_figures_of_any_number_of_classes(classes):
    images = np.random.default_rng(0).integers(0, 256, (classes, 12, 12, 3)).astype("float32")
    images[0] = np.nan
    names = [f"class {k} $x_1$" for k in range(classes)]
    chances = {"none": np.full(classes, 0.5), "best real\nimage": np.array([np.nan] * classes)}
    figure = image_rows({"none": images, "best real\nimage": images}, names, chances, ["none"])
    assert display.render(figure, "rows")[0] == "png"
    series = words.intervals({"none": np.full((3, classes), 0.5), "mean": np.full((3, classes), np.nan)})
    assert display.render(interval_rows(series, "probability", 0.5), "intervals")[0] == "svg"
