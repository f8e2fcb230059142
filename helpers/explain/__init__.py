"""Explanations: ``method(model, images, targets, **options) -> maps``, float32 (n, height, width).

``METHODS`` is the registry; adding a method is one function and one line in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from helpers.backend import keras
from helpers.explain.gradients import grad_cam, gradient, gradient_x_input, integrated_gradients, smoothgrad
from helpers.explain.occlusion import occlusion


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
    "gradient": Method("gradient", True, gradient, "saliency"),
    "gradient_x_input": Method("gradient × input", True, gradient_x_input, "saliency"),
    "smoothgrad": Method("SmoothGrad, signed", True, partial(smoothgrad, reduce="mean"), "smoothgrad"),
    "smoothgrad_absolute": Method("SmoothGrad, absolute", False, partial(smoothgrad, reduce="absolute"), "smoothgrad"),
    "smoothgrad_squared": Method("SmoothGrad, squared", False, partial(smoothgrad, reduce="squared"), "smoothgrad"),
    "integrated_gradients": Method("integrated gradients", True, integrated_gradients, "integrated"),
    "grad_cam": Method("Grad-CAM", False, grad_cam, "gradcam"),
    "occlusion": Method("occlusion", True, occlusion, "occlusion", costly=True),
}


def applicable(model: keras.Model, costly: bool = True) -> dict[str, Method]:
    """The methods that a network allows: no Grad-CAM without convolutions; without ``costly`` ones if asked."""
    maps = any(len(layer.output.shape) == 4 for layer in model.layers[1:])
    return {
        name: method
        for name, method in METHODS.items()
        if (maps or name != "grad_cam") and (costly or not method.costly)
    }
