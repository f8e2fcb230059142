"""The networks: sizes that match, names that stay, pixels in and logits out."""

import json
import os
import subprocess
import sys
from functools import partial

import keras
import numpy as np
import pytest

from helpers import ROOT
from helpers.networks import models, recipes, saved, training

FACES = {"shape": (48, 48, 1), "classes": 7}


def test_a_network_gets_the_size_asked_for_or_is_refused():
    half = models.matched(models.cnn_half, (1, 2, 4), 78_000, **FACES)()
    assert sum(isinstance(layer, keras.layers.Conv2D) for layer in half.layers) == 3
    dense = models.matched(models.dnn, (4, 2, 1), 78_000, **FACES)()
    assert all(abs(each.count_params() - 78_000) <= 780 for each in (half, dense))
    with pytest.raises(ValueError, match="the nearest"):
        models.matched(models.dnn, (1,), 100, **FACES)


def test_logits_are_linear_and_normalisation_is_inside():
    network = models.dnn((4, 4, 1), 3, (), statistics=([100.0], [25.0]))
    x = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 1)).astype("float32")
    kernel, bias = network.get_layer("logits").get_weights()
    expected = ((x - 100) / 5).reshape(5, -1) @ kernel + bias
    np.testing.assert_allclose(network.predict(x, verbose=0), expected, rtol=1e-4, atol=1e-4)


def test_the_fused_batch_norm_learns_what_the_stock_layer_learns():
    """Same output, gradient and moving statistics as Keras' layer, up to rounding."""
    x = np.random.default_rng(0).normal(3, 2, (16, 6, 6, 4)).astype("float32")
    results = []
    for kind in (keras.layers.BatchNormalization, models.FusedBatchNormalization):
        layer = kind(momentum=0.9)
        inputs = keras.layers.Input(x.shape[1:])
        end = keras.layers.Conv2D(3, 3, kernel_initializer="ones")
        network = keras.Model(inputs, end(layer(inputs)))
        network.compile(keras.optimizers.SGD(0.01), "mse")
        network.fit(x, np.ones((16, 4, 4, 3)), batch_size=16, epochs=3, verbose=0, shuffle=False)
        results.append(network.get_weights())
    for stock, fused in zip(*results, strict=True):
        np.testing.assert_allclose(fused, stock, rtol=1e-3, atol=1e-4)


def test_an_exported_network_opens_without_helpers(tmp_path):
    make = partial(models.cnn, (16, 16, 1), 3, (4, 8), statistics=([9.0], [4.0]))
    network = training.build(make, recipes.Training(1, bfloat16=True), 0)
    copy = saved.export(network)
    assert {type(layer).__module__.split(".")[0] for layer in copy.layers} == {"keras"}
    assert all(layer.dtype_policy.name == "float32" for layer in copy.layers)
    copy.save(tmp_path / "cnn.keras")
    again = keras.saving.load_model(tmp_path / "cnn.keras", safe_mode=True, compile=False)
    x = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 1)).astype("float32")
    np.testing.assert_array_equal(again.predict(x, verbose=0), copy.predict(x, verbose=0))


@pytest.mark.slow
def test_another_projects_settings_of_keras_change_nothing(tmp_path):
    settings = {"backend": "torch", "image_data_format": "channels_first", "floatx": "float16"}
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    asked = "print(b.backend(), b.image_data_format(), b.floatx())"
    words = [sys.executable, "-c", f"from helpers.backend import keras; b = keras.backend; {asked}"]
    environment = {**os.environ, "KERAS_HOME": str(tmp_path), "KERAS_BACKEND": "torch"}
    said = subprocess.check_output(words, cwd=ROOT, env=environment, text=True)
    assert said.split() == ["tensorflow", "channels_last", "float32"]
