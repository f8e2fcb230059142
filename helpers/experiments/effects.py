"""What a region of a drawn face is worth to a network: the truth that explanations are held against."""

import numpy as np

from helpers.backend import keras
from helpers.datasets.base import Split


def redraw_effects(
    model: keras.Model, images: Split, targets: np.ndarray
) -> tuple[list[str], np.ndarray]:
    """How far the explained score falls when one region of a drawn face returns to rest, in logits.

    Args:
        images: of the drawn faces.
        targets: see ``explain.core.target_weights``.

    Returns:
        the regions that have an expression, and the falls, float32 (n, regions).
    """
    from helpers.datasets.faces import redraw
    from helpers.datasets.faces_parameters import MOVING
    from helpers.explain.core import scores_of

    before = scores_of(model, images.images, targets)
    after = [scores_of(model, redraw(images.ids, neutral=each), targets) for each in MOVING]
    return list(MOVING), before[:, None] - np.stack(after, -1)
