"""A network trained elsewhere, made to keep this workbook's contract: raw pixels in, linear ``logits`` out, flat.

What can be wrong with it is found here, each fault in one sentence: custom code, shapes, a last layer that is no
softmax, another pixel range, another class order.
"""

import contextlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import h5py
import numpy as np

from helpers import evaluation
from helpers.backend import keras, layers
from helpers.datasets.base import Dataset
from helpers.errors import UserError
from helpers.networks import adapt, saved
from helpers.networks.check import RANGES, alphabetical, check, stated  # noqa: F401

CONFIG_LIMIT = 50_000_000  # characters; a network of a thousand layers takes one million
SAVED = "model.save('my.keras')"
NETWORKS = {"Functional", "Model", "Sequential"}
OPERATORS = ("keras.src.ops.numpy", "keras.src.ops.nn", "keras.src.ops.math", "keras.src.ops.image")
# Stock layers around any code.
WITH_CODE = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}


def adopt(
    path: Path, pixel_range: str, dataset: Dataset, classes: str | Sequence[str] | None = None
) -> tuple[keras.Model, list[dict]]:
    """Open a network (``.keras``, ``.h5``) and rebuild it to this workbook's contract, with the same answers.

    Args:
        pixel_range: what its pixels ran from and to in training, a key of ``RANGES``.
        dataset: on a few of its validation images both must agree, on more the order of the classes is tried.
        classes: the order of its outputs: names, or ``alphabetical``; None: the data set's, or the alphabetical one if
            clearly better.

    Returns:
        a flat model ``cnn``, float32, of stock layers: raw pixels (n, height, width, channels) in 0..255 in, ``logits``
        (n, classes) out, in the data set's order; inner layers keep their names. And what was changed, see ``adapt``.

    Raises:
        UserError: a file that cannot or must not be opened, or a network that cannot be explained.
    """
    if pixel_range not in RANGES:
        raise UserError(f"RANGE={pixel_range} is not possible: RANGE is {', '.join(RANGES)}")
    notes: list[dict] = []
    network, names, shape = _open(path, notes), dataset.class_names, dataset.image_shape
    _check_shapes(network, path.name, shape, len(names))
    entry = adapt.front(network, shape, RANGES[pixel_range], notes)
    model = _flattened(network, entry, path.name, notes)
    model, end = adapt.without_softmax(model, path.name)
    matrix = np.eye(len(names), dtype="float32")
    if network.outputs[0].shape[-1] == 1:
        notes.append({"kind": "one_output"})
        matrix = np.float32([[0, 1]])
    try:
        model = adapt.ended(model, matrix)
    except ValueError as fault:  # an inner layer is called logits already
        raise UserError(
            f"{path.name} has two layers of one name ({_first_line(fault)}): name its last layer logits"
        ) from fault
    _compare(network, entry, model, end, dataset.validation.images[:32], path.name)
    notes += adapt.peculiar(model)
    own = stated(classes, names, path.name) if classes else None
    order = own if classes else alphabetical(model, dataset, pixel_range)
    if order:
        model = adapt.ended(model, adapt.ordered(order))
        notes.append({"kind": "class_order", "order": order, "stated": bool(classes)})
    return model, notes


def _open(path: Path, notes: list[dict]) -> keras.Model:
    """The network of a file, uncompiled; what is not stock Keras is refused before Keras sees the file."""
    name, suffix = path.name, path.suffix.lower()
    if path.is_dir():
        raise UserError(f"{name} is a folder: save the network as one file, {SAVED}")
    if not path.is_file():
        raise UserError(
            f"{name} is not there: MODEL is the path of a .keras or .h5 file, from the repository or from /"
        )
    if suffix not in (".keras", ".h5", ".hdf5"):
        raise UserError(f"{name} is no .keras or .h5 file: save a Keras network with {SAVED}")
    if h5py.is_hdf5(path) if suffix == ".keras" else zipfile.is_zipfile(path):
        other = ".h5" if suffix == ".keras" else ".keras"
        raise UserError(f"{name} is a {other} file by its content: rename it to end in {other}")
    try:
        config, version = _config(path)
        adapt.modernise(config)
        kinds = list(_kinds(config))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as fault:
        raise UserError(f"{name} holds no Keras network: save it with {SAVED}") from fault
    for kind, module in kinds:
        stock = kind in NETWORKS or hasattr(layers, kind) or module in OPERATORS
        if kind in WITH_CODE or not stock:
            raise UserError(
                f"{name} contains {kind.rpartition('>')[2]}, not stock Keras or with its own code, and stays closed: "
                "build the network from stock layers (Rescaling for a formula on pixels) and save it again"
            )
    network = _load(path, config, version)
    if not version.startswith("3"):
        notes.append({"kind": "keras2", "version": version})
    if not isinstance(network, keras.Sequential) and not hasattr(network, "inputs"):
        raise UserError(
            f"{name} is neither a functional nor a Sequential model: build it as one and save it again"
        )
    if not all(np.isfinite(weights).all() for weights in network.get_weights()):
        raise UserError(
            f"{name}: its weights are not numbers, its training diverged; lower the learning rate"
        )
    return network


def _load(path: Path, config: dict, version: str) -> keras.Model:
    """Open a file as it is, or else a copy with another description in it, as files of Keras 2 need it."""
    load, text = keras.saving.load_model, json.dumps(config)
    with contextlib.suppress(Exception):
        return load(path, compile=False, safe_mode=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"network{path.suffix.lower()}"
        if copy.suffix == ".keras":
            with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
                for part in old.namelist():
                    new.writestr(part, text if part == "config.json" else old.read(part))
        else:
            shutil.copyfile(path, copy)
            with h5py.File(copy, "r+") as file:
                file.attrs["model_config"] = text
        try:
            return load(copy, compile=False, safe_mode=True)
        except Exception as fault:
            raise UserError(
                f"{path.name}, saved by Keras {version}, cannot be opened in Keras' safe mode ({_first_line(fault)}): "
                "build the network in Keras 3, load its weights and save it again"
            ) from fault


def _config(path: Path) -> tuple[dict, str]:
    """What a file says about its network, as JSON, and the version of Keras that wrote it."""
    if path.suffix.lower() == ".keras":
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size > CONFIG_LIMIT:
                raise ValueError("config.json is too large")
            made = json.loads(archive.read("metadata.json"))
            return json.loads(archive.read("config.json")), str(made.get("keras_version", ""))
    with h5py.File(path, "r") as file:
        version = file.attrs.get("keras_version", "2.")
        version = version if isinstance(version, str) else version.decode()
        return json.loads(file.attrs["model_config"]), version


def _kinds(config: dict) -> Iterator[tuple[str, str]]:
    """The class names of a network and of all layers in it, however deep, and their modules."""
    yield str(config["class_name"]), str(config.get("module"))
    for layer in adapt.inner(config):
        yield from _kinds(layer)


def _check_shapes(
    network: keras.Model, name: str, shape: tuple[int, int, int], classes: int
) -> None:
    if not network.built:
        raise UserError(
            f"{name} does not know its input's shape: call it on an image before saving it"
        )
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        raise UserError(
            f"{name} has {len(network.inputs)} inputs and {len(network.outputs)} outputs: one image in, one row of "
            "classes out is needed"
        )
    wanted, given = tuple(network.inputs[0].shape[1:]), tuple(network.outputs[0].shape[1:])
    if len(wanted) != 3 or wanted[2] not in (None, shape[2], 3 if shape[2] == 1 else None):
        raise UserError(
            f"{name} takes {_times(wanted)} (height × width × channels), and the images have {_times(shape)}: MODEL "
            "must be a network for such images"
        )
    if given == (1,) and classes != 2:
        raise UserError(
            f"{name} ends in one number, as a sigmoid does: end it in a softmax of {classes} classes"
        )
    if given not in ((1,), (classes,)):
        raise UserError(
            f"{name} ends in {_times(given)} outputs, and the data set has {classes} classes: it was fitted to others"
        )


def _times(shape: Sequence[int | None]) -> str:
    return " × ".join("any" if side is None else str(side) for side in shape)


def _flattened(network, entry: keras.Model, name: str, notes: list[dict]) -> keras.Model:
    """The network layer by layer behind raw pixels, float32."""
    operators: list[str] = []
    try:
        flat = adapt.flat(network, entry.output, operators)
        model = saved.export(keras.Model(entry.input, flat))
    except (ValueError, TypeError) as fault:
        said = f"{name} cannot be rebuilt layer by layer ({_first_line(fault)})"
        raise UserError(said) from fault
    if shared := [layer.name for layer in model.layers if len(layer._inbound_nodes) > 1]:
        raise UserError(
            f"{name} uses its layer {shared[0]} more than once: a network without shared layers is needed"
        )
    if operators:
        notes.append({"kind": "operators", "names": operators})
    return model


def _compare(network, entry, model, end: str, images: np.ndarray, name: str) -> None:
    """Refuse a network that answers otherwise once rebuilt."""
    pixels = entry.predict(images.astype("float32"), verbose=0)
    before = keras.tree.flatten(network.predict(pixels, verbose=0))[0].astype("float64")
    after = evaluation.probabilities(evaluation.predict(model, images))
    if before.shape[-1] == 1:
        before = before if end == "sigmoid" else 1 / (1 + np.exp(-before))
        before = np.hstack([1 - before, before])
    elif end == "linear":
        if np.allclose(before.sum(axis=-1), 1, atol=1e-3) and before.min() >= 0:
            raise UserError(
                f"{name} gives probabilities, but not by a softmax at its end: end it in a softmax or in logits"
            )
        before = evaluation.probabilities(before)
    exact = all(layer.dtype_policy.compute_dtype == "float32" for layer in network.layers)
    difference = np.abs(after - before).max()
    if not difference <= (1e-5 if exact else 2e-2):  # also where it is not a number
        raise UserError(
            f"{name} answers differently once rebuilt (by {difference:.1e}): save it again in float32"
        )


def _first_line(fault: Exception) -> str:
    """Keras tells what it was doing first, and the reason last."""
    reason = str(fault).rpartition("Exception encountered:")[2].strip() or type(fault).__name__
    return reason.splitlines()[0].rstrip(".:")[:160]
