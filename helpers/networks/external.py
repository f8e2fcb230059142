"""A network trained elsewhere, made to keep this workbook's contract: raw pixels in, linear ``logits`` out, flat.

What can be wrong with it is found here, each fault in one sentence: custom code, shapes, a last layer that is no
softmax, another pixel range, another class order.
"""

import contextlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from helpers import evaluation
from helpers.backend import keras, layers
from helpers.datasets.base import Dataset
from helpers.errors import UserError
from helpers.networks import adapt
from helpers.networks.check import RANGES, alphabetical, check, stated  # noqa: F401

CONFIG_LIMIT = 50_000_000  # characters; a network of a thousand layers takes one million
SAVED = "model.save('my.keras')"
OPERATORS = ("keras.src.ops.numpy", "keras.src.ops.nn", "keras.src.ops.math", "keras.src.ops.image")
OF_CORE = {"Cast", "Slice", "StopGradient", "Unstack"}  # others run functions
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
    model = adapt.ended(model, matrix)
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
    if not path.exists():
        raise UserError(f"{name} is not there: MODEL is the path of a .keras or .h5 file")
    if path.is_dir() or suffix not in (".keras", ".h5", ".hdf5"):
        raise UserError(f"{name} is no .keras or .h5 file: unpack it, or save it by {SAVED}")
    if h5py.is_hdf5(path) if suffix == ".keras" else zipfile.is_zipfile(path):
        other = ".h5" if suffix == ".keras" else ".keras"
        raise UserError(f"{name} is a {other} file by its content: rename it to end in {other}")
    try:
        config, version = _config(path)
        for part in adapt.parts(config):
            adapt.modernise(part)
        kinds = [(part["class_name"], part.get("module")) for part in adapt.parts(config)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as fault:
        raise UserError(
            f"{name} holds no Keras network, or a part: get the file again (Git LFS: git lfs pull), or save it with "
            f"{SAVED}, not its weights alone"
        ) from fault
    for kind, module in kinds:
        stock = kind in adapt.NETWORKS | OF_CORE or hasattr(layers, kind) or module in OPERATORS
        if kind in WITH_CODE or not stock:
            raise UserError(
                f"{name} contains {kind.rpartition('>')[2]}, not stock Keras or with its own code: build it of stock "
                "layers (Rescaling for a formula on pixels) and save it again"
            )
    network = _load(path, config, version)
    if not version.startswith("3"):
        notes.append({"kind": "keras2", "version": version})
    if not network.built or not hasattr(network, "inputs"):
        raise UserError(f"{name} does not know its input's shape: build it with an Input layer")
    if not all(np.isfinite(weights).all() for weights in network.get_weights()):
        raise UserError(f"{name}: its weights are not numbers, its training diverged")
    return network


def _load(path: Path, config: dict, version: str) -> keras.Model:
    """Open a file as it is, or else by another description of its network, as files of Keras 2 need it."""
    with contextlib.suppress(Exception):
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    try:
        kind = keras.Sequential if config["class_name"] == "Sequential" else keras.Model
        with keras.src.saving.serialization_lib.SafeModeScope(True):
            network = kind.from_config(json.loads(json.dumps(config["config"]).replace("/", "_")))
        network.load_weights(path)
        return network
    except Exception as fault:
        raise UserError(
            f"{path.name}, saved by Keras {version}, cannot be opened in Keras' safe mode ({_first_line(fault)}): "
            "build it of stock parts in Keras 3, load its weights and save it as .keras"
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


def _check_shapes(
    network: keras.Model, name: str, shape: tuple[int, int, int], classes: int
) -> None:
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        raise UserError(
            f"{name} has {len(network.inputs)} inputs and {len(network.outputs)} outputs: one image in, one row of "
            "classes out is needed, such as keras.Model(model.inputs[0], model.outputs[0])"
        )
    taken, given = tuple(network.inputs[0].shape[1:]), tuple(network.outputs[0].shape[1:])
    wanted, _ = adapt.layout(taken, shape)
    if len(wanted) != 3 or wanted[2] not in (None, shape[2], 3 if shape[2] == 1 else None):
        raise UserError(
            f"{name} takes {_times(taken)} (height × width × channels), and the images have {_times(shape)}: MODEL "
            "must be a network for such images"
        )
    if given != (classes,) and (given, classes) != ((1,), 2):
        remedy = "end it in a softmax of all" if given == (1,) else "give the data it was fitted to"
        raise UserError(
            f"{name} ends in {_times(given)} outputs, and the data set has {classes} classes: {remedy}"
        )


def _times(shape: Sequence[int | None]) -> str:
    return " × ".join("any" if side is None else str(side) for side in shape)


def _flattened(network, entry: keras.Model, name: str, notes: list[dict]) -> keras.Model:
    """The network layer by layer behind raw pixels, float32."""
    flat = adapt.Flat(layer.name for layer in entry.layers)
    try:
        model = keras.Model(entry.input, flat.network(network, entry.output))
    except (ValueError, TypeError) as fault:
        raise UserError(
            f"{name} cannot be rebuilt layer by layer ({_first_line(fault)}): save it of stock layers, not quantised"
        ) from fault
    met = {"operators": flat.operators, "copies": flat.copies}
    notes += [{"kind": kind, "names": names} for kind, names in met.items() if names]
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
    return reason.splitlines()[0].partition(". ")[0].rstrip(".:")[:160]
