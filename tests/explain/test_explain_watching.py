"""What changes while a network learns: by known answers, and verdicts that point either way."""

import numpy as np
import pytest

from helpers.explain import watching
from helpers.explain.watching import ANOTHER
from helpers.stats import Verdict

RNG = np.random.default_rng(0)
LABELS = np.repeat([0, 1, 2], 100)


def followed(*counts):
    """Departures of answers that are right but for the first ``n`` images of class 0 taken for 1, ``m`` of 1 for 0."""
    said = []
    for n, m in counts:
        answers = LABELS.copy()
        answers[np.flatnonzero(LABELS == 0)[:n]] = 1
        answers[np.flatnonzero(LABELS == 1)[:m]] = 0
        said.append(answers)
    return watching.departures(LABELS, said)


def test_a_confusion_is_followed_until_it_stays_below_half():
    first, second = followed((60, 40), (20, 30), (40, 5))
    assert (first.true, first.predicted) == (0, 1)
    assert (first.below, first.gone) == (None, False)  # it came back
    assert (second.true, second.below, second.gone) == (1, 2, True)
    assert [rate.hits for rate in second.rates] == [40, 30, 5]
    assert second.fall.value == pytest.approx(0.35)
    assert watching.last_gone([first, second]) == [second]
    assert [d.true for d in watching.last_gone(followed((60, 40), (10, 30), (5, 5)))] == [1]


def test_half_of_a_small_number_is_no_departure():
    found = followed((10, 9), (4, 0), (4, 0))
    assert len(found) == 1  # the other one is on fewer images than LEAST
    assert (found[0].below, found[0].gone) == (1, True)
    few = followed((10, 10), (7, 4), (7, 4))
    assert not any(pair.gone for pair in few)
    assert watching.last_gone(few) == []
    assert followed((9, 9), (0, 0)) == []


def alike(start, first, second, another):
    means = {"start": start, "epoch 1": first, "epoch 2": second, ANOTHER: another}
    return {name: mean + 0.05 * RNG.standard_normal(60) for name, mean in means.items()}


def test_likeness_is_one_for_the_same_maps_and_falls_with_noise():
    final = RNG.random((20, 8, 8))
    some = 0.7 * final + 0.3 * RNG.random(final.shape)
    moments = {"start": RNG.random(final.shape), "epoch 1": some, "b": -final, "c": final}
    found = watching.likeness(moments)
    assert list(found) == ["start", "epoch 1", "b", ANOTHER]
    assert np.allclose(found["b"], 1)
    assert 0.5 < found["epoch 1"].mean() < 1
    assert max(abs(found[name].mean()) for name in ("start", ANOTHER)) < 0.1


@pytest.mark.parametrize(
    ("means", "verdicts"),
    [
        ((0.2, 0.6, 0.8, 0.4), "holds holds"),
        ((0.2, 0.3, 0.8, 0.4), "undecided holds"),
        ((0.7, 0.6, 0.8, 0.4), "undecided holds"),
        ((0.5, 0.1, 0.4, 0.4), "fails undecided"),
    ],
)
def test_maps_resemble_the_final_ones_only_if_they_beat_both_controls(means, verdicts):
    found = watching.resemblances(alike(*means))
    assert [row.moment for row in found] == ["epoch 1", "epoch 2"]
    assert " ".join(row.verdict for row in found) == verdicts


def test_filters_keep_their_start_or_lose_it():
    start = RNG.standard_normal((16, 3, 3, 1))
    assert watching.kept(start, 2 * start).own.value == pytest.approx(1)
    assert watching.kept(start, 2 * start).verdict == Verdict.HOLDS
    assert watching.kept(start, -start).verdict == Verdict.FAILS
    assert watching.kept(start, RNG.standard_normal(start.shape)).verdict == Verdict.UNDECIDED
    assert np.isfinite(np.concatenate(watching.own_and_others(start * 0, start))).all()
    louder = start * np.arange(16)[:, None, None, None]
    assert watching.strongest(louder, 3)[0] in range(8, 16)
