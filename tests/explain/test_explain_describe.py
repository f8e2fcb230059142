"""What an image shows, on images that are known; and which training images are nearest."""

import numpy as np
import pytest
from small_networks import convolutional, noise

from helpers.explain import nearest
from helpers.explain.describe import describe

SIDE = 48
DOWN, ACROSS = np.mgrid[:SIDE, :SIDE].astype(float)


def waves(cycles: float, right: float, down: float) -> np.ndarray:
    return np.sin(2 * np.pi * cycles * (right * ACROSS + down * DOWN) / SIDE)


def ring(radius: float, row: float = 24, column: float = 24) -> np.ndarray:
    return np.exp(-((np.hypot(DOWN - row, ACROSS - column) - radius) ** 2) / 6)


def blob(spread: float, row: float = 24, column: float = 24) -> np.ndarray:
    return np.exp(-((DOWN - row) ** 2 + (ACROSS - column) ** 2) / 2 / spread**2)


MADE = {
    "standing": (waves(8, 1, 0), "stripes", 90, 8),
    "lying": (waves(4, 0, 1), "stripes", 0, 4),
    "rising": (waves(5, 1, 1), "stripes", 45, 5 * 2**0.5),
    "falling": (waves(5, 1, -1), "stripes", 135, 5 * 2**0.5),
    "hard checker": ((DOWN // 6 + ACROSS // 6) % 2, "grid", None, None),
    "soft checker": (waves(6, 1, 0) * waves(6, 0, 1), "grid", None, 6 * 2**0.5),
    "blob": (blob(3), "spots", None, None),
    "ring": (ring(12), "arcs", None, None),
    "mouth": (ring(14, 20) * (DOWN > 28), "arcs", None, None),
    "ramp": (ACROSS, "smooth", None, None),
    "large blob": (blob(10), "smooth", None, None),
    "nothing": (0 * ACROSS, "smooth", None, None),
}


@pytest.mark.parametrize("name", list(MADE))
def test_what_was_drawn_is_told(name):
    image, kind, orientation, frequency = MADE[name]
    for channels, scale in ((1, 1), (3, 40)):  # neither colour nor contrast nor brightness counts
        picture = np.repeat(100 + scale * image[..., None], channels, -1)
        (found,) = describe(picture[None])
        assert found.kind == kind
        if orientation is not None:
            away = abs(found.orientation - orientation) % 180
            assert min(away, 180 - away) < 2
        if frequency is not None:
            assert found.frequency == pytest.approx(frequency, rel=0.05)


def test_where_the_energy_lies_is_named():
    (found,) = describe(blob(3, 40, 40)[None, ..., None])
    assert found.place == "lower right"
    mouth = (DOWN > 30).astype(int)
    (found,) = describe(blob(3, 40, 40)[None, ..., None], mouth, ("face", "mouth"))
    assert found.place == "mouth"


def test_the_nearest_training_image_is_the_image_itself_in_any_block(monkeypatch):
    model, train = convolutional(), noise(20)
    whole = nearest.nearest(model, train[[4, 17]], train, k=3)
    assert whole.indices[:, 0].tolist() == [4, 17]
    assert whole.similarities[:, 0] == pytest.approx(1)
    assert (np.diff(whole.similarities) <= 0).all()
    monkeypatch.setattr(nearest, "BLOCK", 6)
    parts = nearest.nearest(model, train[[4, 17]], train, k=3)
    assert np.array_equal(parts.indices, whole.indices)
    assert nearest.nearest(model, train[:1], train[:2], k=3).indices.shape == (1, 2)
    assert nearest.nearest(model, train[:0], train, k=3).indices.shape == (0, 3)  # no mistakes
