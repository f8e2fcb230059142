"""What is changed on an external network so that it keeps this workbook's contract, with the same answers.

Every change is noted as plain data: ``{"kind": ..., numbers}``. Kinds: ``keras2`` (version), ``operators`` (names),
``channels`` and ``size`` (given, wanted), ``one_output``, ``class_order`` (order, stated), ``class_maps`` (layer),
``no_convolution``.
"""

import inspect
from collections.abc import Iterator, Sequence

import numpy as np

from helpers.backend import keras, layers
from helpers.errors import UserError

MERGED = ("Add", "Subtract", "Multiply", "Maximum", "Minimum")
KERAS2_OPS = {
    "math.truediv": "Divide", "math.divide": "Divide", "math.multiply": "Multiply", "math.add": "Add",
    "__operators__.add": "Add", "math.subtract": "Subtract", "cast": "Cast",
    "nn.relu": "relu", "nn.softmax": "softmax", "math.sigmoid": "sigmoid", "math.tanh": "tanh",
}  # fmt: skip
POOLS = {"Mean": "GlobalAveragePooling2D", "Max": "GlobalMaxPooling2D"}
PASSING = ("Flatten", "Dropout", "Activation", "Pooling", "Reshape")


# --- files of Keras 2: obsolete keys, other modules, TensorFlow's operators ---


def inner(config: dict) -> list[dict]:
    """The descriptions of the layers directly inside a network's or a wrapper's."""
    held = config.get("config", {})
    if isinstance(held, list):  # the oldest files list the layers of a Sequential directly
        return held
    return held.get("layers", []) + ([held["layer"]] if held.get("layer") else [])


def modernise(config: dict) -> None:
    """Bring the description of a network saved by Keras 2 to what Keras 3 reads, in place."""
    if str(config.get("module")).startswith("tf_keras"):
        plain = config["class_name"] in ("Functional", "Model")
        config["module"] = "keras.src.models.functional" if plain else "keras.layers"
    if config["class_name"] == "BatchNormalizationV1":
        config["class_name"] = "BatchNormalization"
    if config["class_name"] == "TFOpLambda":
        _modern_operator(config)
    kind, held = getattr(layers, config["class_name"], None), config.get("config", {})
    if inspect.isclass(kind):
        mro = [each.__init__ for each in kind.__mro__[:-1]]
        known = {p for init in mro for p in inspect.signature(init).parameters}
        # An InputLayer that says the same stands before it in such files.
        if config.get("module") and kind is not layers.InputLayer:
            held.pop("batch_input_shape", None)
        if isinstance(held.get("axis"), list) and kind is layers.BatchNormalization:
            held["axis"] = held["axis"][0]
        for key in set(held) - known:
            switched_off = held[key] in (None, False) or (key, held[key]) == ("groups", 1)
            if switched_off or key.endswith(("_initializer", "_regularizer", "_constraint")):
                del held[key]
    for layer in inner(config):
        modernise(layer)


def _modern_operator(config: dict) -> None:
    """An operator on tensors, or on a tensor and a number, as a layer; what is not known stays as it is."""
    kind = KERAS2_OPS.get(config["config"]["function"])
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


def flat(network: keras.Model, tensor: keras.KerasTensor, names: list[str]) -> keras.KerasTensor:
    """Call a network's layers one by one, those of networks inside it as well; operators become layers.

    Args:
        names: the operators met are appended.
    """
    if isinstance(network, keras.Sequential):
        for layer in network.layers:
            tensor = _call(names, layer, tensor)
        return tensor
    if len(network.outputs) != 1:
        raise ValueError(f"{network.name} inside it has {len(network.outputs)} outputs")
    called = []

    def call(layer, *tensors, **options):
        called.append(_call(names, layer, *tensors, **options))
        return called[-1]

    # Only the calls are wanted, the last of which gives the output: the model made of them would be a copy.
    inputs = keras.tree.map_structure(lambda _: tensor, network.input)
    keras.models.clone_model(
        network, input_tensors=inputs, clone_function=lambda layer: layer, call_function=call
    )
    return called[-1]


def _call(names: list[str], layer, *tensors, **options):
    if isinstance(layer, keras.Model):
        return flat(layer, *tensors, names)
    if isinstance(layer, keras.Layer):
        return layer(*tensors, **options)
    names.append(type(layer).__name__)
    made = _layer(layer, tensors) if not options else None
    if made is None:
        return layer(*tensors, **options)
    given = [each for each in keras.tree.flatten(tensors) if isinstance(each, keras.KerasTensor)]
    return made(given if len(given) > 1 else given[0])


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
    """From raw pixels to what a network takes: scaled, grey repeated, resized.

    Args:
        shape: of the images, (height, width, channels).
        scaling: scale and offset of the pixels.
        notes: what is changed is appended.
    """
    pixels = images = layers.Input(shape, name="pixels")
    wanted = network.inputs[0].shape[1:]
    if scaling != (1.0, 0.0):
        taken = any(layer.name == "rescale_pixels" for layer in network._flatten_layers())
        name = "rescale_raw_pixels" if taken else "rescale_pixels"
        images = layers.Rescaling(*scaling, name=name)(images)
    if wanted[2] == 3 and shape[2] == 1:
        notes.append({"kind": "channels", "given": 1, "wanted": 3})
        images = layers.Concatenate(name="repeat_grey")([images] * 3)
    size = [side or have for side, have in zip(wanted, shape[:2], strict=False)]
    if size != list(shape[:2]):
        notes.append({"kind": "size", "given": list(shape[:2]), "wanted": size})
        images = layers.Resizing(*size, name="resize_pixels")(images)
    return keras.Model(pixels, images)


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
    if kind not in ("linear", *ends) or twice:
        raise UserError(
            f"{name} ends in {kind}{' twice' * twice}: end it in a softmax, or in logits without an activation"
        )
    if kind != "linear" and not isinstance(last, layers.Dense):
        raise UserError(
            f"{name} ends in a {type(last).__name__} with {kind}: make the softmax a layer of its own"
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
    if not any("Conv" in type(layer).__name__ for layer in model.layers):
        yield {"kind": "no_convolution"}
    last = model.layers[-1]
    if isinstance(last, layers.Dense) and last.name != "logits":
        return
    while isinstance(last, layers.Layer) and any(word in type(last).__name__ for word in PASSING):
        last = getattr(last.input, "_keras_history", [None])[0]
    if "Conv" in type(last).__name__:
        yield {"kind": "class_maps", "layer": last.name}
