"""The closed forms of exercises on convolution, batch normalisation and softmax, against Keras and TensorFlow."""

import numpy as np
import pytest

from helpers import evaluation
from helpers import math_checks as checks


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "padding"), [(5, 3, 1, 0), (5, 3, 2, 1), (7, 4, 3, 2), (1, 3, 5, 1)]
)
def test_places_are_counted_by_the_formula(n, kernel, stride, padding):
    tried = [begin for begin in range(0, 100, stride) if begin + kernel <= n + 2 * padding]
    assert list(checks.places(n, kernel, stride, padding)) == tried
    assert len(tried) == (n + 2 * padding - kernel) // stride + 1


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
        checks.note(worst, {name: formulas[name] for name in ("x", "gamma", "beta")}, found)
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
        again = [(twice(z + s) - twice(z - s)) / (2 * step) for s in steps]
        worst = {}
        checks.note(worst, checks.softmax_gradients(z, y), [slopes.sum(1), np.diag(slopes), again])
        assert max(worst.values()) < 1e-6


def test_softmax_twice_has_a_lowest_loss_and_no_pull_where_it_is_sure():
    assert checks.lowest_loss_twice(7) == pytest.approx(np.log(1 + 6 / np.e))
    p, once, twice = checks.gradient_norms(np.array([[30.0, 0, 0], [0, 30, 0]]), np.array([0, 0]))
    assert p == pytest.approx([1, 0], abs=1e-9)
    assert once == pytest.approx([0, np.sqrt(2)], abs=1e-9)
    assert twice == pytest.approx([0, 0], abs=1e-9)
    assert checks.two_class_path(2)[0][-1] > 0.999


def test_a_formula_that_is_off_is_said_to_be_wrong():
    found = checks.judged({"a": 1e-15, "b": 0.0, "c": 0.5, "d": float("nan")})
    assert [found[name].agrees for name in "abcd"] == [True, True, False, False]
    assert found["d"].difference is None
