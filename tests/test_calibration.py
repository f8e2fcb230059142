"""Calibration with known answers."""

import numpy as np
import pytest

from helpers import calibration


def drawn(n, sharpness=1.0, seed=0):
    """Labels drawn from a network's own probabilities, and its logits made so many times sharper."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, 3))
    chances = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    labels = (rng.random((n, 1)) > chances.cumsum(-1)).sum(-1)
    return labels, logits * sharpness


@pytest.mark.parametrize(
    ("sharpness", "verdict"), [(1, "no fault shown"), (3, "over-confident"), (0.3, "under-confident")]
)
def test_a_calibrated_network_has_no_error_and_others_have(sharpness, verdict):
    found = calibration.calibration(*drawn(4000, sharpness))
    assert found.verdict == verdict
    assert (found.error < 0.025) == (sharpness == 1)
    assert (found.error < found.chance) == (sharpness == 1)
    low, high = found.error_interval
    assert low <= found.error <= high
    assert (found.excess > 0.05) == (sharpness == 3)


def test_error_by_hand():
    confidence = np.array([0.9, 0.6, 0.6, 0.9])
    right = np.array([True, False, True, True])
    # Bins {.6, .6} and {.9, .9}: |.6 − .5| and |.9 − 1|, half of the images each.
    assert calibration.expected_error(confidence, right, 2) == pytest.approx(0.1)
    assert calibration.expected_error(confidence, right, 1) == pytest.approx(0)


def test_right_in_the_mean_and_wrong_in_places():
    """Sure of what it half knows, unsure of what it knows: neither over- nor under-confident, yet at fault."""
    sure = np.r_[np.full(500, 0.9), np.full(500, 0.6)]
    logits = np.log(np.stack([sure, 1 - sure], -1))
    labels = np.r_[np.zeros(300), np.ones(200), np.zeros(450), np.ones(50)].astype(int)
    found = calibration.calibration(labels, logits)
    assert (found.verdict, round(found.excess, 3)) == ("miscalibrated", 0)


def test_bins_hold_equal_numbers_and_rise():
    found = calibration.calibration(*drawn(103))
    assert {rate.n for rate in found.rates} == {10, 11}
    assert (np.diff(found.confidences) >= 0).all()
    assert calibration.calibration(*drawn(103)).error_interval == found.error_interval


def test_few_images_and_one_answer():
    assert len(calibration.calibration(*drawn(3)).rates) == 3
    always = calibration.calibration(np.zeros(50, int), np.tile([50.0, 0.0], (50, 1)))
    assert (always.error, always.verdict) == (pytest.approx(0, abs=1e-9), "no fault shown")
    with pytest.raises(ValueError, match="no calibration"):
        calibration.calibration(*drawn(1))
