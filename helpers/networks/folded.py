"""A network as explanations pass through it: batch normalisation folded into the convolutions.

    γ (W * x - μ) / √(σ² + ε) + β   =   (s W) * x + β - s μ,   s = γ / √(σ² + ε)

The answers and their gradients are the same up to rounding, with fewer passes over the activations, which cost more
than the convolutions of a small network.

Jacob and others 2018, section 3.2: https://arxiv.org/abs/1712.05877.
"""

from collections import defaultdict

from helpers.backend import keras, layers, ops

BETWEEN = ("ReLU", "Add", "MaxPooling2D")  # that compute as the convolutions around them do


class Folded(layers.Layer):
    """A convolution and the batch normalisation behind it in one; the weights are theirs, and follow them."""

    def __init__(self, convolution: keras.layers.Conv2D, norm: keras.layers.BatchNormalization):
        # No autocast: the weights are multiplied in float32 and rounded once.
        super().__init__(name=f"{convolution.name}_folded", dtype="float32", autocast=False)
        self.convolution, self.norm = convolution, norm

    def call(self, x):
        here, norm = self.convolution, self.norm
        scale = ops.rsqrt(norm.moving_variance + norm.epsilon)
        scale = scale * norm.gamma if norm.scale else scale
        shift = (here.bias if here.use_bias else 0) - norm.moving_mean
        shift = shift * scale + (norm.beta if norm.center else 0)
        x, kernel, shift = (
            ops.cast(each, here.compute_dtype) for each in (x, here.kernel * scale, shift)
        )
        told = {name: getattr(here, name) for name in ("padding", "data_format", "dilation_rate")}
        return ops.conv(x, kernel, strides=here.strides, **told) + shift


def folded(model: keras.Model) -> keras.Model:
    """The same network with each batch normalisation that stands alone behind a convolution folded into it.

    It shares the layers: what changes the network's weights changes its answers. Where the convolutions compute in
    bfloat16 (``saved.lowered``), so does what stands between them.
    """
    model = keras.Model(model.inputs, model.outputs)
    norms = _norms(model)
    gone = {norm.name for norm in norms.values()}
    policies = {each.dtype_policy.name for each in model.layers if type(each) is layers.Conv2D}

    def made(layer):
        if layer.name in norms:
            return Folded(layer, norms[layer.name])
        if "mixed_bfloat16" in policies and type(layer).__name__ in BETWEEN:
            return type(layer).from_config(layer.get_config() | {"dtype": "mixed_bfloat16"})
        return layer

    def call(layer, *given, **told):
        return given[0] if layer.name in gone else layer(*given, **told)

    return keras.models.clone_model(model, clone_function=made, call_function=call)


def _norms(model: keras.Model) -> dict[str, keras.layers.BatchNormalization]:
    """The batch normalisation that alone reads a convolution, and nothing else, by the convolution's name."""
    readers = defaultdict(list)
    for reader in model.operations:
        for node in reader._inbound_nodes:
            for tensor in node.input_tensors:
                readers[tensor._keras_history.operation.name].append(reader)
    found = {}
    for layer in model.layers:
        plain = type(layer) is layers.Conv2D and layer.activation is keras.activations.linear
        behind = readers[layer.name]
        if plain and len(behind) == 1 and type(behind[0]) is layers.BatchNormalization:
            norm = behind[0]
            if len(norm._inbound_nodes) == 1 and norm.axis in (-1, 3):
                found[layer.name] = norm
    return found
