"""Gradient ascent to images reaches known maxima, stays in range, and repeats itself."""

import numpy as np
import pytest
import tensorflow as tf

from helpers.explain import activation_maximisation as ascent

SHAPE = (9, 11, 3)  # neither square nor even


def brightness(pixels, rows):
    """A score that every pixel raises, more so for a higher row."""
    return tf.reduce_mean(pixels, (1, 2, 3)) * (1 + tf.cast(rows, "float32"))


def nothing(pixels, rows):
    return 0 * tf.reduce_mean(pixels, (1, 2, 3))


def test_the_maximiser_of_a_linear_score_is_the_sign_of_its_weights():
    weights = np.random.default_rng(1).standard_normal((2, 6, 6, 1)).astype("float32")

    def score(pixels, rows):
        return tf.nn.relu(tf.reduce_sum(pixels * tf.gather(weights, rows), (1, 2, 3)) + 1e4)

    found = ascent.ascend(score, (6, 6, 1), 2, regulariser="none", steps=64)
    np.testing.assert_array_equal(found.images, np.where(weights > 0, 255, 0))
    best = (255 * np.maximum(weights, 0)).sum((1, 2, 3)) + 1e4
    np.testing.assert_allclose(found.end, best, rtol=1e-5)


@pytest.mark.parametrize("name", ascent.REGULARISERS)
def test_every_regulariser_climbs_in_range_and_repeats_itself(name):
    options = {"regulariser": name, "steps": 4, "seed": 3}
    first, again = (ascent.ascend(brightness, SHAPE, 3, **options) for _ in range(2))
    assert first.images.shape == (3, *SHAPE)
    assert first.images.dtype == "float32"
    assert 0 <= first.images.min() <= first.images.max() <= 255
    assert (first.end > first.start).all()
    assert first.images.tobytes() == again.images.tobytes()


def test_an_image_does_not_depend_on_its_batch():
    two, five = (ascent.ascend(brightness, SHAPE, count, steps=4) for count in (2, 5))
    np.testing.assert_allclose(two.images, five.images[:2], atol=1e-2)


@pytest.mark.parametrize("name", ascent.REGULARISERS)
def test_without_a_gradient_the_image_stays_as_it_began(name):
    first, last = (ascent.ascend(nothing, SHAPE, 2, regulariser=name, steps=n) for n in (0, 5))
    np.testing.assert_array_equal(first.images, last.images)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="choose one of none"):
        ascent.ascend(brightness, SHAPE, 1, regulariser="dropout")
