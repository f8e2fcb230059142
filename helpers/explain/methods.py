"""Explanations: ``method(model, images, targets, **options) -> maps``, float32 (n, height, width).

``METHODS`` is the registry: adding a method is one file and one line in it. A method's file is imported when it is
first asked for, so that who explains by gradients does not wait for LIME.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType

import numpy as np

from helpers.explain import core


@dataclass(frozen=True)
class Method:
    """One way to explain.

    Attributes:
        title: as the report prints it.
        module, function: where it is.
        signed: whether a negative value speaks against the class.
        costly: whether it needs hundreds of passes an image.
        layered: whether it reads a convolution's maps, and so needs a network with one.
        sensitivity: whether its sign says in which direction a pixel should change, not for or against the class.
        options: keywords that it is called with.
    """

    title: str
    module: str
    function: str
    signed: bool = True
    costly: bool = False
    layered: bool = False
    sensitivity: bool = False
    options: Mapping = field(default_factory=dict)

    @property
    def file(self) -> ModuleType:
        """The imported file."""
        return import_module(self.module)

    @property
    def call(self) -> Callable[..., np.ndarray]:
        """The function itself, without ``options``."""
        return getattr(self.file, self.function)

    def run(self, model, images: np.ndarray, targets: np.ndarray, **options) -> np.ndarray:
        """The maps of some images, float32 (n, height, width); ``options`` beside or instead of the method's own."""
        return self.call(model, images, targets, **{**self.options, **options})

    def settings(self, model, **options) -> dict:
        """Every option's value for a network, as plain values; ``options`` are those that differ from the usual."""
        usual = core.defaults(self.call, **{**self.options, **options})
        resolved = getattr(self.file, "resolved", None)
        found = resolved(model, **usual) if resolved else usual
        return found | {"precision": core.precision(model)}


def _smoothgrad(reduce: str, **traits) -> Method:
    title = f"SmoothGrad ({'signed' if reduce == 'mean' else reduce})"
    options = {"reduce": reduce}
    return Method(title, "helpers.explain.smoothgrad", "smoothgrad", options=options, **traits)


# Whoever imports this depends on the files named here: the keys of notebooks follow such texts.
METHODS = {
    "gradient": Method("gradient", "helpers.explain.gradient", "gradient", sensitivity=True),
    "gradient_x_input": Method("gradient × input", "helpers.explain.gradient", "gradient_x_input"),
    "smoothgrad": _smoothgrad("mean", sensitivity=True),
    "smoothgrad_absolute": _smoothgrad("absolute", signed=False),
    "smoothgrad_squared": _smoothgrad("squared", signed=False),
    "integrated_gradients": Method(
        "integrated gradients", "helpers.explain.integrated_gradients", "integrated_gradients"
    ),
    "grad_cam": Method(
        "Grad-CAM", "helpers.explain.grad_cam", "grad_cam", signed=False, layered=True
    ),
    "occlusion": Method("occlusion", "helpers.explain.occlusion", "occlusion", costly=True),
    "lime": Method("LIME", "helpers.explain.lime", "lime", costly=True),
}


def applicable(model) -> dict[str, Method]:
    """The methods that a network allows: no ``layered`` one without convolutions."""
    maps = core.layers_with_maps(model)
    return {name: method for name, method in METHODS.items() if maps or not method.layered}


def maps_of(
    model, images: np.ndarray, targets: np.ndarray, names: Iterable[str]
) -> dict[str, np.ndarray]:
    """Maps of the same images by several methods, by name; the kinds of SmoothGrad share their gradients."""
    methods = {name: METHODS[name] for name in names}
    smooth = [method for method in methods.values() if method.function == "smoothgrad"]
    shared = smooth[0].file.smoothgrads(model, images, targets) if smooth else {}
    return {
        name: shared[method.options["reduce"]]
        if method in smooth
        else method.run(model, images, targets)
        for name, method in methods.items()
    }
