"""The networks: sizes that match, names that stay, pixels in and logits out."""

import keras
import numpy as np
import pytest

from helpers import models, training

SHAPES = [((48, 48, 1), 7), ((64, 64, 3), 11)]


@pytest.mark.parametrize(("shape", "classes"), SHAPES)
@pytest.mark.parametrize("shares", [(1, 1, 1), (4, 2, 1)])
def test_a_dnn_gets_the_size_asked_for(shape, classes, shares):
    target = models.cnn(shape, classes, (16, 32, 64)).count_params()
    widths = models.match_widths(lambda w: models.dnn(shape, classes, w), shares, target)
    assert abs(models.dnn(shape, classes, widths).count_params() - target) <= 0.01 * target


@pytest.mark.parametrize("target", [5_000, 78_000, 1_200_000])
def test_a_half_depth_cnn_gets_the_size_asked_for(target):
    def make(widths):
        return models.cnn_half((48, 48, 1), 7, widths)

    network = make(models.match_widths(make, (1, 2, 4), target))
    assert abs(network.count_params() - target) <= 0.01 * target
    assert sum(isinstance(layer, keras.layers.Conv2D) for layer in network.layers) == 3


def test_a_size_out_of_reach_is_refused():
    with pytest.raises(ValueError, match="the nearest"):
        models.match_widths(lambda w: models.dnn((48, 48, 1), 7, w), (1,), 100)


def test_layers_have_stable_names():
    names = [layer.name for layer in models.cnn((48, 48, 1), 7, (8, 16), residual=True).layers]
    for name in ("pixels", "stem_conv1", "block1_conv1", "block2_conv2", "block2_shortcut", "logits"):
        assert name in names


def test_the_last_feature_map_is_at_least_six_by_six():
    for shape, pool in (((48, 48, 1), 2), ((128, 128, 3), 4)):
        last = models.cnn(shape, 7, (8, 16, 32), stem_pool=pool).get_layer("block3_relu2")
        assert min(last.output.shape[1:3]) >= 6


def test_logits_are_linear_and_normalisation_is_inside():
    network = models.dnn((4, 4, 1), 3, (), statistics=([100.0], [25.0]))
    x = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 1)).astype("float32")
    kernel, bias = network.get_layer("logits").get_weights()
    expected = ((x - 100) / 5).reshape(5, -1) @ kernel + bias
    np.testing.assert_allclose(network.predict(x, verbose=0), expected, rtol=1e-4, atol=1e-4)


def test_multiply_adds_of_a_known_network():
    network = models.cnn((8, 8, 1), 2, (4,), convolutions=1, stem=2, residual=False)
    stem, block, dense = 8 * 8 * 9 * 1 * 2, 4 * 4 * 9 * 2 * 4, 4 * 2
    assert models.multiply_adds(network) == stem + block + dense


def test_tables_of_layers_and_blocks_count_every_parameter():
    network = models.cnn((48, 48, 1), 7, (8, 16), statistics=([1.0], [2.0]))
    assert sum(row[-1] for row in models.layer_rows(network)) == network.count_params()
    blocks = models.block_rows(network)
    assert sum(row[-1] for row in blocks) == network.count_params()
    assert [row[0] for row in blocks] == ["stem", "block1", "block2", "logits"]


def test_the_fused_batch_norm_learns_what_the_stock_layer_learns():
    """Same output, gradient and moving statistics as Keras' layer, up to rounding."""
    x = np.random.default_rng(0).normal(3, 2, (16, 6, 6, 4)).astype("float32")
    results = []
    for kind in (keras.layers.BatchNormalization, models.FusedBatchNormalization):
        layer = kind(momentum=0.9)
        inputs = keras.layers.Input(x.shape[1:])
        network = keras.Model(inputs, keras.layers.Conv2D(3, 3, kernel_initializer="ones")(layer(inputs)))
        network.compile(keras.optimizers.SGD(0.01), "mse")
        network.fit(x, np.ones((16, 4, 4, 3), "float32"), batch_size=16, epochs=3, verbose=0, shuffle=False)
        results.append(network.get_weights())
    for stock, fused in zip(*results, strict=True):
        np.testing.assert_allclose(fused, stock, rtol=1e-3, atol=1e-4)


def test_an_exported_network_opens_without_helpers(tmp_path):
    network = training.build(
        lambda: models.cnn((16, 16, 1), 3, (4, 8), statistics=([9.0], [4.0])), training.Training(1, bfloat16=True), 0
    )
    copy = training.export(network)
    assert {type(layer).__module__.split(".")[0] for layer in copy.layers} == {"keras"}
    assert all(layer.dtype_policy.name == "float32" for layer in copy.layers)
    copy.save(tmp_path / "cnn.keras")
    again = keras.saving.load_model(tmp_path / "cnn.keras", safe_mode=True, compile=False)
    x = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 1)).astype("float32")
    np.testing.assert_array_equal(again.predict(x, verbose=0), copy.predict(x, verbose=0))
