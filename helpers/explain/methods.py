"""Explanations: ``method(model, images, targets, **options) -> maps``, float32 (n, height, width).

``METHODS`` is the registry: adding a method is one file and one line in it. A method's file is imported when it is
first asked for, so that who explains by gradients does not wait for LIME.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from helpers.explain.core import defaults

if TYPE_CHECKING:  # whoever takes the registry depends on every method, for the keys of notebooks
    from helpers.explain import (
        grad_cam,
        gradient,
        integrated_gradients,
        lime,
        occlusion,
        smoothgrad,
    )

    FILES = grad_cam, gradient, integrated_gradients, lime, occlusion, smoothgrad


@dataclass(frozen=True)
class Method:
    """One way to explain.

    Attributes:
        title: as the report prints it.
        module, function: where it is, below this folder.
        cite: key of its paper.
        signed: whether a negative value speaks against the class.
        costly: whether it needs hundreds of passes an image.
        options: keywords that it is called with.
    """

    title: str
    module: str
    function: str
    cite: str
    signed: bool = True
    costly: bool = False
    options: Mapping = field(default_factory=dict)

    @property
    def file(self) -> ModuleType:
        """The imported file."""
        return import_module(f"helpers.explain.{self.module}")

    @property
    def call(self) -> Callable[..., np.ndarray]:
        """The function itself, without ``options``."""
        return getattr(self.file, self.function)

    def run(self, model, images: np.ndarray, targets: np.ndarray, **options) -> np.ndarray:
        """The maps of some images, float32 (n, height, width); ``options`` beside or instead of the method's own."""
        return self.call(model, images, targets, **{**self.options, **options})

    def settings(self, model, **options) -> dict:
        """Every option's value for a network, as plain values; ``options`` are those that differ from the usual."""
        usual = defaults(self.call, **{**self.options, **options})
        resolved = getattr(self.file, "resolved", None)
        return resolved(model, **usual) if resolved else usual


def _smoothgrad(reduce: str, signed: bool = False) -> Method:
    title = f"SmoothGrad ({'signed' if signed else reduce})"
    return Method(
        title, "smoothgrad", "smoothgrad", "smoothgrad", signed, options={"reduce": reduce}
    )


METHODS = {
    "gradient": Method("gradient", "gradient", "gradient", "saliency"),
    "gradient_x_input": Method("gradient × input", "gradient", "gradient_x_input", "saliency"),
    "smoothgrad": _smoothgrad("mean", signed=True),
    "smoothgrad_absolute": _smoothgrad("absolute"),
    "smoothgrad_squared": _smoothgrad("squared"),
    "integrated_gradients": Method(
        "integrated gradients", "integrated_gradients", "integrated_gradients", "integrated"
    ),
    "grad_cam": Method("Grad-CAM", "grad_cam", "grad_cam", "gradcam", signed=False),
    "occlusion": Method("occlusion", "occlusion", "occlusion", "occlusion", costly=True),
    "lime": Method("LIME", "lime", "lime", "lime", costly=True),
}


def applicable(model, costly: bool = True) -> dict[str, Method]:
    """The methods that a network allows: no Grad-CAM without convolutions; without ``costly`` ones if asked."""
    maps = any(len(layer.output.shape) == 4 for layer in model.layers[1:])
    kept = {name: method for name, method in METHODS.items() if costly or not method.costly}
    return {name: method for name, method in kept.items() if maps or name != "grad_cam"}


def maps_of(
    model, images: np.ndarray, targets: np.ndarray, names: Iterable[str]
) -> dict[str, np.ndarray]:
    """Maps of the same images by several methods, by name; the kinds of SmoothGrad share their gradients."""
    methods = {name: METHODS[name] for name in names}
    smooth = [method for method in methods.values() if method.module == "smoothgrad"]
    shared = smooth[0].file.smoothgrads(model, images, targets) if smooth else {}
    return {
        name: shared[method.options["reduce"]]
        if method in smooth
        else method.run(model, images, targets)
        for name, method in methods.items()
    }
