"""Faithfulness: known best and worst maps, closed forms, and verdicts that turn with the numbers."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import audit, experiments, models, shortcut
from helpers.backend import keras, layers
from helpers.datasets.base import Split
from helpers.evaluation import Rate
from helpers.explain import controls, core, faithfulness, randomisation, ranking, regions
from helpers.explain.faithfulness import Mean
from helpers.explain.gradients import gradient
from helpers.explain.ranking import BEATS, UNCLEAR, WORSE, Measured
from helpers.figures import faithfulness as figures
from helpers.recipes import recipe
from helpers.words import claims, truths
from helpers.words import faithfulness as words
from helpers.words.common import p_words

SIDE = 12


def linear(weight: np.ndarray, bias: float = 0.0) -> keras.Model:
    """A network of two classes whose first logit is a weighted sum of the pixels, and whose second is 0."""
    pixels = layers.Input((*weight.shape, 1))
    model = keras.Model(pixels, layers.Dense(2, name="logits")(layers.Flatten()(pixels)))
    model.set_weights([np.stack([weight.ravel(), 0 * weight.ravel()], -1), np.array([bias, 0.0])])
    return model


def patch() -> np.ndarray:
    """A planted patch, bool."""
    inside = np.zeros((SIDE, SIDE), bool)
    inside[3:6, 4:8] = True
    return inside


@pytest.fixture
def looks_at_patch():
    """A network that looks at the patch alone, and images that are bright there and dark elsewhere."""
    images = np.random.default_rng(0).uniform(0, 40, (24, SIDE, SIDE, 1))
    images[:, patch()] += 200
    return linear(np.where(patch(), 0.004, 0), -4), images.astype("float32"), np.zeros(24, int)


def gain(model, images, classes, maps):
    return faithfulness.gain(faithfulness.scores(model, images, classes, maps)).mean(0)


def test_a_perfect_map_scores_best_and_an_inverted_one_worst(looks_at_patch):
    model, images, classes = looks_at_patch
    rng = np.random.default_rng(1)
    perfect = np.broadcast_to(patch(), images.shape[:3]).astype(float)
    best, worst = gain(model, images, classes, perfect), gain(model, images, classes, -perfect)
    assert (best > 0.3).all()
    assert (worst < -0.3).all()
    for _ in range(5):
        other = gain(model, images, classes, perfect + rng.normal(0, 2, perfect.shape))
        assert (best > other).all()
        assert (other > worst).all()


def test_a_random_map_scores_0_within_its_interval(looks_at_patch):
    model, images, classes = looks_at_patch
    many, classes = np.tile(images, (4, 1, 1, 1)), np.tile(classes, 4)
    found = faithfulness.mean(gain(model, many, classes, np.random.default_rng(2).random(many.shape[:3])))
    assert found.low < 0 < found.high


def test_a_map_that_is_the_same_everywhere_is_no_map(looks_at_patch):
    model, images, classes = looks_at_patch
    flat = gain(model, images, classes, np.ones(images.shape[:3]))
    assert abs(flat.mean()) < 0.25


def test_curves_of_a_linear_network_equal_the_closed_form():
    rng = np.random.default_rng(3)
    weight, steps = rng.normal(0, 0.01, (SIDE, SIDE)), 8
    images = rng.uniform(0, 255, (3, SIDE, SIDE, 1)).astype("float32")
    maps, classes = rng.random((3, SIDE, SIDE)), np.array([0, 1, 0])
    deletion, insertion = faithfulness.curves(linear(weight), images, classes, maps, "mean", steps)
    fills = core.baseline(images, "mean")
    for i in range(3):
        order = np.argsort(-maps[i].ravel())
        change = ((fills - images)[i, ..., 0] * weight).ravel()[order]
        for step in range(steps + 1):
            cut = round(step / steps * SIDE * SIDE)
            logits = (images[i, ..., 0] * weight).sum() + change[:cut].sum(), (fills[i, ..., 0] * weight).sum()
            for curve, logit in ((deletion, logits[0]), (insertion, logits[1] - change[:cut].sum())):
                chance = 1 / (1 + np.exp(-logit if classes[i] == 0 else logit))
                assert curve[i, step] == pytest.approx(chance, abs=1e-4)


def test_curves_meet_at_their_ends(looks_at_patch):
    model, images, classes = looks_at_patch
    deletion, insertion = faithfulness.curves(model, images, classes, images[..., 0], "blur")
    assert deletion.shape == (len(images), faithfulness.STEPS + 1)
    assert np.array_equal(deletion[:, 0], insertion[:, -1])
    assert np.array_equal(deletion[:, -1], insertion[:, 0])
    with pytest.raises(ValueError, match="must fit"):
        faithfulness.curves(model, images, classes[:3], images[..., 0], "blur")


def test_the_passes_are_counted(looks_at_patch):
    model, images, classes = looks_at_patch
    before = core.passes.copy()
    faithfulness.curves(model, images, classes, images[..., 0], "mean")
    core.gradients_of(model, images, core.target_weights(classes, 2))
    spent = core.passes - before
    assert spent == {"forward": 2 * faithfulness.STEPS * len(images), "gradient": core.BATCH}
    assert f"{core.BATCH} forward and backward" in words.cost(spent)


def test_sensitivities_count_by_size_and_contributions_by_value():
    maps = np.zeros((1, SIDE, SIDE))
    maps[0, 2, 2], maps[0, 9, 9] = 1, -3
    assert faithfulness.importance("gradient", maps)[0].argmax() == 9 * SIDE + 9
    assert faithfulness.importance("integrated_gradients", maps)[0].argmax() == 2 * SIDE + 2


def test_measures_of_agreement_know_their_extremes():
    perfect = np.broadcast_to(patch(), (2, SIDE, SIDE)).astype(float)
    for measure in (faithfulness.mass, faithfulness.rank_accuracy, faithfulness.pointing):
        assert (measure(perfect, patch()) == 1).all()
        assert (measure(-perfect + (perfect == 0), patch()) == 0).all()
    assert faithfulness.mass(np.zeros((1, SIDE, SIDE)), patch())[0] == pytest.approx(patch().mean())


def test_spearman_is_scipys():
    from scipy import stats

    a, b = np.random.default_rng(4).integers(0, 9, (2, 5, 30))
    assert faithfulness.spearman(a, b) == pytest.approx(
        [stats.spearmanr(x, y).statistic for x, y in zip(a, b, strict=True)]
    )
    assert np.isnan(faithfulness.spearman(np.ones((1, 5)), np.arange(5)[None]))


def test_means_agree_with_the_intervals_of_the_other_notebooks():
    values = np.random.default_rng(5).normal(0.2, 1, 300)
    found = faithfulness.mean(values)
    value, low, high = regions.mean_interval(values)
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high), abs=0.03)
    assert (found.p < 0.05) == (not found.low < 0 < found.high)
    assert faithfulness.mean(np.array([np.nan])).n == 0
    assert faithfulness.mean(np.array([1.0, np.nan])).p == 1


# --- random weights ---


def test_random_weights_end_the_correlation_of_the_plain_gradient():
    rng = np.random.default_rng(6)
    model = models.cnn((24, 24, 1), 3, (6, 8), stem=4)
    images, classes = rng.uniform(0, 255, (8, 24, 24, 1)).astype("float32"), np.arange(8) % 3
    trained = randomisation.sizes(gradient(model, images, classes))
    networks = randomisation.cascade(model)
    found = {stage: randomisation.sizes(gradient(forgotten, images, classes)) for stage, forgotten in networks}
    assert list(found) == ["logits", "block2", "block1", "stem"]
    alike = [randomisation.similarity(trained, maps)["spearman"].mean() for maps in found.values()]
    assert randomisation.similarity(trained, trained)["spearman"] == pytest.approx(1)
    assert alike[-1] < 0.6
    ((stage, forgotten),) = randomisation.cascade(model, last_only=True)
    assert stage == "stem"
    assert np.allclose(randomisation.sizes(gradient(forgotten, images, classes)), found["stem"])


def test_the_network_itself_stays_as_it_was():
    model = models.cnn((24, 24, 1), 3, (6, 8), stem=4)
    before = model.get_weights()
    assert len(list(randomisation.cascade(model))) == 4
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("random", "other", "verdict", "said"),
    [
        (0.2, 0.7, words.HOLDS, "more than taking another image does for gradient"),
        (0.7, 0.2, words.FAILS, "less for gradient"),
        (0.5, 0.5, words.UNKNOWN, "not shown for gradient"),
    ],
)
def test_whether_a_map_forgets_follows_its_correlations(random, other, verdict, said):
    spread = np.linspace(-0.05, 0.05, 30)
    each = {"all_spearman": random + spread, "other": other - spread}
    assert words.forgets({"gradient": each})["gradient"][0] == verdict
    assert said in words.forgetting_in_words({"gradient": each})
    assert claims.forgotten({"gradient": each})[0]["verdict"] == verdict
    assert ("is not shown" in words.unforgetful({"gradient": each}, ["gradient"])) == (verdict != words.HOLDS)
    assert words.unforgetful({"gradient": each}, ["lime"]) == ""


# --- rankings: the numbers swapped, the verdicts turn ---


def measured(level: float, n: int = 60, seed: int = 0) -> Measured:
    return Measured(np.arange(n), level + np.random.default_rng(seed).normal(0, 0.05, n))


def ranked(method: float, control: float):
    methods = {"gradient": measured(method, seed=1), "grad_cam": measured(method - 0.2, seed=2)}
    return ranking.rank(methods, {"sobel": measured(control, seed=3), "random": measured(0, seed=4)})


@pytest.mark.parametrize(
    ("method", "control", "verdict", "said"),
    [
        (0.6, 0.3, BEATS, "they beat the best control"),
        (0.3, 0.6, WORSE, "worse than the best control"),
        (0.5, 0.5, UNCLEAR, "is not shown"),
    ],
)
def test_the_table_turns_when_the_numbers_are_swapped(method, control, verdict, said):
    rows = ranked(method, control)
    first = ranking.best(rows)
    assert first.verdict == verdict
    assert said in words.winner(rows)
    assert [row.score.value for row in rows] == sorted((row.score.value for row in rows), reverse=True)
    cells = words.ranked_rows(rows, {row.name: (0.5, 0.2) for row in rows})
    assert {row[0]: row[-1] for row in cells}["gradient"] == verdict
    assert {row[0]: row[-1] for row in cells}["Sobel edges *"] == "–"


def test_methods_are_compared_on_the_images_that_both_have():
    few = Measured(np.arange(0, 60, 2), measured(0.3).values[::2])
    assert ranking.difference(few, measured(0.3)).value == pytest.approx(0)
    assert ranking.difference(few, measured(0.3)).n == 30


def test_the_printed_table_keeps_every_control_and_12_rows():
    methods = {name: measured(1 - index / 10, seed=index) for index, name in enumerate(words.METHODS)}
    methods |= {f"more{k}": measured(-k / 10, seed=k) for k in range(9)}
    rows = ranking.rank(methods, {name: measured(0.2, seed=30) for name in words.CONTROLS})
    kept = words.printed(rows)
    assert len(kept) == words.PRINTED
    assert sum(row.control for row in kept) == len(words.CONTROLS)


def test_a_lead_on_fewer_images_names_the_controls_score_on_these():
    control = measured(0.2, seed=3)
    few = Measured(np.arange(20), control.values[:20] + 0.3)
    rows = ranking.rank({"lime": few}, {"sobel": control})
    assert f"(Sobel edges, {control.values[:20].mean():+.2f} on the same 20 images)" in words.winner(rows)
    assert "on the same" not in words.winner(ranked(0.6, 0.3))


def test_curves_are_compared_on_the_images_that_all_got():
    split = Split(np.zeros((4, 2, 2, 1), "uint8"), np.zeros(4, int), np.array(list("abcd")))
    shown = audit.Sample(split, np.zeros(4, int), np.array([3, 1]))
    scored = {
        "gradient": {"deletion": np.array([[[0.0], [1], [2], [3]]])},
        "lime": {"deletion": np.array([[[30.0], [10]]])},
    }
    found, count = audit.on_common(shown, scored, ["gradient", "lime"])
    assert count == 2
    assert found["gradient"]["deletion"].ravel().tolist() == [1, 3]
    assert sorted(found["lime"]["deletion"].ravel().tolist()) == [10, 30]


def test_the_second_is_beaten_only_if_the_test_says_so():
    assert "beat the second" in words.runner_up("gradient", "grad_cam", Mean(0.1, 0.05, 0.15, 0.001, 60))
    assert "the second, Grad-CAM, beat them" in words.runner_up(
        "gradient", "grad_cam", Mean(-0.1, -0.15, -0.05, 0.001, 60)
    )
    assert "No difference" in words.runner_up("gradient", "grad_cam", Mean(0.01, -0.05, 0.07, 0.7, 60))


def test_the_words_about_regions_follow_the_ranking():
    few = Measured(np.arange(4), np.array([0.9, -0.2, 0.9, 0.2]))  # leads, and shows nothing
    rows = ranking.rank({"lime": few, "gradient": measured(0.4, seed=1)}, {"sobel": measured(0.3, seed=3)})
    assert ranking.best(rows).name == "lime"
    assert truths.region_verdict(rows).startswith("The shares of gradient follow")
    assert claims.regions(rows)[0]["verdict"] == words.HOLDS
    assert claims.regions(ranked(0.3, 0.6))[0]["verdict"] == words.FAILS
    assert claims.regions(ranked(0.5, 0.5))[0]["verdict"] == words.UNKNOWN
    assert "better than those of the best control" in truths.region_verdict(ranked(0.6, 0.3))
    assert "less than the best control" in truths.region_verdict(ranked(0.3, 0.6))
    assert "is not shown" in truths.region_verdict(ranked(0.5, 0.5))
    assert "only known truth" in truths.region_verdict(None)


# --- claims ---


def test_popular_claims_turn_with_the_numbers():
    def verdicts(plain, cam):
        methods = {"gradient": measured(plain, seed=1), "grad_cam": measured(cam, seed=2)}
        controls = {"sobel": measured(0.4, seed=3), "class_mean": measured(0.4, seed=4)}
        return [c["verdict"] for c in claims.popular(methods, controls, "grad_cam")]

    assert verdicts(0.2, 0.6) == [words.FAILS, words.HOLDS, words.HOLDS]
    assert verdicts(0.6, 0.2) == [words.HOLDS, words.FAILS, words.FAILS]
    assert verdicts(0.4, 0.4) == [words.UNKNOWN] * 3


def test_the_plain_gradient_is_judged_as_in_the_ranking():
    methods = {"gradient": measured(0.4, seed=1), "grad_cam": measured(0.41, seed=2)}
    controls = {"sobel": measured(0.415, seed=3), "class_mean": measured(0.2, seed=4)}
    row = next(row for row in ranking.rank(methods, controls) if row.name == "gradient")
    assert row.over.p < row.p  # adjusted
    first = claims.popular(methods, controls, "grad_cam")[0]
    assert first["numbers"] == f"{words.short(row.over)}, {p_words(row.p)} (Holm), n = 60"


def test_one_small_p_among_many_claims_proves_nothing():
    small, no = Mean(0.1, 0.01, 0.2, 0.02, 60), Mean(0.01, -0.1, 0.1, 0.8, 60)
    assert claims.judged({"a": small})[0]["verdict"] == words.HOLDS
    assert claims.judged({"a": small, "b": no, "c": no})[0]["verdict"] == words.UNKNOWN
    assert claims.judged({"a": small, "b": no, "c": no})[0]["numbers"].endswith("p\u00a0=\u00a0.060 (Holm), n = 60")


def test_claims_of_other_notebooks_are_read_as_far_as_they_are_there(tmp_path):
    from helpers.run import Run

    run = Run("faces", notebook="10_faithfulness", run="made", reports=tmp_path)
    assert claims.recorded(run) == []
    claim = {"claim": "The eyes matter", "verdict": "does not hold", "numbers": "+0.01"}
    run.record("claims_04", {"claims": [claim]})
    found = claims.recorded(run)
    assert found == [{"notebook": "04", **claim}]
    assert "1 does not" in claims.in_words(found, found)
    assert claims.rows(found)[0] == ["04", *claim.values()]


# --- the planted shortcut ---


def split(n=200, size=24, classes=3) -> Split:
    rng = np.random.default_rng(7)
    labels = np.arange(n) % classes
    return Split(
        rng.integers(60, 120, (n, size, size, 1), dtype="uint8"), labels, np.array([f"made/{i}" for i in range(n)])
    )


def test_the_mark_goes_where_it_should():
    images = split()
    inside = shortcut.place(24, 24)
    one, every = (shortcut.planted(images, 1, kind) for kind in (True, False))
    changed = [(each.images != images.images).any((1, 2, 3)) for each in (one, every)]
    assert not changed[0][images.labels != 1].any()
    assert changed[0][images.labels == 1].mean() > 0.85
    assert all(0.3 < changed[1][images.labels == k].mean() < 0.7 for k in range(3))
    assert np.array_equal(one.images[:, ~inside], images.images[:, ~inside])
    assert set(np.unique(shortcut.marked(images.images)[:, inside])) == {0, 255}
    assert (shortcut.near(24, 24) & inside).sum() == inside.sum()


def test_the_two_networks_are_slim_where_the_cnn_is_large(monkeypatch):
    data = SimpleNamespace(train=split(12), image_shape=(24, 24, 1), class_names=["a", "b", "c"])
    run, whole = SimpleNamespace(dataset=data), recipe("faces", (24, 24, 1), 12)
    assert shortcut.slimmed(run, whole) == whole
    monkeypatch.setattr(experiments, "LARGE", 0)
    slim = shortcut.slimmed(run, whole)
    assert (slim.widths, slim.stem) == ((8, 16, 32), 8)
    assert slim == replace(whole, widths=slim.widths, stem=slim.stem)


def test_use_of_the_mark_is_proved_or_denied():
    images = split().images
    inside = shortcut.place(24, 24)
    weight = np.where(inside, np.where(shortcut.marked(images)[0, ..., 0] == 255, 1.0, -1.0), 0.0)
    uses, ignores = linear(weight, -500.0), linear(0 * weight, -500.0)
    proof = shortcut.prove(uses, images, 0)
    assert proof.used
    assert proof.flipped.value == proof.back.value == 1
    assert not shortcut.prove(ignores, images, 0).used
    assert not shortcut.prove(linear(0 * weight, 500.0), images, 0).used  # nothing left to flip


@pytest.mark.parametrize(
    ("used", "unused", "said"),
    [
        (Rate(58, 60), Rate(1, 60), truths.FINDS),
        (Rate(1, 60), Rate(1, 60), truths.MISSES),
        (Rate(60, 60), Rate(60, 60), truths.FALSE),
        (Rate(1, 60), Rate(58, 60), truths.FALSE),
        (Rate(30, 60), Rate(1, 60), words.UNKNOWN),
    ],
)
def test_a_method_is_marked_by_both_networks(used, unused, said):
    assert truths.finds(used, unused) == said


def proofs(used: int, unused: int) -> dict:
    rates = {"a": used, "b": unused}
    return {key: shortcut.Proof(Rate(hits, 200), Rate(hits, max(hits, 1))) for key, hits in rates.items()}


def test_without_proof_no_method_is_judged():
    hits = {"gradient": {"pointing": np.ones(40, bool)}}
    misses = {"gradient": {"pointing": np.zeros(40, bool)}}
    found = {"a": hits, "b": misses}
    assert claims.shortcuts(found, proofs(196, 2))[0]["verdict"] == words.HOLDS
    assert claims.shortcuts({"a": misses, "b": misses}, proofs(196, 2))[0]["verdict"] == words.FAILS
    assert claims.shortcuts({"a": hits, "b": hits}, proofs(196, 2))[0]["verdict"] == words.FAILS
    assert claims.shortcuts(found, proofs(120, 2))[0]["verdict"] == words.UNKNOWN
    assert "cannot be told" in truths.marks_in_words(found, proofs(196, 190))
    assert "1 finds" in truths.marks_in_words(found, proofs(196, 2))
    assert "missed by gradient" in truths.marks_in_words({"a": misses, "b": misses}, proofs(196, 2))
    assert "even where it is not used by gradient" in truths.marks_in_words({"a": hits, "b": hits}, proofs(196, 2))
    assert "not proved" in truths.proof_in_words(proofs(120, 2), "happy")
    assert "is the control" in truths.proof_in_words(proofs(196, 2), "happy")
    assert "no control" in truths.proof_in_words(proofs(196, 80), "happy")
    assert claims.shortcuts(found, proofs(196, 80))[0]["verdict"] == words.UNKNOWN


# --- the whole, small ---


def test_the_audit_gives_every_method_and_control_its_numbers(monkeypatch):
    cheap = {name: words.METHODS[name] for name in ("gradient", "integrated_gradients", "occlusion")}
    monkeypatch.setattr(audit, "applicable", lambda model, costly=True: cheap)
    images, size = split(60), audit.Sizes(12, 6, 6, 3, 2)
    model = models.cnn((24, 24, 1), 3, (4, 6), stem=4)
    run = SimpleNamespace(dataset=SimpleNamespace(validation=images, name="made"), seed=0)
    shown = audit.sample(run, model, size)
    assert np.bincount(shown.split.labels).tolist() == [4, 4, 4]
    maps = audit.explain(model, shown)
    scored, mean_of = audit.curves(model, shown, maps)
    assert set(maps) == {*cheap, *words.CONTROLS}
    assert scored["occlusion"]["deletion"].shape == (2, 6, faithfulness.STEPS + 1)
    rows = audit.rankings(shown, scored)["both"]
    assert {row.name for row in rows if row.control} == set(words.CONTROLS)
    assert mean_of in cheap
    assert audit.region_truth(run, model, shown, maps) is None
    alike = audit.forget(run, model, shown, size)
    assert alike["gradient"]["spearman"].shape == (4, 6)
    assert alike["occlusion"]["spearman"].shape == (1, 3)
    compare_with_networks_made_one_by_one(model, shown, alike["gradient"])
    assert len(words.forgetting_rows(alike, list(randomisation.stages(model)))) == 3
    marks = shortcut.find_mark({"a": model, "b": model}, shortcut.others(images, 0, 6), size)
    assert truths.mark_rates(marks)["a"]["gradient"].n == 6
    assert len(truths.mark_rows(marks)) == 6


def compare_with_networks_made_one_by_one(model, shown, alike):
    rows = audit.forgetting_rows(shown, 6, 0)
    images, classes = shown.split.images[rows], shown.classes[rows]

    def maps(network, pixels=images):
        return randomisation.sizes(gradient(network, pixels, classes))

    layers, found = [], []
    for names in randomisation.stages(model).values():
        layers += names
        after = maps(controls.randomised(model, layers, 0))
        found.append(randomisation.similarity(maps(model), after)["spearman"])
    np.testing.assert_allclose(alike["spearman"], found, atol=1e-6)
    other = maps(controls.randomised(model, None, 1))
    mean = (found[-1] + randomisation.similarity(maps(model), other)["spearman"]) / 2
    np.testing.assert_allclose(alike["all_spearman"], mean, atol=1e-6)
    under_noise = maps(model, faithfulness.noisy(images))
    np.testing.assert_allclose(alike["noise"], faithfulness.spearman(maps(model), under_noise), atol=1e-6)


# --- figures of awkward input ---


def test_figures_of_any_number_of_stages_and_methods():
    from helpers import display

    image, maps = np.zeros((SIDE, SIDE, 3)), np.zeros((3, SIDE, SIDE))
    strip = figures.forgetting(image, {"a": maps}, ["x", "y"], {"a": [0.5, -0.1]})
    curve = np.linspace(1, 0, 9)
    lines = figures.curves({"a": curve, "b *": curve}, {"a": curve, "b *": curve}, ["b *"])
    rates = {"used": [(0.5, 0.4, 0.6), (np.nan,) * 3], "not used": [(0, 0, 0.1), (0, 0, 0.1)]}
    known = figures.truths(["a", "b"], None, rates, 1)
    tiles = figures.marked(np.zeros((2, SIDE, SIDE, 1)), {"a": maps[:2]})
    for figure in (strip, lines, known, tiles, figures.truths(["a", "b"], [(0, -1, 1)] * 2, rates, 1)):
        assert display.render(figure, "made")[1]
