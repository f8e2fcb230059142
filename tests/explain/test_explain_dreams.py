"""Dreams: sizes, ranges, repeatability, what they leave alone, and what their overlap with a map is worth."""

import numpy as np
import pytest

from helpers.backend import keras
from helpers.errors import UserError
from helpers.explain.deep_dream import deep_dream, layers_to_dream, overlap, share_inside
from helpers.networks import models
from helpers.stats import Verdict


def network(side=48, channels=1):
    keras.utils.set_random_seed(0)
    statistics = ([100.0] * channels, [2500.0] * channels)
    return models.cnn((side, side, channels), 3, (4, 6), stem=4, statistics=statistics)


def images(n=2, side=48, channels=1):
    return np.random.default_rng(0).integers(0, 256, (n, side, side, channels)).astype("uint8")


def test_a_dream_has_the_enlarged_size_and_excites_its_layer():
    side, channels, large = 48, 3, 192
    model = network(side, channels)
    layer = layers_to_dream(model)[1]
    found = deep_dream(model, images(1, side, channels), layer, steps=3)
    assert found.images.shape == found.enlarged.shape == (1, large, large, channels)
    assert found.images.dtype == np.uint8
    assert found.small.shape == (1, side, side, channels)
    assert found.change.mean() > 1
    part = keras.Model(model.inputs[0], model.get_layer(layer).output)
    calm = deep_dream(model, images(1, side, channels), layer, step=0.0)
    small = [np.float32(dream.small) for dream in (calm, found)]
    before, after = (float((part(image).numpy() ** 2).mean()) for image in small)
    assert after > before
    assert (calm.images == calm.enlarged).all()
    assert calm.change.max() == 0


def test_the_same_seed_gives_the_same_bytes():
    model = network()
    dreams = [deep_dream(model, images(), "stem_relu1", steps=2, seed=seed) for seed in (1, 1, 2)]
    first, again, other = (found.images.tobytes() for found in dreams)
    assert first == again != other


def test_wrong_layers_sizes_and_images_are_refused():
    model = network()
    for wrong in ("block9", "logits"):
        with pytest.raises(ValueError, match=f"no layer '{wrong}' with maps"):
            deep_dream(model, images(), wrong)
    with pytest.raises(ValueError, match="the network takes"):
        deep_dream(model, images(side=32), "stem_relu1")
    with pytest.raises(UserError, match="no convolution"):
        layers_to_dream(models.dnn((8, 8, 1), 3, (4, 4)))


def test_the_share_inside_a_map():
    change = np.zeros((1, 10, 10))
    change[0, :2] = 1
    up, down = np.arange(100.0).reshape(1, 10, 10)[:, ::-1], np.arange(100.0).reshape(1, 10, 10)
    assert share_inside(change, up) == pytest.approx([1])
    assert share_inside(change, down) == pytest.approx([0])
    assert share_inside(change, np.ones((1, 10, 10))) == pytest.approx([0.2])  # ties


@pytest.mark.parametrize(
    ("lime", "sobel", "centre", "verdict", "control"),
    [
        (0.5, 0.3, 0.25, Verdict.HOLDS, "sobel"),
        (0.3, 0.5, 0.3, Verdict.FAILS, "sobel"),
        (0.3, 0.2, 0.5, Verdict.FAILS, "centre"),
        (0.3, 0.3, 0.2, Verdict.UNDECIDED, "sobel"),
        (0.15, 0.1, 0.05, Verdict.UNDECIDED, "sobel"),  # less than an even change would have there
    ],
)
def test_the_verdict_follows_the_overlap(lime, sobel, centre, verdict, control):
    spread = np.linspace(-0.02, 0.02, 14)
    shares = {"lime": lime + spread, "sobel": sobel + spread[::-1] / 2, "centre": centre - spread}
    found = overlap(shares)
    assert (found.verdict, found.control) == (verdict, control)
    assert found.excess.value == pytest.approx(lime - max(sobel, centre))
    assert all(0 < each.low < each.high < 1 for each in found.shares.values())
