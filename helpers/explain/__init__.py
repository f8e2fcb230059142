"""Explanations: ``method(model, images, targets, **options) -> maps``, float32 (n, height, width).

``METHODS`` is the registry; adding a method is one function and one line in it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np

from helpers.backend import keras
from helpers.explain import gradients, lime_segments, occlusion


@dataclass(frozen=True)
class Method:
    """One way to explain.

    Attributes:
        title: as the report prints it.
        signed: whether a negative value speaks against the class.
        run: (model, images, targets) -> maps.
        cite: key of its paper.
        costly: whether it needs hundreds of passes an image, so that fewer images get it.
    """

    title: str
    signed: bool
    run: Callable[..., np.ndarray]
    cite: str
    costly: bool = False


METHODS = {
    "gradient": Method("gradient", True, gradients.gradient, "saliency"),
    "gradient_x_input": Method("gradient × input", True, gradients.gradient_x_input, "saliency"),
    "smoothgrad": Method("SmoothGrad, signed", True, partial(gradients.smoothgrad, reduce="mean"), "smoothgrad"),
    "smoothgrad_absolute": Method(
        "SmoothGrad, absolute", False, partial(gradients.smoothgrad, reduce="absolute"), "smoothgrad"
    ),
    "smoothgrad_squared": Method(
        "SmoothGrad, squared", False, partial(gradients.smoothgrad, reduce="squared"), "smoothgrad"
    ),
    "integrated_gradients": Method("integrated gradients", True, gradients.integrated_gradients, "integrated"),
    "grad_cam": Method("Grad-CAM", False, gradients.grad_cam, "gradcam"),
    "occlusion": Method("occlusion", True, occlusion.occlusion, "occlusion", costly=True),
    "lime": Method("LIME", True, lime_segments.lime_segments, "lime", costly=True),
}


def applicable(model: keras.Model, costly: bool = True) -> dict[str, Method]:
    """The methods that a network allows: no Grad-CAM without convolutions; without ``costly`` ones if asked."""
    maps = any(len(layer.output.shape) == 4 for layer in model.layers[1:])
    return {
        name: method
        for name, method in METHODS.items()
        if (maps or name != "grad_cam") and (costly or not method.costly)
    }


def maps_of(model: keras.Model, images: np.ndarray, targets: np.ndarray, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Maps of the same images by several methods, by name; the kinds of SmoothGrad share their gradients."""
    runs = {name: METHODS[name].run for name in names}
    kinds = {n: run.keywords["reduce"] for n, run in runs.items() if getattr(run, "func", None) is gradients.smoothgrad}
    shared = gradients.smoothgrads(model, images, targets) if kinds else {}
    return {n: shared[kinds[n]] if n in kinds else run(model, images, targets) for n, run in runs.items()}
