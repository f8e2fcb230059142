"""What is changed on an external network so that it keeps this workbook's contract, with the same answers.

Every change is noted as plain data: ``{"kind": ..., numbers}``. Kinds: ``keras2`` (version), ``operators`` (names),
``channels`` and ``size`` (given, wanted), ``layout`` (wanted), ``copies`` (names), ``one_output``, ``class_order``
(order, stated), ``class_maps`` (layer), ``no_convolution``.
"""

import inspect
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np

from helpers.backend import keras, layers
from helpers.errors import UserError

MERGED = ("Add", "Subtract", "Multiply", "Maximum", "Minimum")
NETWORKS = {"Functional", "Model", "Sequential"}
KERAS2_OPS = {
    "math.truediv": "Divide", "math.divide": "Divide", "math.multiply": "Multiply", "math.add": "Add",
    "__operators__.add": "Add", "math.subtract": "Subtract", "cast": "Cast",
    "nn.relu": "relu", "nn.softmax": "softmax", "math.sigmoid": "sigmoid", "math.tanh": "tanh",
}  # fmt: skip
POOLS = {"Mean": "GlobalAveragePooling2D", "Max": "GlobalMaxPooling2D"}
FOR_TRAINING = ("_initializer", "_regularizer", "_constraint", "trainable", "rng_type")
PASSING = ("Flatten", "Dropout", "Activation", "Pooling", "Reshape")


# --- files of Keras 2: obsolete keys, other modules, TensorFlow's operators ---


def parts(config: dict) -> Iterator[dict]:
    """The descriptions of a network and of all layers in it, however deep."""
    yield config
    held = config.get("config", {})
    # The oldest files list the layers of a Sequential directly.
    inner = held if isinstance(held, list) else [*held.get("layers", []), held.get("layer")]
    for layer in filter(None, inner):
        yield from parts(layer)


def modernise(config: dict) -> None:
    """Bring the description of a layer saved by Keras 2 to what Keras 3 reads, in place."""
    if str(config.get("module")).startswith("tf_keras"):
        plain = config["class_name"] in ("Functional", "Model")
        config["module"] = "keras.src.models.functional" if plain else "keras.layers"
    if config["class_name"] == "BatchNormalizationV1":
        config["class_name"] = "BatchNormalization"
    if config["class_name"] == "TFOpLambda":
        _modern_operator(config)
    kind, held = getattr(layers, config["class_name"], None), config.get("config", {})
    if "layers" in held:
        _renumber(held)
    if not inspect.isclass(kind):
        return
    # An InputLayer that says the same stands before it in such files.
    if config.get("module") and kind is not layers.InputLayer:
        held.pop("batch_input_shape", None)
    if isinstance(held.get("axis"), list) and kind is layers.BatchNormalization:
        held["axis"] = held["axis"][0]
    if isinstance(held.get("dtype"), dict):  # mixed precision
        held["dtype"] = held["dtype"]["config"]["name"]
    told = [inspect.signature(each.__init__).parameters for each in kind.__mro__[:-1]]
    known = set().union(*told) if "kwargs" in told[0] else told[0]
    config.pop("build_config", None)
    for key in list(held):
        switched_off = held[key] in (None, False) or (key, held[key]) == ("groups", 1)
        if key.endswith(FOR_TRAINING) or (switched_off and key not in known):
            del held[key]


def _renumber(network: dict) -> None:
    """Let the calls of networks inside one count from 0: to Keras 2 their own graph was the first."""
    kinds = {each["config"].get("name"): each["class_name"] for each in network["layers"]}

    def renumbered(nodes, inside):
        if not isinstance(nodes, list) or not nodes:
            return nodes
        if isinstance(nodes[0], str):
            later = kinds[nodes[0]] in inside and nodes[1] > 0
            return [nodes[0], nodes[1] - later, *nodes[2:]]
        return [renumbered(each, inside) for each in nodes]

    for layer in network["layers"]:
        layer["inbound_nodes"] = renumbered(layer.get("inbound_nodes"), NETWORKS)
    # At the end Keras 3 does so itself, but for a Sequential; a list of one output would be given on as a list.
    ends = renumbered(network.get("output_layers"), {"Sequential"})
    network["output_layers"] = ends[0] if isinstance(ends, list) and len(ends) == 1 else ends


def _modern_operator(config: dict) -> None:
    """An operator on tensors, or on a tensor and a number, as a layer; what is not known stays as it is."""
    kind = KERAS2_OPS.get(config["config"]["function"])
    if len(config["inbound_nodes"][0]) != 4:  # of a list of tensors
        return
    name, node, index, options = config["inbound_nodes"][0]
    other, nodes = options.get("y"), [[name, node, index, {}]]
    held = {"name": config["config"]["name"], "trainable": True, "dtype": "float32"}
    if kind in MERGED and isinstance(other, list):
        nodes.append([*other, {}])
    elif isinstance(other, int | float) and (linear := _linear(kind, other)):
        kind, held = "Rescaling", held | dict(zip(("scale", "offset"), linear, strict=True))
    elif kind and (kind == "Cast" or kind.islower()):
        kind, held = "Activation", held | {"activation": "linear" if kind == "Cast" else kind}
    else:
        return
    told = {"class_name": kind, "config": held, "inbound_nodes": [nodes]}
    config.update(told, module="keras.layers", registered_name=None)


# --- flat, of layers ---


class Flat:
    """Calls copies of a network's layers, float32, one by one, those of networks inside it as well.

    Attributes:
        taken: the names in use. A layer used again, or one with the name of another, gets a name of its own.
        operators: those met; they become layers where there is one.
        copies: the names that were taken already.
    """

    def __init__(self, taken: Iterable[str]):
        self.taken, self.operators, self.copies = {*taken, "logits"}, [], []

    def network(self, network: keras.Model, tensor: keras.KerasTensor) -> keras.KerasTensor:
        graph = getattr(network, "_functional", network)  # of a Sequential
        if len(graph.outputs) != 1:
            raise ValueError(f"{network.name} inside it has {len(graph.outputs)} outputs")
        inputs = keras.tree.map_structure(lambda _: tensor, graph.input)
        found = graph._run_through_graph(inputs, lambda layer: partial(self._call, layer))
        return keras.tree.flatten(found)[0]

    def _call(self, layer, *tensors, **options):
        if isinstance(layer, keras.Model):
            return self.network(layer, *tensors)
        if not isinstance(layer, keras.Layer):
            self.operators.append(type(layer).__name__)
            made = None if options else _layer(layer, tensors)
            if made:
                flat = keras.tree.flatten(tensors)
                given = [each for each in flat if isinstance(each, keras.KerasTensor)]
                layer, tensors = made, [given if len(given) > 1 else given[0]]
        told = layer.get_config() | {"name": self._name(layer.name)}
        if isinstance(layer, keras.Layer):
            told["dtype"] = "float32"
        if type(layer) is layers.Normalization:  # what it adapted to: its weights alone forget it
            told |= {key: np.squeeze(getattr(layer, key)).tolist() for key in ("mean", "variance")}
        copy = type(layer).from_config(told)
        tensor = copy(*tensors, **options)
        if getattr(copy, "weights", None):
            copy.set_weights(layer.get_weights())
        return tensor

    def _name(self, wanted: str) -> str:
        """A name not taken yet, as near as can be."""
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.taken.add(name)
        if name != wanted and wanted != "logits":  # what is last is called so in the end
            self.copies.append(wanted)
        return name


def _layer(operator, tensors: tuple):
    """The stock layer that does what an operator (``x + y``, ``ops.relu``) does, or None."""
    kind, name = type(operator).__name__, operator.name
    parts = keras.tree.flatten(tensors)
    given = [isinstance(each, keras.KerasTensor) for each in parts]
    if kind == "Concatenate":
        return layers.Concatenate(axis=operator.axis, name=name)
    if kind in MERGED and all(given) and len({len(each.shape) for each in parts}) == 1:
        return getattr(layers, kind)(name=name)
    if len(parts) == 2 and any(given) and not all(given):
        value = np.asarray(parts[given.index(False)], "float64")
        linear = _linear(kind, value, given[0]) if value.ndim < 2 else None
        return linear and layers.Rescaling(*(np.asarray(x).tolist() for x in linear), name=name)
    if len(parts) > 1:
        return None
    if kind == "Negative":
        return layers.Rescaling(-1.0, name=name)
    if kind in POOLS and tuple(np.atleast_1d(operator.axis)) == (1, 2):
        return getattr(layers, POOLS[kind])(keepdims=operator.keepdims, name=name)
    if kind == "Softmax":
        return layers.Softmax(axis=operator.axis, name=name)
    if kind == "LeakyRelu":
        return layers.LeakyReLU(operator.negative_slope, name=name)
    function = getattr(keras.activations, keras.src.utils.naming.to_snake_case(kind), None)
    plain = set(operator.get_config()) <= {"name", "dtype"} or kind == "Gelu"
    return layers.Activation(function, name=name) if function and plain else None


def _linear(kind: str, value, tensor_first: bool = True) -> tuple | None:
    """Scale and offset of what an operator does to a tensor with a number (or one a channel), or None."""
    if kind == "Add":
        return 1.0, value
    if kind == "Subtract":
        return (1.0, -value) if tensor_first else (-1.0, value)
    if kind == "Multiply":
        return value, 0.0
    if kind in ("TrueDivide", "Divide") and tensor_first:
        return 1 / value, 0.0
    return None


# --- the front ---


def front(network: keras.Model, shape: tuple, scaling: tuple, notes: list[dict]) -> keras.Model:
    """From raw pixels to what a network takes: scaled, grey repeated, resized, in its own shape."""
    pixels = images = layers.Input(shape, name="pixels")
    wanted, reshaped = layout(network.inputs[0].shape[1:], shape)
    if scaling != (1.0, 0.0):
        images = layers.Rescaling(*scaling, name="rescale_pixels")(images)
    if wanted[2] == 3 and shape[2] == 1:
        notes.append({"kind": "channels", "given": 1, "wanted": 3})
        images = layers.Concatenate(name="repeat_grey")([images] * 3)
    size = [side or have for side, have in zip(wanted, shape[:2], strict=False)]
    if size != list(shape[:2]):
        notes.append({"kind": "size", "given": list(shape[:2]), "wanted": size})
        images = layers.Resizing(*size, name="resize_pixels")(images)
    if reshaped:
        notes.append({"kind": "layout", "wanted": list(network.inputs[0].shape[1:])})
        images = layers.Reshape(network.inputs[0].shape[1:], name="reshape_pixels")(images)
    return keras.Model(pixels, images)


def layout(taken: Sequence[int | None], shape: tuple) -> tuple[Sequence[int | None], bool]:
    """What a network takes as (height, width, channels), and whether in another shape, flat for example."""
    wide = [side for side in taken if side != 1]
    if len(taken) != 3 and wide in ([math.prod(shape)], [side for side in shape if side != 1]):
        return shape, True
    return taken, False


# --- the end ---


def without_softmax(model: keras.Model, name: str) -> tuple[keras.Model, str]:
    """The model up to its linear scores, and what stood behind them: ``linear``, ``softmax`` or ``sigmoid``.

    Raises:
        UserError: it ends otherwise.
    """
    last, found = model.layers[-1], "linear"
    ends = ("sigmoid",) if model.output.shape[-1] == 1 else ("softmax", "log_softmax")
    while isinstance(last, layers.Softmax) or type(last) is layers.Activation:
        kind = "softmax" if isinstance(last, layers.Softmax) else last.activation.__name__
        if kind not in ("linear", *ends):
            break
        found = kind.replace("log_softmax", "linear") if found == "linear" else found
        model = keras.Model(model.inputs, last.input)
        last = model.layers[-1]
    kind = getattr(getattr(last, "activation", None), "__name__", "linear")
    twice = kind in ("softmax", "sigmoid") and found != "linear"
    whole = kind == "linear" or (kind in ends and isinstance(last, layers.Dense))
    if twice or not whole:
        raise UserError(
            f"{name} ends in {kind}{' twice' * twice} by its {type(last).__name__}: end it in a softmax or in logits"
        )
    return model, kind if kind in ("softmax", "sigmoid") else found


def ended(model: keras.Model, matrix: np.ndarray) -> keras.Model:
    """The model with its scores multiplied by a matrix (scores, logits), linear, the last layer called ``logits``."""
    last, same = model.layers[-1], np.array_equal(matrix, np.eye(*matrix.shape))
    tensor, weights = last.output, [matrix]
    if last.name == "logits" and type(last) is layers.Activation:
        tensor = last.input
    if isinstance(last, layers.Dense):
        told = {"units": matrix.shape[1], "activation": "linear", "name": "logits"}
        logits = type(last).from_config({**last.get_config(), **told})
        tensor, weights = last.input, [array @ matrix for array in last.get_weights()]
    elif same:
        logits, weights = layers.Activation("linear", name="logits"), []
    else:
        logits = layers.Dense(matrix.shape[1], use_bias=False, name="logits")
    tensor = logits(tensor)
    logits.set_weights(weights)
    return keras.Model(model.inputs, tensor, name="cnn")


def ordered(order: Sequence[int]) -> np.ndarray:
    """The matrix that puts output ``order[k]`` in place ``k``."""
    return np.eye(len(order), dtype="float32")[:, list(order)]


def peculiar(model: keras.Model) -> Iterator[dict]:
    """Notes on a network whose convolutions are missing, or are already the scores of the classes."""
    maps = [each for each in model.layers if len(getattr(each.output, "shape", ())) == 4]
    if not any("Conv" in type(each).__name__ for each in maps):
        yield {"kind": "no_convolution"}
    last = model.layers[-1]
    while isinstance(last, layers.Layer) and any(word in type(last).__name__ for word in PASSING):
        last = getattr(last.input, "_keras_history", [None])[0]
    if "Conv" in type(last).__name__:
        yield {"kind": "class_maps", "layer": last.name}
