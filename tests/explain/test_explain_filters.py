"""Filters are found after their activation; dead ones are told."""

import numpy as np
import pytest

from helpers.backend import keras, layers
from helpers.errors import UserError
from helpers.explain import filter_survey, filters
from helpers.networks import models
from helpers.stats import Verdict

KERNEL = np.array([[1, -2, 1], [3, 1, -1], [-1, 2, -3]], "float32") / 255


def planted(channels: int = 1) -> keras.Model:
    """Filters: 0 a pattern, 1 the same doubled, 2 dead, 3 reached by bright images alone, 4 another pattern."""
    pixels = layers.Input((8, 8, channels))
    x = layers.ReLU(name="relu")(layers.Conv2D(5, 3, name="conv")(pixels))
    model = keras.Model(pixels, layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D()(x)))
    kernel = np.zeros((3, 3, channels, 5), "float32")
    for number, one in enumerate((KERNEL, 2 * KERNEL, KERNEL, np.full((3, 3), 1 / 255), KERNEL.T)):
        kernel[..., number] = one[..., None]
    bias = np.array([0, 0, -1e4, -8.5 * channels, 0], "float32")
    model.get_layer("conv").set_weights([kernel, bias])
    return model


def images(channels: int = 1) -> np.ndarray:
    found = np.random.default_rng(0).integers(0, 256, (40, 8, 8, channels)).astype("uint8")
    found[7] = 255
    return found


def test_dead_filters_and_what_excites_the_others_are_told():
    model = planted()
    (seen,) = filter_survey.survey(model, ["conv"], images())
    np.testing.assert_array_equal(seen.dead, [False, False, True, False, False])
    assert seen.best_image[3] == 7
    np.testing.assert_allclose(seen.best[3], 0.5, rtol=1e-4)


def test_maximising_leaves_the_dead_out_and_beats_every_image():
    model = planted()
    (seen,) = filter_survey.survey(model, ["conv"], images())
    climb = filter_survey.maximise(model, seen, 3, regulariser="none", steps=64)
    np.testing.assert_array_equal(climb.numbers, [0, 1, 3])
    assert climb.beats[:2].all()
    assert (climb.found.end[:2] > climb.shuffled[:2]).all()
    np.testing.assert_array_equal(climb.best, seen.best[[0, 1, 3]])


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        ([layers.MaxPooling2D(), layers.BatchNormalization(), layers.ReLU(name="r")], "r"),
        ([layers.Activation("elu", name="r"), layers.MaxPooling2D()], "r"),
        ([layers.BatchNormalization(), layers.MaxPooling2D(name="pool")], "pool"),  # none
        ([layers.Conv2D(4, 3, activation="relu")], "conv"),  # none before the next convolution
    ],
)
def test_the_activation_of_a_convolution_is_found(steps, name):
    start = [layers.Input((8, 8, 1)), layers.Conv2D(4, 3, name="conv")]
    model = keras.Sequential([*start, *steps, layers.Flatten()])
    assert filters.activated(model, "conv")[0] == name
    assert filters.outputs(model, "conv", images()).min() >= 0


def test_what_there_is_not_is_refused():
    with pytest.raises(UserError, match="no convolution"):
        filters.convolutions(models.dnn((8, 8, 1), 3, (4,)))
    with pytest.raises(ValueError, match="no layer 'logits' with maps"):
        filters.activated(planted(), "logits")


def test_purity_finds_a_class_and_no_class():
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 4
    noise = rng.random((200, 12))
    assert filter_survey.purity(noise, labels).p > 0.05
    told = filter_survey.purity(noise + (labels[:, None] == np.arange(12) % 4), labels)
    assert told.value == 1
    assert told.p < 0.01
    assert told.value > told.chance
    assert filter_survey.purity(noise[:, :0], labels) is None


def test_small_p_of_one_layer_among_many_proves_nothing():
    def pure(p):
        return filter_survey.Purity(0.5, 0.3, p, np.zeros(3), np.zeros(3, int))

    assert filter_survey.together([pure(0.02)])[0].verdict == Verdict.HOLDS
    found = filter_survey.together([pure(0.02), None, pure(0.5), pure(0.6)])
    assert found[0].p == pytest.approx(0.06)
    assert found[0].verdict == Verdict.UNDECIDED
    assert found[1] is None
