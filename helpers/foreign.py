"""A network trained elsewhere, made to keep this workbook's contract: raw pixels in, linear ``logits`` out, flat.

What can be wrong with it is found here, each fault in one sentence: custom code, shapes, a last layer that is no
softmax, another pixel range, another class order.
"""

import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from helpers import evaluation, training
from helpers.backend import keras, layers
from helpers.datasets.base import Split
from helpers.errors import UserError

RANGES = {"0..255": (1.0, 0.0), "0..1": (1 / 255, 0.0), "-1..1": (2 / 255, -1.0)}  # (scale, offset) of raw pixels
TRIED = 1000  # validation images on which ranges and class orders are tried
CERTAIN = 0.001  # p below which another range or order counts as better
CONFIG_LIMIT = 50_000_000  # characters; the description of a network of a thousand layers has one million
NETWORKS = {"Functional", "Model", "Sequential"}
WITH_CODE = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}  # stock layers around any code


def adopt(path: Path, pixel_range: str, images: np.ndarray, classes: int) -> keras.Model:
    """Open a network and rebuild it to this workbook's contract, with the same answers.

    Args:
        path: a ``.keras`` or ``.h5`` file.
        pixel_range: what its pixels ran from and to in training, a key of ``RANGES``.
        images: uint8 (n, height, width, channels), a few images on which both must agree.
        classes: number of classes of the data set.

    Returns:
        a flat functional model named ``cnn``, float32, of stock layers: raw pixels (n, height, width, channels) in
        0..255 in, ``logits`` (n, classes) out. A final softmax is gone; inner layers keep their names.

    Raises:
        UserError: a file that cannot or must not be opened, or a network that cannot be explained.
    """
    if pixel_range not in RANGES:
        raise UserError(f"RANGE={pixel_range} is not possible: RANGE is {', '.join(RANGES)}")
    network = _open(path)
    _check_shapes(network, path.name, images.shape[1:], classes)
    scale, offset = RANGES[pixel_range]
    pixels = layers.Input(images.shape[1:], name="pixels")
    scaled = pixels if pixel_range == "0..255" else layers.Rescaling(scale, offset, name="rescale_pixels")(pixels)
    try:
        flat = training.export(keras.Model(pixels, _flat(network, scaled)))
    except ValueError as fault:
        raise UserError(f"{path.name} cannot be rebuilt layer by layer ({_first_line(fault)})") from fault
    if shared := [layer.name for layer in flat.layers if len(layer._inbound_nodes) > 1]:
        raise UserError(
            f"{path.name} uses its layer {shared[0]} more than once: a network without shared layers is needed"
        )
    model, was_softmax = _without_softmax(flat, path.name)
    before = network.predict(images.astype("float32") * scale + offset, verbose=0)
    after = evaluation.probabilities(evaluation.predict(model, images))
    if not was_softmax and np.allclose(before.sum(axis=-1), 1, atol=1e-3) and before.min() >= 0:
        raise UserError(
            f"{path.name} gives probabilities, but not by a softmax at its end: end it in a softmax or in logits"
        )
    exact = all(layer.dtype_policy.compute_dtype == "float32" for layer in network.layers)
    difference = np.abs(after - (before if was_softmax else evaluation.probabilities(before))).max()
    if not difference <= (1e-5 if exact else 2e-2):  # also where it is not a number
        raise UserError(f"{path.name} answers differently once rebuilt (by {difference:.1e}): save it again in float32")
    return model


def _open(path: Path) -> keras.Model:
    """The network of a file, uncompiled; what is not stock Keras is refused before Keras sees the file."""
    name = path.name
    if path.is_dir():
        raise UserError(f"{name} is a folder: save the network as one file, model.save('my.keras')")
    if not path.is_file():
        raise UserError(
            f"{name} is not there: MODEL is the path of a .keras or .h5 file, from the repository or from /"
        )
    if path.suffix.lower() not in (".keras", ".h5", ".hdf5"):
        raise UserError(f"{name} is no .keras or .h5 file: save the network with model.save('my.keras')")
    try:
        config = _config(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as fault:
        raise UserError(f"{name} holds no Keras network: save it with model.save('my.keras')") from fault
    for kind in _kinds(config):
        if kind in WITH_CODE or not (kind in NETWORKS or hasattr(layers, kind)):
            raise UserError(
                f"{name} contains {kind.rpartition('>')[2]}, not stock Keras or with its own code, and stays closed: "
                "build the network from stock layers (Rescaling for a formula on pixels) and save it again"
            )
    try:
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as fault:
        raise UserError(f"{name} cannot be opened in Keras' safe mode ({_first_line(fault)})") from fault
    if not isinstance(network, keras.Sequential) and not hasattr(network, "inputs"):
        raise UserError(f"{name} is neither a functional nor a Sequential model: build it as one and save it again")
    return network


def _config(path: Path) -> dict:
    """What a file says about its network, as JSON."""
    if path.suffix.lower() == ".keras":
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size > CONFIG_LIMIT:
                raise ValueError("config.json is too large")
            return json.loads(archive.read("config.json"))
    import h5py

    with h5py.File(path, "r") as file:
        return json.loads(file.attrs["model_config"])


def _kinds(config: dict) -> Iterator[str]:
    """The class names of a network and of all layers in it, however deep."""
    yield str(config["class_name"])
    inner = config.get("config", {})
    # The oldest files list the layers of a Sequential directly.
    for layer in inner if isinstance(inner, list) else [*inner.get("layers", ()), *filter(None, [inner.get("layer")])]:
        yield from _kinds(layer)


def _check_shapes(network: keras.Model, name: str, shape: tuple[int, int, int], classes: int) -> None:
    if not network.built:
        raise UserError(f"{name} does not know its input's shape: call it on an image before saving it")
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        raise UserError(
            f"{name} has {len(network.inputs)} inputs and {len(network.outputs)} outputs: one image in, one row of "
            "classes out is needed"
        )
    wanted, given = tuple(network.inputs[0].shape[1:]), tuple(network.outputs[0].shape[1:])
    if len(wanted) != 3 or any(have not in (None, need) for have, need in zip(wanted, shape, strict=True)):
        sized = len(wanted) == 3 and wanted[2] in (None, shape[2]) and wanted[0] == wanted[1]
        remedy = (
            f"SIZE={wanted[0]} where the data leave it open" if sized else "MODEL must be a network for such images"
        )
        raise UserError(
            f"{name} takes {_times(wanted)} (height × width × channels), and the images have {_times(shape)}: {remedy}"
        )
    if given == (1,):
        raise UserError(f"{name} ends in one number, as a sigmoid does: end it in a softmax of {classes} classes")
    if given != (classes,):
        raise UserError(
            f"{name} ends in {_times(given)} outputs, and the data set has {classes} classes: it was fitted to others"
        )


def _times(shape: Sequence[int | None]) -> str:
    return " × ".join("any" if side is None else str(side) for side in shape)


def _flat(network: keras.Model, tensor: keras.KerasTensor) -> keras.KerasTensor:
    """Call a network's layers one by one, those of networks inside it as well."""
    if isinstance(network, keras.Sequential):
        for layer in network.layers:
            tensor = _call(layer, tensor)
        return tensor
    if len(network.outputs) != 1:
        raise ValueError(f"{network.name} inside it has {len(network.outputs)} outputs")
    called = []

    def call(layer, *tensors, **options):
        called.append(_call(layer, *tensors, **options))
        return called[-1]

    # Only the calls are wanted, the last of which gives the output: the model made of them would be a copy.
    inputs = keras.tree.map_structure(lambda _: tensor, network.input)
    keras.models.clone_model(network, input_tensors=inputs, clone_function=lambda layer: layer, call_function=call)
    return called[-1]


def _call(layer, *tensors, **options):
    return _flat(layer, *tensors) if isinstance(layer, keras.Model) else layer(*tensors, **options)


def _without_softmax(model: keras.Model, name: str) -> tuple[keras.Model, bool]:
    """The model up to its logits, the last layer called so, and whether there was a softmax behind them."""
    last, found = model.layers[-1], False
    while isinstance(last, layers.Softmax) or type(last) is layers.Activation:
        kind = "softmax" if isinstance(last, layers.Softmax) else last.activation.__name__
        if kind not in ("softmax", "log_softmax", "linear"):
            break
        found = found or kind == "softmax"
        model = keras.Model(model.inputs, last.input)
        last = model.layers[-1]
    kind = getattr(getattr(last, "activation", None), "__name__", "linear")
    if kind not in ("linear", "softmax", "log_softmax") or (kind == "softmax" and found):
        raise UserError(
            f"{name} ends in {kind}{' twice' * found}: end it in a softmax, or in logits without an activation"
        )
    if isinstance(last, layers.Dense):
        logits = layers.Dense.from_config({**last.get_config(), "activation": "linear", "name": "logits"})
        tensor, weights = logits(last.input), last.get_weights()
        logits.set_weights(weights)
    elif kind == "linear":
        tensor = layers.Activation("linear", name="logits")(last.output)
    else:
        raise UserError(f"{name} ends in a {type(last).__name__} with {kind}: make the softmax a layer of its own")
    try:
        return keras.Model(model.inputs, tensor, name="cnn"), found or kind == "softmax"
    except ValueError as fault:  # an inner layer is called logits already
        raise UserError(
            f"{name} has two layers of one name ({_first_line(fault)}): name its last layer logits"
        ) from fault


def _first_line(fault: Exception) -> str:
    return (str(fault).strip() or type(fault).__name__).splitlines()[0].rstrip(".:")[:160]


# --- does it fit the data? ---


def check(
    model: keras.Model, split: Split, names: Sequence[str], file: str, pixel_range: str
) -> dict[str, evaluation.Rate]:
    """Whether a network recognises the images at all, as given: in this pixel range and this order of classes.

    Args:
        model: from ``adopt``.
        split: labelled images that the network should know how to tell apart.
        names: of the classes, in the data set's order.
        file: what faults call the network.
        pixel_range: as given to ``adopt``.

    Returns:
        accuracy on up to 1,000 images by pixel range, all that were tried.

    Raises:
        UserError: another range, negatives or another order are clearly better (McNemar, p < .001), or it is not
            better than always naming the most frequent class.
    """
    part = split.take(evaluation.stratified(split.labels, TRIED))
    labels, pixels = part.labels, part.images.astype("float32")
    found = {each: evaluation.predict(model, _as_if(pixels, pixel_range, each)) for each in RANGES}
    rates = {each: evaluation.accuracy(labels, logits) for each, logits in found.items()}
    own, always = found[pixel_range], np.bincount(labels).max() / len(labels)
    counts = evaluation.confusion(labels, own)
    outputs = linear_sum_assignment(counts, maximize=True)[1]  # the output that stands for each class

    moved = [f"output {output} is {names[k]}" for k, output in enumerate(outputs) if output != k]
    other = max(RANGES, key=lambda each: rates[each].hits)
    remedies = {
        f"with RANGE={other}: wrong range? Say RANGE={other}": found[other],
        "of their negatives: it was trained with black and white exchanged": evaluation.predict(model, 255 - pixels),
        f"in another class order ({_listed(moved, 4)}): train it with the labels of this data set, "
        + _listed([f"{k} {name}" for k, name in enumerate(names)], 7): own[:, outputs],
    }
    remedy, logits = max(remedies.items(), key=lambda item: evaluation.accuracy(labels, item[1]).hits)
    test, rate = evaluation.mcnemar(labels, logits, own), evaluation.accuracy(labels, logits)
    said = (
        f"{file} recognises {100 * rates[pixel_range].value:.0f} % of {len(labels):,} validation images "
        f"with RANGE={pixel_range}"
    )
    if test.difference > 0 and test.p < CERTAIN and rate.interval[0] > always:
        raise UserError(f"{said}, but {100 * rate.value:.0f} % {remedy}")
    if rates[pixel_range].interval[0] <= always:
        tried = ", ".join(f"{each}: {100 * rate.value:.0f} %" for each, rate in rates.items())
        raise UserError(
            f"{said}, not shown to be better than always naming the most frequent class ({100 * always:.0f} %): "
            f"wrong range or class order? No range helps ({tried}), and no order of the classes"
        )
    return rates


def _as_if(pixels: np.ndarray, given: str, tried: str) -> np.ndarray:
    """Pixels that a network with the range ``given`` built in sees as if it were ``tried``."""
    (scale, offset), (other_scale, other_offset) = RANGES[given], RANGES[tried]
    return ((pixels * other_scale + other_offset) - offset) / scale


def _listed(parts: Sequence[str], most: int) -> str:
    return ", ".join(parts[:most]) + ", …" * (len(parts) > most)
