"""An external model in the place of the run's CNN."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from helpers import ROOT
from helpers.backend import keras
from helpers.files import sha256
from helpers.networks import curves, external
from helpers.networks.recipes import Recipe
from helpers.run import Run


class External(NamedTuple):
    """An external model, adopted.

    Attributes:
        model: rebuilt to this workbook's contract, see ``networks.external.adopt``.
        history: its training curves, empty if they were not given.
        about: the names of its files, ``file`` and ``history_file`` (or None); ``sha256`` of the first;
            ``pixel_range`` of its training; ``adaptations``: what was changed on it, see ``networks.adapt``;
            ``rates``, the accuracy by pixel range, on the ``tried`` validation images.
    """

    model: keras.Model
    history: list[dict]
    about: dict


def adopt(
    run: Run,
    model: str | None,
    pixel_range: str,
    history: str | None,
    classes: str | Sequence[str] | None = None,
) -> External | None:
    """Open and check a network trained elsewhere; None where ``model`` is.

    Args:
        model, history: paths, relative to the checkout.
        pixel_range: ``0..255``, ``0..1`` or ``-1..1``.
        classes: the order of its outputs, see ``external.adopt``.

    Raises:
        UserError: see ``external.adopt``, ``external.check`` and ``curves.read``.
    """
    if model is None:
        return None
    path, log = ROOT / Path(model).expanduser(), history and ROOT / Path(history).expanduser()
    rows = curves.read(log) if log else []
    network, adaptations = external.adopt(path, pixel_range, run.dataset, classes)
    rates = external.check(network, run.dataset, path.name, pixel_range)
    about = {
        "file": path.name,
        "sha256": sha256(path),
        "pixel_range": pixel_range,
        "adaptations": adaptations,
        "tried": rates[pixel_range].n,
        "rates": rates,
        "history_file": log and log.name,
    }
    return External(network, rows, about)


def summary(
    model: keras.Model, history: list[dict], recipe: Recipe, found: External | None = None
) -> dict:
    """What notebook 01 records of the CNN for the notebooks after it; the recipe is the workbook's own in any case."""
    told = {"widths": recipe.widths, "depth": recipe.convolutions, "dropout": recipe.dropout}
    told |= {name: getattr(recipe.training, name) for name in ("learning_rate", "epochs", "finish")}
    about = {"external": found and found.about, "recipe": told}
    return {**about, "parameters": model.count_params(), "history": history}
