"""A network trained elsewhere: adopted with the same answers, or refused in one sentence."""

import json
from dataclasses import replace

import h5py
import numpy as np
import pytest
from trained import blobs

from helpers import evaluation
from helpers.backend import keras, layers, ops
from helpers.datasets.base import Dataset
from helpers.errors import UserError
from helpers.explain import core
from helpers.networks import external, saved

NAMES = ["left", "right", "below"]
SPLIT = blobs(300)
PIXELS = SPLIT.images / np.float32(255)
DATA = Dataset("blobs", "Blobs", NAMES, (), SPLIT, SPLIT, None)


def trained(*last, order=(0, 1, 2), negative=False):
    """A network that knows in which corner the square is, if pixels are 0..1: brighter ones saturate."""
    see = layers.Conv2D(1, 1, name="see")
    answer = layers.Dense(3, name="answer", **({} if last else {"activation": "softmax"}))
    between = [layers.AveragePooling2D(6), layers.ReLU(max_value=0.6), layers.Flatten()]
    model = keras.Sequential([layers.Input((12, 12, 1)), see, *between, answer, *last])
    see.set_weights([np.full((1, 1, 1, 1), -1.0 if negative else 1.0), np.array([float(negative)])])
    answer.set_weights([40 * np.eye(4, 3)[:, list(order)], np.zeros(3)])
    return model


def functional(
    end=lambda x: layers.Softmax()(layers.Dense(3)(x)),
    inner=None,
    join=lambda a, b: layers.Add()([a, b]),
    shape=(None, None, 1),
):
    """A network whose two convolutions are joined; ``inner`` stands behind them."""
    pixels = layers.Input(shape)
    x = layers.Conv2D(4, 3, padding="same", name="first")(pixels)
    x = join(x, layers.Conv2D(4, 1, name="second")(x))
    x = layers.GlobalAveragePooling2D()(inner(x) if inner else x)
    return keras.Model(pixels, end(x))


def nested():
    """A network in a network, and a named output."""
    inside = layers.Conv2D(4, 3, activation="relu", name="inside")
    nest = keras.Sequential([layers.Input((None, None, 4)), inside])
    end = layers.Dense(3, activation="softmax")
    return functional(lambda x: {"emotion": end(x)}, lambda x: layers.BatchNormalization()(nest(x)))


def opened(model, folder, pixel_range="0..1", name="my.keras", classes=None):
    model.save(folder / name)
    return external.adopt(folder / name, pixel_range, DATA, classes)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (trained, "my.keras"),
        (trained, "my.h5"),
        (lambda: trained(layers.Activation("softmax")), "my.keras"),
        (lambda: trained(layers.Activation("linear")), "my.keras"),
        (functional, "my.keras"),
        (lambda: functional(layers.Dense(3, name="logits")), "my.keras"),
        (nested, "my.h5"),
    ],
)
def test_an_adopted_network_is_flat_ends_in_logits_and_answers_as_before(make, name, tmp_path):
    original = make()
    model, _ = opened(original, tmp_path, name=name)
    saved.export(model).save(tmp_path / "cnn.keras")
    model = keras.saving.load_model(tmp_path / "cnn.keras", compile=False, safe_mode=True)
    assert (model.name, model.layers[-1].name) == ("cnn", "logits")
    assert model.input_shape == (None, 12, 12, 1)
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)
    convolutions = {layer.name for layer in model.layers if isinstance(layer, layers.Conv2D)}
    assert {"see"} <= convolutions or {"first", "second"} <= convolutions
    same_answers(original, model)


def same_answers(original, model, pixels=PIXELS):
    logits = evaluation.predict(model, SPLIT.images)
    (before,) = map(np.asarray, keras.tree.flatten(original(pixels, training=False)))
    if not np.allclose(before.sum(-1), 1):
        np.testing.assert_allclose(logits, before, atol=1e-4)
        before = evaluation.probabilities(before)
    np.testing.assert_allclose(evaluation.probabilities(logits), before, atol=1e-5)


def image_of(shape):
    return keras.Sequential([layers.Input(shape), layers.Flatten(), layers.Dense(3)])


def twice():
    """A layer that is used twice, and one that has the name of another."""
    again = layers.Conv2D(4, 3, padding="same", name="again")
    nest = keras.Sequential([layers.Input((None, None, 4)), layers.Conv2D(4, 3, name="first")])
    return functional(layers.Dense(3), lambda x: nest(again(again(x))))


def diverged():
    model = trained()
    model.set_weights([weights * np.nan for weights in model.get_weights()])
    return model


def average_of_softmaxes(x):
    return layers.Average()([layers.Dense(3, activation="softmax")(x) for _ in range(2)])


@keras.saving.register_keras_serializable("elsewhere")
class OwnLayer(layers.Layer):
    def call(self, x):
        return 2 * x


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: image_of((12, 12, 4)), r"takes 12 × 12 × 4 .* images have 12 × 12 × 1"),
        (lambda: functional(layers.Dense(5)), "ends in 5 outputs, and the data set has 3 classes"),
        (lambda: functional(layers.Dense(1, activation="sigmoid")), "end it in a softmax of"),
        (lambda: functional(layers.Dense(3, activation="sigmoid")), "ends in sigmoid"),
        (lambda: functional(lambda x: [layers.Dense(n)(x) for n in (3, 2)]), "and 2 outputs"),
        (lambda: functional(average_of_softmaxes), "not by a softmax at its end"),
        (lambda: functional(layers.Dense(3), layers.Lambda(lambda y: 2 * y)), "contains Lambda"),
        (lambda: functional(layers.Dense(3), OwnLayer()), "contains OwnLayer"),
        (diverged, "its weights are not numbers, its training diverged"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_one_sentence(make, said, tmp_path):
    for name in ("my.h5", "my.keras"):
        with pytest.raises(UserError, match=rf"^{name}.*{said}") as fault:
            opened(make(), tmp_path, name=name)
        assert "\n" not in str(fault.value)


def test_a_file_that_holds_no_network_is_refused(tmp_path):
    (tmp_path / "my.keras").write_bytes(b"PK, but no archive")
    trained().save_weights(tmp_path / "my.weights.h5")
    trained().save(tmp_path / "right.keras")
    (tmp_path / "right.keras").rename(tmp_path / "wrong.h5")
    (tmp_path / "wrong.keras").write_bytes((tmp_path / "my.weights.h5").read_bytes())
    (tmp_path / "my.pkl").write_bytes(b"")
    (tmp_path / "saved").mkdir()
    for name, said in [
        ("my.keras", "holds no Keras network"),
        ("my.weights.h5", "holds no Keras network.* not its weights alone"),
        ("wrong.h5", r"is a \.keras file by its content: rename it"),
        ("wrong.keras", r"is a \.h5 file by its content: rename it"),
        ("my.pkl", r"no \.keras or \.h5 file"),
        ("saved", r"no \.keras or \.h5 file: unpack it"),
        ("none.keras", "is not there"),
    ]:
        with pytest.raises(UserError, match=f"^{name}.*{said}"):
            external.adopt(tmp_path / name, "0..1", DATA)


def check(model, folder, given="0..1"):
    return external.check(opened(model, folder, given)[0], DATA, "my.keras", given)


def test_a_network_that_fits_the_data_is_measured_in_every_range(tmp_path):
    rates = check(trained(), tmp_path)
    assert rates["0..1"].value > 0.95
    assert rates["0..255"].value < 0.5


def chance():
    model = trained()
    model.layers[-1].set_weights([np.zeros((4, 3)), np.zeros(3)])
    return model


@pytest.mark.parametrize(
    ("make", "given", "said"),
    [
        (trained, "0..255", r"with RANGE=0\.\.255, but 100 % .* Say RANGE=0\.\.1"),
        (trained, "-1..1", r"with RANGE=-1\.\.1, but 100 % .* Say RANGE=0\.\.1"),
        (lambda: trained(negative=True), "0..1", "of their negatives"),
        (chance, "0..1", "not shown to be better than always naming the most frequent class"),
    ],
)
def test_what_does_not_fit_the_data_is_named_with_what_would(make, given, said, tmp_path):
    with pytest.raises(UserError, match=f"my.keras recognises .*{said}"):
        check(make(), tmp_path, given)


# --- what is adapted, with the same answers ---


def test_the_alphabetical_order_is_found_or_any_order_taken_by_word(tmp_path):
    alphabet = opened(trained(order=(2, 0, 1)), tmp_path)
    assert alphabet[1] == [{"kind": "class_order", "order": [1, 2, 0], "stated": False}]
    other = trained(order=(1, 2, 0))
    with pytest.raises(UserError, match="say CLASSES=right,below,left"):
        check(other, tmp_path)
    stated = opened(other, tmp_path, classes="right, below,left")
    assert stated[1] == [{"kind": "class_order", "order": [2, 0, 1], "stated": True}]
    ours = evaluation.predict(opened(trained(), tmp_path)[0], SPLIT.images)
    for model, _ in (alphabet, stated):
        np.testing.assert_array_equal(evaluation.predict(model, SPLIT.images), ours)
    assert opened(trained(), tmp_path, classes=NAMES)[1] == []
    with pytest.raises(UserError, match=r"CLASSES of my\.keras are up, down"):
        opened(trained(), tmp_path, classes=["up", "down"])


OPERATORS = {  # how two tensors are joined, and the operators met, or their number
    "squeeze": (lambda a, b: a * ops.mean(b, (1, 2), keepdims=True), ["Mean", "Multiply"]),
    "leaky": (lambda a, b: ops.leaky_relu(a - b, 0.3), ["Subtract", "LeakyRelu"]),
    "constants": (lambda a, b: (1 - a) / 3 + b * 2.0 - 0.5, 5),
    "unknown": (lambda a, b: ops.sqrt(ops.square(a) + 1.0) + b, 4),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_become_layers_where_there_is_one(name, tmp_path):
    join, wanted = OPERATORS[name]
    original = functional(join=join)
    model, notes = opened(original, tmp_path, classes=NAMES)
    (note,) = notes
    assert note["names"] == wanted or len(note["names"]) == wanted
    stock = [op for op in model.operations if not isinstance(op, keras.Layer)]
    assert bool(stock) == (name == "unknown")
    same_answers(original, model)


def test_the_front_repeats_grey_and_resizes(tmp_path):
    original = functional(shape=(20, 20, 3))
    model, notes = opened(original, tmp_path, "-1..1", classes=NAMES)
    assert notes == [
        {"kind": "channels", "given": 1, "wanted": 3},
        {"kind": "size", "given": [12, 12], "wanted": [20, 20]},
    ]
    assert model.input_shape == (None, 12, 12, 1)
    pixels = ops.image.resize(np.repeat(SPLIT.images / np.float32(127.5) - 1, 3, -1), (20, 20))
    same_answers(original, model, pixels)


@pytest.mark.parametrize("end", ["sigmoid", "linear"])
def test_one_output_becomes_two_logits(end, tmp_path):
    two = SPLIT.take(SPLIT.labels < 2)
    data = replace(DATA, class_names=NAMES[:2], validation=two)
    inner = [layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(1, end)]
    original = keras.Sequential([layers.Input((12, 12, 1)), *inner])
    original.save(tmp_path / "my.keras")
    model, notes = external.adopt(tmp_path / "my.keras", "0..1", data)
    assert {"kind": "one_output"} in notes
    logits = evaluation.predict(model, two.images)
    order = next((note["order"] for note in notes if note["kind"] == "class_order"), [0, 1])
    np.testing.assert_array_equal(logits[:, order.index(0)], 0)
    before = np.asarray(original(two.images / np.float32(255)))[:, 0]
    score = logits[:, order.index(1)]
    found = 1 / (1 + np.exp(-score)) if end == "sigmoid" else score
    np.testing.assert_allclose(found, before, atol=1e-5)


def test_peculiar_networks_are_noted(tmp_path):
    maps = functional(layers.Softmax(), layers.Conv2D(3, 3, name="maps"))
    noted = {"kind": "class_maps", "layer": "maps"}
    assert opened(maps, tmp_path, classes=NAMES)[1] == [noted]
    copied = {"kind": "copies", "names": ["again", "first"]}
    assert opened(twice(), tmp_path, classes=NAMES)[1] == [copied]
    model, notes = opened(image_of((144,)), tmp_path, classes=NAMES)
    assert notes == [{"kind": "layout", "wanted": [144]}, {"kind": "no_convolution"}]
    assert not core.layers_with_maps(model)


# --- files of Keras 2 ---


def of_keras_2(layer):
    """A layer as Keras 2 described it."""
    held, nodes = layer["config"], layer.get("inbound_nodes", [])
    if layer["class_name"] == "SeparableConv2D":
        held.update(groups=1, kernel_initializer={"class_name": "Zeros", "config": {}})
    if layer["class_name"] == "BatchNormalization":
        layer["class_name"], held["axis"] = "BatchNormalizationV1", [3]
    if layer["class_name"] == "RandomFlip":
        held["rng_type"] = "stateful"
    if nodes:
        (tensor,) = nodes[0]["args"]
        name, index, _ = tensor["config"]["keras_history"]
        layer["inbound_nodes"] = [[[name, index + (name == "inside"), 0, {}]]]
    for each in held.get("layers", []):
        of_keras_2(each)
    if layer["class_name"] == "Functional":
        held["output_layers"] = [held["output_layers"]]


@pytest.mark.filterwarnings("ignore")
def test_obsolete_keys_of_keras_2_stand_in_no_ones_way(tmp_path):
    inner, outer = layers.Input((12, 12, 1)), layers.Input((12, 12, 1))
    adapted = layers.Normalization()
    adapted.adapt(PIXELS)
    inside = keras.Model(inner, layers.SeparableConv2D(4, 3)(inner), name="inside")
    x = layers.SpatialDropout2D(0.2)(inside(layers.RandomFlip()(adapted(outer))))
    x = layers.Flatten()(layers.BatchNormalization()(x))
    original = keras.Model(outer, layers.Dense(3, activation="softmax")(x))
    original.save(tmp_path / "old.h5")
    with h5py.File(tmp_path / "old.h5", "r+") as file:
        config = json.loads(file.attrs["model_config"])
        of_keras_2(config)
        file.attrs["model_config"], file.attrs["keras_version"] = json.dumps(config), "2.15.0"
    model, notes = external.adopt(tmp_path / "old.h5", "0..1", DATA, NAMES)
    assert notes == [{"kind": "keras2", "version": "2.15.0"}]
    same_answers(original, model)
