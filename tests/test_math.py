"""Notebook 11: the closed forms against Keras and TensorFlow, and words that turn with the numbers."""

import numpy as np
import pytest

from helpers import display, evaluation, figures
from helpers import math_checks as checks
from helpers.words import math as words


def exact() -> dict[str, float]:
    """Differences as they are where everything is as derived."""
    return dict.fromkeys([*words.FORMULAS, words.PRINTED[0]], 1e-15) | {words.PRINTED[1]: 0.9}


# --- closed forms ---


@pytest.mark.parametrize(("n", "kernel", "stride", "padding"), [(5, 3, 1, 0), (5, 3, 2, 1), (7, 4, 3, 2), (1, 3, 5, 1)])
def test_places_are_counted_by_the_formula(n, kernel, stride, padding):
    tried = [begin for begin in range(0, 100, stride) if begin + kernel <= n + 2 * padding]
    assert list(checks.places(n, kernel, stride, padding)) == tried
    assert len(tried) == (n + 2 * padding - kernel) // stride + 1


def test_a_kernel_larger_than_the_image_has_no_output():
    with pytest.raises(ValueError, match="does not fit"):
        checks.places(3, 6, 1, 1)
    assert len(checks.places(3, 5, 4, 1)) == 1


def test_a_convolution_is_that_of_keras():
    from helpers.backend import layers

    for case in checks.convolutions(10, seed=1):
        (width, height), (p1, p2) = case.size, case.padding
        layer = layers.Conv2D(case.filters, case.kernel[::-1], case.stride[::-1])
        out = layer(layers.ZeroPadding2D((p2, p1))(np.zeros((case.batch, height, width, case.channels), "float32")))
        assert (out.shape[0], out.shape[2], out.shape[1], out.shape[3]) == case.output_shape
        assert layer.count_params() == case.parameters


def test_batch_norm_gradients_are_those_of_keras():
    import tensorflow as tf

    from helpers.backend import layers

    for x, gamma, beta in checks.batches(5, seed=1):
        layer = layers.BatchNormalization(epsilon=checks.EPSILON, dtype="float64")
        layer.build(x.shape)
        layer.gamma.assign(gamma)
        layer.beta.assign(beta)
        g = np.cos(x)
        values = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(values)
            loss = tf.reduce_sum(layer(values, training=True) * g)
        found = tape.gradient(loss, [values, layer.gamma.value, layer.beta.value])
        formulas = checks.batch_norm_gradients(x, gamma, g)
        worst = {}
        checks.note(worst, {name: formulas[name] for name in ("∂ℓ/∂x", "∂ℓ/∂γ", "∂ℓ/∂β")}, found)
        assert max(worst.values()) < checks.TOLERANCE


def test_softmax_gradients_are_finite_differences():
    step = 1e-6
    for z, y in checks.targets(9, seed=1):
        steps = step * np.eye(len(z))

        def terms(z, y=y):
            return -y * np.log(evaluation.probabilities(z))

        def twice(z, y=y):
            return -y @ np.log(evaluation.probabilities(evaluation.probabilities(z)))

        slopes = np.array([(terms(z + s) - terms(z - s)) / (2 * step) for s in steps])
        found = [slopes.sum(1), np.diag(slopes), [(twice(z + s) - twice(z - s)) / (2 * step) for s in steps]]
        worst = {}
        checks.note(worst, checks.softmax_gradients(z, y), found)
        assert max(worst.values()) < 1e-6


def test_the_printed_claim_holds_for_the_true_class_alone():
    z, y = np.array([1.0, -0.5, 2.0]), np.array([0.0, 1.0, 0.0])
    claim = evaluation.probabilities(z) - y
    term = checks.softmax_gradients(z, y)["∂Lₜ/∂zₜ"]
    assert claim[1] == pytest.approx(term[1])
    assert (term[[0, 2]] == 0).all()
    assert (claim[[0, 2]] > 0).all()


def test_softmax_twice_has_a_lowest_loss_and_no_pull_where_it_is_sure():
    assert checks.lowest_loss_twice(7) == pytest.approx(np.log(1 + 6 / np.e))
    p, once, twice = checks.gradient_norms(np.array([[30.0, 0, 0], [0, 30, 0]]), np.array([0, 0]))
    assert p == pytest.approx([1, 0], abs=1e-9)
    assert once == pytest.approx([0, np.sqrt(2)], abs=1e-9)
    assert twice == pytest.approx([0, 0], abs=1e-9)
    assert checks.two_class_path(2)[0][-1] > 0.999


def test_a_picture_that_repeats_is_told_from_one_that_does_not():
    tile = np.random.default_rng(0).normal(size=(2, 2, 3))
    picture = np.tile(tile, (5, 5, 1))
    picture[0] = 9  # the border is left out
    assert checks.repetition(picture, (2, 2), 2) == 0
    assert checks.repetition(picture, (1, 1), 2) > 0.1
    assert np.isnan(checks.repetition(picture, (2, 2), 5))


def test_random_cases_repeat():
    assert list(checks.convolutions(5, 3)) == list(checks.convolutions(5, 3))
    assert list(checks.convolutions(5, 3)) != list(checks.convolutions(5, 4))
    assert all(case.output_shape for case in checks.convolutions(200))


def test_the_worst_case_is_kept():
    worst = {}
    for difference in (0.1, 0.3, 0.2):
        checks.note(worst, {"a": np.zeros(2)}, [[0, difference]])
    checks.note(worst, {"none": np.zeros(0)}, [np.zeros(0)])
    assert worst == {"a": 0.3, "none": 0.0}


# --- words ---


def test_a_formula_that_is_off_is_said_to_be_wrong():
    worst = exact()
    assert "Keras agrees in all of 9" in words.verdict(worst, words.CONVOLUTION, 9, "Keras")
    worst["parameters"] = 1.0
    assert "does **not** agree" in words.verdict(worst, words.CONVOLUTION, 9, "Keras")
    assert words.check_rows(worst)[1][-2:] == ["1", "does not agree"]
    assert "not" in words.verdict(worst | {"∂ℓ/∂x": float("nan")}, words.BATCH_NORM, 9, "TensorFlow")
    assert not words.agrees({}, words.SOFTMAX)


def test_the_table_has_twelve_rows_of_evidence_and_the_slip():
    rows = words.check_rows(exact())
    assert len(rows) == 12
    assert [row[-1] for row in rows].count("does not agree") == 1
    assert rows[-1][-1] == "does not agree"


def test_the_flaw_is_called_a_slip_only_if_the_numbers_show_it():
    assert "slip" in words.printed_claim(exact())
    assert "do not settle" in words.printed_claim(exact() | {words.PRINTED[1]: 0.0})
    assert "do not settle" in words.printed_claim(exact() | {words.PRINTED[0]: 0.5})


def test_the_pull_turns_with_the_numbers():
    p, strong, weak = np.full(4, 0.2), np.full(4, 0.9), np.full(4, 0.1)
    wrong = np.array([True, True, False, False])
    assert "softmax weakens" in words.pull((p, strong, weak), wrong)
    assert "does not weaken" in words.pull((p, weak, strong), wrong)
    assert "makes no mistake" in words.pull((p, strong, weak), ~wrong & wrong)


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("higher", "fewer validation images"),
        ("lower", "more validation images"),
        ("no difference shown", "no difference"),
    ],
)
def test_the_trainings_are_told_by_their_test(verdict, said):
    assert said in words.trainings(["once − twice", "+1.0", "+0.1 to +1.9", 9, 1, ".010", verdict])


def test_what_ascent_can_do_follows_from_the_gradients():
    assert "only shifts the brightness" in words.linear(0.0, 0.9, 1e-7, (1, 1))
    assert "repeats every 2 pixels" in words.linear(1e-8, 0.9, 1e-7, (2, 2))
    assert "brightness" not in words.linear(0.0, 0.9, float("nan"), (1, 1))
    assert "is not linear" in words.linear(0.4, 0.9, 0.0, (1, 1))


# --- figures ---


@pytest.mark.parametrize("classes", [2, 11])
def test_the_figures_are_drawn(classes):
    rng = np.random.default_rng(0)
    norms = checks.gradient_norms(rng.normal(size=(20, classes)), rng.integers(0, classes, 20))
    curves = {name: [{"epoch": 1, "val_loss": 2.0}] for name in ("softmax once", "softmax twice")}
    figure = figures.softmax_twice(checks.two_class_path(classes), norms, curves, checks.lowest_loss_twice(classes))
    assert display.render(figure, "softmax-twice")[1]
    assert display.render(figures.kernel_places(5, 1, 3, checks.places(5, 3, 2, 1)), "places")[1]
