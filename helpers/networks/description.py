"""A network in numbers: every layer as a row, its stages as blocks to draw, its multiply-adds."""

from collections.abc import Sequence

import numpy as np

from helpers.backend import keras, layers

STAGES = 14
"""The most blocks of a drawing; those in the middle of a deeper network become one."""


def layer_rows(model: keras.Model) -> list[list]:
    """One row a layer but the input: name, kind, kernel, stride, padding, output shape without the batch, parameters.

    Kernel, stride and padding are None where a layer has none; sides are height × width, outputs height × width ×
    channels.
    """
    rows = []
    for layer in model.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        kernel = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
        told = [None, None, None]
        if isinstance(kernel, tuple | list):
            told = [_sides(kernel), _sides(layer.strides), layer.padding]
        shape = _sides(layer.output.shape[1:])
        rows.append([layer.name, kind(layer), *told, shape, layer.count_params()])
    return rows


def kind(layer) -> str:
    """A layer's kind under Keras' own name: ours are saved as the stock layers that they stand for."""
    return type(layer).__name__.removeprefix("Fused")


def _sides(sides) -> str:
    return " × ".join(map(str, sides))


def blocks(model: keras.Model) -> list[dict]:
    """The stages of a network, as ``figures.networks.drawing`` takes them.

    A stage is all convolutions in a row with outputs of one size; it counts with its parameters those of the
    layers around it, and as ``layers`` its convolutions, without those of shortcuts.
    """
    found = [_block("input", model.input_shape[1:])]
    for layer in model.layers:
        shape = layer.output.shape[1:]
        if "Conv" in kind(layer):
            block = _block("convolution", shape)
            if any(found[-1][name] != block[name] for name in ("kind", "height", "width")):
                found.append(block)
            found[-1]["layers"] += "shortcut" not in layer.name
            found[-1]["channels"] = block["channels"]
        elif isinstance(layer, layers.Dense):
            found.append(_block("dense", shape))
        elif "Global" in kind(layer):
            found.append(_block("pooling", shape[-1:]))
        found[-1]["parameters"] += layer.count_params()
    if found[-1]["kind"] == "dense":
        found[-1]["kind"] = "logits"
    return _fewer(found)


def _block(kind: str, shape: Sequence[int]) -> dict:
    """A block without anything in it; without height and width where its output is a vector."""
    height, width = shape[:2] if len(shape) == 3 else (None, None)
    sides = {"height": height, "width": width, "channels": int(shape[-1])}
    return {"kind": kind, **sides, "layers": 0, "parameters": 0}


def _fewer(found: list[dict]) -> list[dict]:
    """The blocks, those in the middle of a deep network as one."""
    if len(found) <= STAGES:
        return found
    half = STAGES // 2
    first, middle, last = found[:half], found[half : 1 - half], found[1 - half :]
    whole = {name: sum(block[name] for block in middle) for name in ("layers", "parameters")}
    label = f"{len(middle)} stages"
    return [*first, {**middle[-1], **whole, "kind": "stages", "layers": 1, "label": label}, *last]


def _counted(model: keras.Model) -> list:
    return [layer for layer in model.layers if isinstance(layer, layers.Conv2D | layers.Dense)]


def multiply_adds(model: keras.Model) -> int:
    """Multiply-adds that one image costs in convolutions and dense layers."""
    total = 0
    for layer in _counted(model):
        places = layer.output.shape[1:3] if isinstance(layer, layers.Conv2D) else ()
        total += int(np.prod(places)) * int(np.prod(layer.kernel.shape))
    return total


def counts_all(model: keras.Model) -> bool:
    """Whether ``multiply_adds`` knows all layers with a kernel."""
    kernels = [weight for weight in model.trainable_weights if "kernel" in weight.name]
    return len(kernels) <= len(_counted(model))
