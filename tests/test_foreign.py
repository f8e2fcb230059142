"""A network trained elsewhere: adopted with the same answers, or refused in one sentence."""

import json

import numpy as np
import pytest
from PIL import Image
from trained import blobs

from helpers import ROOT, curves, evaluation, foreign, training
from helpers.backend import keras, layers
from helpers.errors import UserError
from helpers.report import report
from helpers.report.knobs import parse

NAMES = ["left", "right", "below"]
SPLIT = blobs(300)


def trained(*last, order=(0, 1, 2), negative=False):
    """A network that knows in which corner the square is, if pixels are 0..1: brighter ones saturate."""
    see = layers.Conv2D(1, 1, name="see")
    answer = layers.Dense(3, name="answer", **({} if last else {"activation": "softmax"}))
    model = keras.Sequential(
        [
            layers.Input((12, 12, 1)),
            see,
            layers.AveragePooling2D(6),
            layers.ReLU(max_value=0.6),
            layers.Flatten(),
            answer,
            *last,
        ]
    )
    see.set_weights([np.full((1, 1, 1, 1), -1.0 if negative else 1.0), np.array([float(negative)])])
    answer.set_weights([40 * np.eye(4, 3)[:, list(order)], np.zeros(3)])
    return model


def functional(end=lambda x: layers.Softmax()(layers.Dense(3)(x)), inner=None):
    """A network with a shortcut, on images of any size."""
    pixels = layers.Input((None, None, 1))
    x = layers.Conv2D(4, 3, padding="same", name="first")(pixels)
    x = layers.Add()([x, layers.Conv2D(4, 1, name="second")(x)])
    x = layers.GlobalAveragePooling2D()(inner(x) if inner else x)
    return keras.Model(pixels, end(x))


def nested(x):
    inside = keras.Sequential([layers.Input((None, None, 4)), layers.Conv2D(4, 3, activation="relu", name="inside")])
    return layers.BatchNormalization()(inside(x))


def adopted(model, folder, pixel_range="0..1", name="my.keras"):
    model.save(folder / name)
    return foreign.adopt(folder / name, pixel_range, SPLIT.images[:8], 3)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["my.keras", "my.h5"])
@pytest.mark.parametrize(
    "make",
    [
        trained,
        lambda: trained(layers.Softmax()),
        lambda: trained(layers.Activation("softmax")),
        lambda: trained(layers.Activation("linear")),
        functional,
        lambda: functional(layers.Dense(3, activation="softmax")),
        lambda: functional(layers.Dense(3, name="logits")),
        lambda: functional(inner=nested),
    ],
)
def test_an_adopted_network_is_flat_ends_in_logits_and_answers_as_before(make, name, tmp_path):
    original = make()
    model = adopted(original, tmp_path, name=name)
    training.export(model).save(tmp_path / "cnn.keras")
    model = keras.saving.load_model(tmp_path / "cnn.keras", compile=False, safe_mode=True)
    assert (model.name, model.layers[-1].name, model.input_shape) == ("cnn", "logits", (None, 12, 12, 1))
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)
    convolutions = {layer.name for layer in model.layers if isinstance(layer, layers.Conv2D)}
    assert {"see"} <= convolutions or {"first", "second"} <= convolutions
    logits = evaluation.predict(model, SPLIT.images)
    before = original.predict(SPLIT.images / np.float32(255), verbose=0)
    if not np.allclose(before.sum(-1), 1):
        np.testing.assert_allclose(logits, before, atol=1e-4)
        before = evaluation.probabilities(before)
    np.testing.assert_allclose(evaluation.probabilities(logits), before, atol=1e-5)


@pytest.mark.parametrize(("pixel_range", "low", "high"), [("0..255", 0, 255), ("0..1", 0, 1), ("-1..1", -1, 1)])
def test_black_and_white_reach_the_network_as_the_range_says(pixel_range, low, high, tmp_path):
    pixels = layers.Input((12, 12, 1))
    model = keras.Model(pixels, layers.Dense(3, name="mean")(layers.GlobalAveragePooling2D()(pixels)))
    model.set_weights([np.ones((1, 3)), np.zeros(3)])
    black_and_white = np.stack([np.zeros((12, 12, 1)), np.full((12, 12, 1), 255)])
    logits = evaluation.predict(adopted(model, tmp_path, pixel_range), black_and_white)
    np.testing.assert_allclose(logits[:, 0], [low, high], atol=1e-6)


def image_of(shape):
    return keras.Sequential([layers.Input(shape), layers.Flatten(), layers.Dense(3)])


def shared():
    pixels, twice = layers.Input((12, 12, 1)), layers.Conv2D(1, 3, padding="same", name="twice")
    return keras.Model(pixels, layers.Dense(3)(layers.Flatten()(twice(twice(pixels)))))


def formula():
    pixels = layers.Input((12, 12, 1))
    return keras.Model(pixels, layers.Dense(3)(layers.Flatten()(pixels / 255.0)))


@keras.saving.register_keras_serializable("elsewhere")
class OwnLayer(layers.Layer):
    def call(self, x):
        return 2 * x


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: image_of((16, 16, 1)), r"takes 16 × 16 × 1 .* images have 12 × 12 × 1: SIZE=16"),
        (lambda: image_of((12, 12, 3)), r"takes 12 × 12 × 3 .* images have 12 × 12 × 1"),
        (lambda: image_of((144,)), "takes 144"),
        (lambda: functional(layers.Dense(5)), "ends in 5 outputs, and the data set has 3 classes"),
        (lambda: functional(layers.Dense(1, activation="sigmoid")), "ends in one number, as a sigmoid does"),
        (lambda: functional(layers.Dense(3, activation="sigmoid")), "ends in sigmoid"),
        (lambda: trained(layers.Activation("sigmoid")), "ends in sigmoid"),
        (lambda: functional(lambda x: [layers.Dense(3)(x), layers.Dense(2)(x)]), "1 inputs and 2 outputs"),
        (lambda: functional(lambda x: layers.Softmax()(layers.Dense(3, activation="softmax")(x))), "softmax twice"),
        (lambda: functional(layers.Dense(3), lambda x: layers.Lambda(lambda y: 2 * y)(x)), "contains Lambda"),
        (lambda: functional(layers.Dense(3), OwnLayer()), "contains OwnLayer"),
        (formula, "contains TrueDivide"),
        (shared, "uses its layer twice more than once"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_one_sentence(make, said, tmp_path):
    for name in ("my.keras", "my.h5"):
        with pytest.raises(UserError, match=said) as fault:
            adopted(make(), tmp_path, name=name)
        assert str(fault.value).startswith(name)
        assert "\n" not in str(fault.value)


def test_probabilities_that_no_final_softmax_makes_are_refused(tmp_path):
    def average_of_softmaxes(x):
        return layers.Average()([layers.Dense(3, activation="softmax")(x) for _ in range(2)])

    with pytest.raises(UserError, match="not by a softmax at its end"):
        adopted(functional(average_of_softmaxes), tmp_path)


def test_a_file_that_holds_no_network_is_refused(tmp_path):
    (tmp_path / "my.keras").write_bytes(b"PK, but no archive")
    (tmp_path / "my.h5").write_bytes(b"nothing")
    trained().save_weights(tmp_path / "my.weights.h5")
    (tmp_path / "my.pkl").write_bytes(b"")
    (tmp_path / "saved").mkdir()
    for name, said in [
        ("my.keras", "holds no Keras network"),
        ("my.h5", "holds no Keras network"),
        ("my.weights.h5", "holds no Keras network"),
        ("my.pkl", r"no \.keras or \.h5 file"),
        ("saved", "is a folder"),
        ("none.keras", "is not there"),
    ]:
        with pytest.raises(UserError, match=f"^{name}.*{said}"):
            foreign.adopt(tmp_path / name, "0..1", SPLIT.images[:8], 3)


def check(model, folder, pixel_range="0..1"):
    return foreign.check(adopted(model, folder, pixel_range), SPLIT, NAMES, "my.keras", pixel_range)


def test_a_network_that_fits_the_data_is_measured_in_every_range(tmp_path):
    rates = check(trained(), tmp_path)
    assert rates["0..1"].value > 0.95
    assert rates["0..255"].value < 0.5


@pytest.mark.parametrize("given", ["0..255", "-1..1"])
def test_a_wrong_range_is_named_with_the_right_one(given, tmp_path):
    with pytest.raises(UserError, match=rf"my.keras recognises .* with RANGE={given}, but 100 % .* Say RANGE=0\.\.1"):
        check(trained(), tmp_path, given)


def test_a_wrong_class_order_is_named_with_ours(tmp_path):
    with pytest.raises(UserError, match=r"another class order \(output 1 is left, .*0 left, 1 right, 2 below"):
        check(trained(order=(2, 0, 1)), tmp_path)
    with pytest.raises(UserError, match="another class order"):  # two of three exchanged
        check(trained(order=(1, 0, 2)), tmp_path)


def test_negatives_are_named(tmp_path):
    with pytest.raises(UserError, match="of their negatives"):
        check(trained(negative=True), tmp_path)


def test_a_network_at_chance_is_refused(tmp_path):
    model = trained()
    model.layers[-1].set_weights([np.zeros((4, 3)), np.zeros(3)])
    with pytest.raises(
        UserError, match=r"not shown to be better than always naming the most frequent class .* wrong range or class"
    ):
        check(model, tmp_path)


# --- curves ---

ROWS = [
    {"epoch": 1, "loss": 1.5, "accuracy": 0.4, "val_loss": 1.6, "val_accuracy": 0.35},
    {"epoch": 2, "loss": 1.0, "accuracy": 0.6, "val_loss": 1.2, "val_accuracy": 0.5},
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("log.csv", "epoch,accuracy,loss,val_accuracy,val_loss\n0,.4,1.5,.35,1.6\n1,.6,1,.5,1.2\n"),
        ("log.csv", "\ufeffepoch;acc;loss;lr;val_acc;val_loss\r\n1;.4;1.5;.1;.35;1.6\r\n2;.6;1;.1;.5;1.2\r\n"),
        ("log.json", json.dumps({key: [row[key] for row in ROWS] for key in ROWS[0]})),
        ("log.json", json.dumps([{("acc" if k == "accuracy" else k): v for k, v in row.items()} for row in ROWS])),
    ],
)
def test_curves_are_read_as_keras_writes_them(name, text, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert curves.read(tmp_path / name) == ROWS


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("log.csv", "", "has no epoch"),
        ("log.csv", "epoch,accuracy,loss\n0,.4,1.5\n", "has no column val_loss"),
        (
            "log.csv",
            "epoch,accuracy,loss,val_accuracy,val_loss\n0,40,1.5,.3,1\n",
            "epoch 1: accuracy is '40', not a share",
        ),
        (
            "log.csv",
            "epoch,accuracy,loss,val_accuracy,val_loss\n0,.4,nan,.3,1\n",
            "epoch 1: loss is 'nan', not a number",
        ),
        ("log.csv", "epoch,accuracy,loss,val_accuracy,val_loss\n0,.4,1\n", "val_loss is None"),
        ("log.json", "[1, 2]", "no table of curves"),
        ("log.json", '{"loss": [1], "accuracy": [1, 2]}', "no table of curves"),
        ("log.json", "{", "no table of curves"),
    ],
)
def test_broken_curves_are_one_sentence(name, text, said, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=f"^{name}.*{said}"):
        curves.read(tmp_path / name)


def test_curves_that_are_not_there(tmp_path):
    with pytest.raises(UserError, match=r"log\.csv is not there"):
        curves.read(tmp_path / "log.csv")


# --- end to end ---


def test_notebook_01_reports_a_network_trained_elsewhere_and_a_wrong_range_in_one_line(tmp_path):
    for part, split in (("train", blobs(90, 1)), ("validation", blobs(90, 2))):
        for i, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
            path = tmp_path / "corners" / part / f"{label} {NAMES[label]}" / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image[..., 0]).save(path)
    trained().save(tmp_path / "my.keras")
    (tmp_path / "log.csv").write_text("acc,loss,val_acc,val_loss\n.4,1.5,.35,1.6\n.6,1,.5,1.2\n")
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    name = "01_train_cnn.ipynb"
    (notebooks / name).write_text((ROOT / "notebooks" / name).read_text("utf-8"), encoding="utf-8")
    words = ["DATASET=image_folder", f"DATA={tmp_path}/corners", f"MODEL={tmp_path}/my.keras", "QUICK=1", "EPOCHS=1"]

    said = []
    good = parse([*words, "RANGE=0..1", f"HISTORY={tmp_path}/log.csv", "RUN=mine"])
    assert report(good, notebooks=notebooks, reports=tmp_path / "reports", say=said.append) == 0, said
    folder = tmp_path / "reports" / "mine"
    page = (folder / "report.html").read_text("utf-8")
    assert "the author's file my.keras" in page
    assert "trained elsewhere" in page
    assert str(tmp_path) not in page
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["elsewhere"]["model"]["file"] == "my.keras"
    assert str(tmp_path) not in json.dumps(manifest)
    assert "MODEL=my.keras RANGE=0..1 HISTORY=log.csv" in manifest["command"]
    network = keras.saving.load_model(folder / "models" / "cnn.keras", compile=False, safe_mode=True)
    assert network.layers[-1].name == "logits"
    assert len(json.loads((folder / "metrics" / "cnn.json").read_text())["history"]) == 2

    said = []
    bad = parse([*words, "RUN=wrong"])
    assert report(bad, notebooks=notebooks, reports=tmp_path / "reports", say=said.append) == 1
    assert any("Say RANGE=0..1" in line for line in said), said
