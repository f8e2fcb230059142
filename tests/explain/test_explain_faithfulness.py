"""What judges the maps: faithfulness, rankings, random weights, known truths; verdicts turn with the numbers."""

from types import SimpleNamespace

import numpy as np
import pytest
from small_networks import SIDE, TARGETS, convolutional, noise, two_class

from helpers import stats
from helpers.explain import claims, controls, core, faithfulness, randomisation, ranking, truths
from helpers.explain.gradient import gradient
from helpers.stats import Verdict

RNG = np.random.default_rng(0)
PATCH = np.zeros((SIDE, SIDE), bool)
PATCH[3:6, 4:8] = True


# --- faithfulness ---


@pytest.fixture
def looks_at_patch():
    """A network that looks at the patch alone, and images that are bright there and dark elsewhere."""
    images = np.random.default_rng(0).uniform(0, 40, (24, SIDE, SIDE, 1))
    images[:, PATCH] += 200
    return two_class(np.where(PATCH, 0.004, 0), -4), images.astype("float32"), np.zeros(24, int)


def gain(model, images, classes, maps):
    return faithfulness.gain(faithfulness.scores(model, images, classes, maps)).mean(0)


def test_a_perfect_map_scores_best_an_inverted_one_worst_and_a_random_one_0(looks_at_patch):
    model, images, classes = looks_at_patch
    perfect = np.broadcast_to(PATCH, images.shape[:3]).astype(float)
    best, worst = gain(model, images, classes, perfect), gain(model, images, classes, -perfect)
    assert best.min() > 0.3
    assert worst.max() < -0.3
    other = gain(model, images, classes, perfect + RNG.normal(0, 2, perfect.shape))
    assert ((best > other) & (other > worst)).all()
    drawn = gain(model, images, classes, np.random.default_rng(2).random(images.shape[:3]))
    found = stats.mean(drawn)
    assert found.low < 0 < found.high
    flat = gain(model, images, classes, np.ones(images.shape[:3]))
    assert abs(flat.mean()) < 0.25


def test_curves_of_a_linear_network_equal_the_closed_form():
    rng = np.random.default_rng(3)
    weight, steps = rng.normal(0, 0.01, (SIDE, SIDE)), faithfulness.STEPS
    images = rng.uniform(0, 255, (3, SIDE, SIDE, 1)).astype("float32")
    maps, classes = rng.random((3, SIDE, SIDE)), np.array([0, 1, 0])
    found = faithfulness.curves(two_class(weight), images, classes, maps, "mean")
    fills = core.baseline(images, "mean")
    ends = [(each[..., 0] * weight).sum((1, 2)) for each in (images, fills)]
    for i in range(3):
        order = np.argsort(-maps[i].ravel())
        change = ((fills - images)[i, ..., 0] * weight).ravel()[order]
        for step in range(steps + 1):
            moved = change[: round(step / steps * SIDE * SIDE)].sum()
            for curve, logit in zip(found, (ends[0][i] + moved, ends[1][i] - moved), strict=True):
                chance = 1 / (1 + np.exp(-logit if classes[i] == 0 else logit))
                assert curve[i, step] == pytest.approx(chance, abs=1e-4)


def test_the_pointing_game_knows_its_extremes():
    perfect = np.broadcast_to(PATCH, (2, SIDE, SIDE)).astype(float)
    assert faithfulness.pointing(perfect, PATCH).all()
    assert not faithfulness.pointing(-perfect, PATCH).any()


# --- rankings and claims ---


def values(mean: float, seed: int, n: int = 60) -> np.ndarray:
    return mean + np.random.default_rng(seed).normal(0, 0.1, n)


def test_a_ranking_turns_with_its_numbers():
    methods = {"gradient": 0.6, "lime": 0.2, "grad_cam": 0.4}
    pool = {name: values(mean, seed) for seed, (name, mean) in enumerate(methods.items())}
    pool |= {"sobel": values(0.4, 7), "random": values(0, 8)}
    rows = ranking.rank(pool, faithfulness.CONTROLS)
    assert [row.name for row in rows if not row.control] == ["gradient", "grad_cam", "lime"]
    said = {row.name: row.over.verdict for row in rows if row.over}
    assert list(said.values()) == [Verdict.HOLDS, Verdict.UNDECIDED, Verdict.FAILS]
    assert {row.score.n for row in rows} == {60}, "one common set of images"
    for row in rows:
        if row.over:  # what is printed decides
            assert (row.over.verdict == Verdict.UNDECIDED) == (row.over.low <= 0 <= row.over.high)
    assert ranking.best(rows, control=True).name == "sobel"
    assert ranking.drawn(rows, 4) == ["gradient", "grad_cam", "sobel", "random"]


def test_claims_turn_with_the_numbers():
    def verdicts(plain, cam):
        pool = {"gradient": values(plain, 1), "grad_cam": values(cam, 2)}
        pool |= {"sobel": values(0.4, 3), "class_mean": values(0.4, 4)}
        return [claim.verdict for claim in claims.popular(pool, "grad_cam")]

    holds, fails, unclear = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED
    assert verdicts(0.2, 0.6) == [fails, holds, holds]
    assert verdicts(0.6, 0.2) == [holds, fails, fails]
    assert verdicts(0.4, 0.4) == [unclear] * 3


# --- random weights ---


def test_a_network_with_random_weights_loses_its_map_and_the_network_stays():
    model = convolutional.__wrapped__()
    model.get_layer("conv").set_weights([w + 1 for w in model.get_layer("conv").get_weights()])
    before, weights = gradient(model, noise(), TARGETS), model.get_weights()
    same = controls.randomised(model, layers=[])
    np.testing.assert_array_equal(gradient(same, noise(), TARGETS), before)
    assert list(randomisation.stages(model)) == ["logits", "conv"]
    logits, conv = (net.get_weights() for net in randomisation.cascade(model, same, seed=2))
    assert np.array_equal(logits[0], weights[0])
    assert not np.array_equal(logits[2], weights[2])
    (blank,) = randomisation.cascade(model, same, seed=2, last_only=True)
    assert np.array_equal(blank.get_weights()[0], conv[0])
    alike = stats.spearman(before, gradient(blank, noise(), TARGETS))
    assert np.abs(alike).mean() < 0.5
    assert all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights(), strict=True))


def test_the_randomisation_test_is_what_single_networks_give():
    model, images = convolutional(), noise().astype("float32")

    def maps(network):
        return randomisation.sizes(gradient(network, images, TARGETS))

    found = randomisation.compare(model, images, TARGETS, ["gradient"], draws=2)
    single = [controls.randomised(model, None, seed) for seed in (0, 1)]
    alike = [stats.spearman(maps(model), maps(network)) for network in single]
    one = found["gradient"]
    np.testing.assert_allclose(one.spearman[-1], alike[0], atol=1e-6)
    np.testing.assert_allclose(one.all_spearman, np.mean(alike, 0), atol=1e-6)


def test_the_verdict_on_random_weights_turns():
    def judged(other, random):
        made = SimpleNamespace(other=values(other, 1, 30), all_spearman=values(random, 2, 30))
        return randomisation.verdicts({"gradient": made})["gradient"].verdict

    assert judged(0.6, 0.2) == Verdict.HOLDS
    assert judged(0.2, 0.6) == Verdict.FAILS
    assert judged(0.4, 0.4) == Verdict.UNDECIDED


# --- known truths ---


def test_regions_are_judged_by_density_not_by_share():
    """Random maps have the largest share in the largest region: by share they would follow any effect that grows
    with the area."""
    region = np.zeros((60, SIDE, SIDE), np.uint8)
    region[:, 3:], region[:, 7:] = 1, 2  # areas of 3, 4 and 5 rows
    effects = np.array([3, 4, 5.0]) + RNG.normal(0, 0.1, (60, 3))
    effects[:6] = 0  # nothing moves in these
    knows = effects[np.arange(60)[:, None, None], region]
    maps = {"lime": knows, "random": RNG.random(region.shape)}
    found = truths.region_truth(maps, region, [0, 1, 2], effects)
    follows = {row.name: row.score.value for row in found.rows}
    assert follows["lime"] == pytest.approx(1)
    assert abs(follows["random"]) < 0.35
    assert found.rows[0].score.n == 54
    assert found.spokesman.name == "lime"
    assert found.spokesman.over.verdict == Verdict.HOLDS


@pytest.mark.parametrize(
    ("used", "unused", "said", "verdict"),
    [
        (58, 1, truths.FINDS, Verdict.HOLDS),
        (1, 1, truths.MISSES, Verdict.FAILS),
        (60, 60, truths.FALSE, Verdict.FAILS),
        (1, 58, truths.FALSE, Verdict.FAILS),
        (30, 1, truths.UNCLEAR, Verdict.UNDECIDED),
    ],
)
def test_a_method_is_marked_by_both_networks(used, unused, said, verdict):
    def network(hits):
        return {"lime": {"pointing": np.arange(60) < hits}}

    found = {"used": network(used), "not used": network(unused)}
    (row,) = truths.marks(found)
    assert (row.said, row.verdict) == (said, verdict)
    assert truths.marks(found, proved=False)[0].verdict == Verdict.UNDECIDED
