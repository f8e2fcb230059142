"""Passes over altered copies: what they sum, and that images do not share it."""

import numpy as np
import pytest

from helpers import models
from helpers.explain import core, gradients

SHAPE = (12, 12, 1)


@pytest.fixture(scope="module")
def network():
    return models.cnn(SHAPE, 3, (4, 8), stem=4)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).uniform(0, 255, (5, *SHAPE)).astype("float32")


def test_sums_over_copies_are_the_sums_of_single_passes(network, images):
    weights = core.target_weights(np.arange(5) % 3, 3)
    copies = core.BATCH // 4 + 1  # batches begin and end within an image
    (found,) = core.gradient_sums(
        network,
        images,
        weights,
        copies,
        lambda rows, k: images[rows] + k.astype("float32")[:, None, None, None],
        lambda g, k: g**2,
    )
    expected = sum(
        core.gradients_of(network, images + np.float32(k), weights).astype("float64") ** 2 for k in range(copies)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6 * expected.max())


@pytest.mark.parametrize("method", [gradients.smoothgrad, gradients.integrated_gradients])
def test_a_map_does_not_depend_on_the_other_images(network, images, method):
    together = method(network, images, np.arange(5) % 3)
    alone = method(network, images[3:4], np.array([0]))
    np.testing.assert_allclose(alone[0], together[3], rtol=1e-4, atol=1e-6 * np.abs(alone).max())


def test_no_images_give_no_maps(network, images):
    assert gradients.smoothgrad(network, images[:0], np.zeros(0, int)).shape == (0, 12, 12)
