"""The words of notebook 01 for a network trained elsewhere: what is known of it, and what cannot be."""

from helpers import evaluation
from helpers.backend import keras, layers
from helpers.experiments import Elsewhere
from helpers.words.common import plain

ROLES = {
    "training": ("not known", "optimistic if fitted to it"),
    "validation": ("figures; else not known", "optimistic if fitted to it or chosen on it"),
    "test": ("nothing here", "final check, if not trained on it"),
}


def architecture(elsewhere: Elsewhere) -> str:
    """The author's network in a few sentences."""
    model = elsewhere.model
    given = elsewhere.pixel_range
    own = 1 if given == "0..255" else 2  # the input, and what makes the range from raw pixels
    inner = model.layers[own:]
    kernels = (layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.SeparableConv2D, layers.DepthwiseConv2D)
    convolutions = sum(isinstance(layer, kernels) for layer in inner)
    parts = [
        f"The network of `{elsewhere.file}` has {len(inner)} layers, of which {convolutions} convolve.",
        f"It was trained on pixels from {given.replace('..', ' to ')}; "
        + ("raw pixels are just these." if own == 1 else "a layer put in front makes these from raw pixels."),
        "Its answers are the softmax of the last layer, the *logits*; inner layers have the author's names.",
    ]
    return " ".join(parts)


def schedule(elsewhere: Elsewhere) -> str:
    """What is not known of its training."""
    return (
        f"This network was **trained elsewhere**: `{elsewhere.file}` holds its weights, and nothing of its recipe or "
        "of the images that it was fitted to. So none of the accuracies below can be called fitted or untouched. See "
        "{ref:cnn-recipe}."
    )


def rows(elsewhere: Elsewhere) -> list[list]:
    """What is known of it as rows of fact and value."""
    tried = [
        [f"recognised with pixels in {each}{' (as given)' * (each == elsewhere.pixel_range)}", _of(rate)]
        for each, rate in elsewhere.rates.items()
    ]
    return [
        ["file", f"{elsewhere.file}"],
        ["SHA-256", elsewhere.sha256],
        *tried,
        ["curves", elsewhere.history_file or "not given"],
        ["training images, recipe, seed", "not known"],
    ]


def _of(rate: evaluation.Rate) -> str:
    return f"{rate} of {rate.n:,} validation images"


def history_caption(elsewhere: Elsewhere, best: int) -> str:
    """What the figure of its curves shows."""
    return (
        f"Loss and accuracy against epochs, as the author's file {plain(elsewhere.history_file or '')} has them; epoch "
        f"{best} has the best validation accuracy. Which images these were is not known."
    )


def gap(both: str) -> str:
    """What its accuracies on training and validation images (``both``, in words) can say."""
    return f"Whether it was fitted to any of these images is not known: {both}."


def no_curves() -> str:
    """That its curves are missing."""
    return "How its training went is not known: its curves were not given."


def summed_up(found: list[list], most: int = 12) -> list[list]:
    """Rows of ``models.block_rows``, those in the middle of a deep network summed up in one."""
    if len(found) <= most:
        return found
    first, middle, last = found[: most // 2], found[most // 2 : 1 - most // 2], found[1 - most // 2 :]
    together = [f"{len(middle)} more", middle[-1][1], sum(row[2] for row in middle), sum(row[3] for row in middle)]
    return [*first, together, *last]


def counted_in(model: keras.Model) -> str:
    """In which layers multiply-adds are counted, where others have kernels as well."""
    others = [w for w in model.trainable_weights if "kernel" in w.name]
    known = [layer for layer in model.layers if isinstance(layer, layers.Conv2D | layers.Dense)]
    return "" if len(others) <= len(known) else " in its Conv2D and Dense layers"
