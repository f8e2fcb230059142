"""What notebooks 01 to 03 do with a run: train a network and keep it, and measure it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from helpers import evaluation
from helpers.backend import keras
from helpers.datasets.base import Split
from helpers.datasets.tables import write_prediction
from helpers.files import write_atomic
from helpers.networks import models, saved, shipped, snapshots, training
from helpers.networks.checkpoint import unpacked
from helpers.networks.recipes import Recipe, Training, transfer_training
from helpers.run import Run

ASIDE = 500_000_000
"""Bytes of other trainings that a lab keeps; the oldest go first."""


def cnn(run: Run, recipe: Recipe, normalise: bool = True) -> Callable[[], keras.Model]:
    """A function that makes the CNN of a recipe for the run's data set."""
    names = ("widths", "convolutions", "stem", "stem_pool", "residual", "dropout")
    told = given(run) | {name: getattr(recipe, name) for name in names}
    return partial(models.cnn, **told if normalise else told | {"statistics": None})


def cnn_half(
    run: Run, recipe: Recipe, parameters: int, tolerance: float = 0.01
) -> Callable[[], keras.Model]:
    """A function that makes a CNN of half the depth with as many parameters, within a relative tolerance."""
    told = given(run) | {"dropout": recipe.dropout, "first_pool": recipe.half_pool}
    return models.matched(models.cnn_half, recipe.half_shares, parameters, tolerance, **told)


def dnn(
    run: Run, recipe: Recipe, parameters: int, tolerance: float = 0.01
) -> Callable[[], keras.Model]:
    """A function that makes a plain DNN with as many parameters, within a relative tolerance."""
    return models.matched(models.dnn, recipe.dnn_shares, parameters, tolerance, **given(run))


def given(run: Run) -> dict:
    """What every network is made for."""
    data = run.dataset
    return {
        "shape": data.image_shape,
        "classes": len(data.class_names),
        "statistics": training.pixel_statistics(data.train.images),
    }


def dnn_training(recipe: Recipe) -> Training:
    """How the DNN is trained: like the CNN, with a learning rate of its own, and without further passes after the
    cosine, which made it worse on FER2013."""
    return replace(recipe.training, learning_rate=recipe.dnn_learning_rate, finish=0)


def part(run: Run, count: int | None) -> Split:
    """A stratified part of the training split, or all of it for None; the same part in every notebook."""
    images = run.dataset.train
    return images if count is None else images.take(evaluation.stratified(images.labels, count))


# --- training here ---


def train(
    run: Run,
    name: str,
    make: Callable[[], keras.Model],
    recipe: Training,
    images: Split,
    seed: int | None = None,
) -> tuple[keras.Model, list[dict]]:
    """Train a network; what was interrupted goes on, what is finished or shipped is not trained again.

    Of ``cnn`` the weights of some epochs are kept as well, see ``keep_epochs``.

    Args:
        seed: another than the run's.

    Returns:
        the float32 copy that is saved, measured and explained, and the history.
    """
    seed, validation = run.seed if seed is None else seed, run.dataset.validation
    model, brief, keep = training.build(make, recipe, seed), shipped.is_brief(name), name == "cnn"
    # Of a brief training the answers are shipped: train_briefly has looked for them.
    if not brief and (found := _shipped(run, name, model, recipe, images)):
        print(f"{name}: shipped with the workbook, seed {found.seed}; retrain trains it afresh")
        run.record(f"shipped_{name}", **found.entry["origin"])
        return found.network(), found.history
    _take_over(run, name, training.key(model, images, validation, recipe, seed, keep))
    kept = {"checkpoint": _checkpoint(run.folder, name), "keep": keep}
    told = {"seed": seed, "name": name.replace("_", " "), **kept}
    history = training.fit(model, images, validation, recipe, **told)
    made = saved.export(model)
    key = shipped.key(name, model, run.dataset, recipe, len(images), seed)
    run.trained[name] = shipped.Trained(key, seed, made, history)
    return made, history


def train_briefly(
    run: Run, name: str, make: Callable[[], keras.Model], recipe: Recipe, how: Training
) -> tuple[np.ndarray, list[dict]]:
    """Train a network for comparison only, on a stratified part; returns its validation logits and the history."""
    name, how = f"brief_{name}", replace(how, epochs=recipe.brief_epochs, finish=0)
    images, validation = part(run, recipe.brief_images), run.dataset.validation
    if found := _shipped(run, name, training.build(make, how, run.seed), how, images):
        brief = {each: it for each, it in run.shipped.items() if shipped.is_brief(each)}
        origins = {each: it.entry["origin"] for each, it in brief.items()}
        run.record(f"shipped_brief_{run.notebook}", **origins)
        return found.logits(validation), found.history
    model, history = train(run, name, make, how, images)
    return evaluation.predict(model, validation.images), history


def transfer_network(run: Run, recipe: Recipe) -> tuple[keras.Model, list[dict]]:
    """Train the CNN a second time from another seed (``recipes.transfer_training``), as ``cnn_judge``."""
    make, images = cnn(run, recipe), part(run, recipe.train_images)
    return train(run, "cnn_judge", make, transfer_training(recipe), images, run.seed + 1)


def train_unsaved(run: Run, make: Callable[[], keras.Model], recipe: Recipe, count: int):
    """Train a network on a stratified part and keep nothing; the network and its history."""
    model, how = training.build(make, recipe.training, run.seed), recipe.training
    return model, training.fit(model, part(run, count), run.dataset.validation, how, seed=run.seed)


def keep_epochs(run: Run, make: Callable[[], keras.Model], recipe: Training, path: Path) -> None:
    """Write what the CNN of this run was before the training, at some epochs and at the best one, into one file."""
    found = run.shipped.get("cnn")
    seed = found.seed if found else run.seed
    start = training.build(make, recipe, seed).get_weights()
    if found:
        weights, best = found.epochs()
    else:
        weights, best = snapshots.of_training(_checkpoint(run.folder, "cnn"))
    write_atomic(path, snapshots.content({0: start} | weights, best))


def _checkpoint(folder: Path, name: str) -> Path:
    return folder / "checkpoints" / f"{name}.npz"


def _take_over(run: Run, name: str, key: str) -> None:
    """In a notebook opened by hand: put the state of another training aside, and take the state of this one.

    It may lie aside as well, or in the data set's report, if that holds the very same training.
    """
    own = _checkpoint(run.folder, name)
    before = unpacked(own)[0].get("key")
    if not run.lab or before == key:
        return
    aside = run.folder / "checkpoints" / "aside"
    if before:
        aside.mkdir(exist_ok=True)
        own.replace(aside / f"{before}.npz")
    report = _checkpoint(run.folder.parent / run.name, name)
    for other in (aside / f"{key}.npz", report):
        if unpacked(other)[0].get("key") == key:
            write_atomic(own, other.read_bytes())
            where = f"the report {run.name}" if other == report else "this lab"
            print(f"{name}: {where} holds this very training; it is taken from there", flush=True)
            break
    kept = sorted(aside.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path, size in zip(kept, np.cumsum([path.stat().st_size for path in kept]), strict=True):
        if size > ASIDE:
            path.unlink()


def _shipped(run: Run, name: str, model, how: Training, images: Split) -> shipped.Shipped | None:
    """The same training, shipped and noted in the run; None if there is none, or ``run.retrain`` wants none."""
    found = None if run.retrain else shipped.find(run.dataset, name, model, how, len(images))
    if found:
        run.shipped[name] = found
    return found


# --- measuring ---


def test_logits(run: Run, model: keras.Model) -> np.ndarray | None:
    """Logits (n, classes) for the untouched test set, each look at it counted; None where there is none.

    Of an unlabelled test set the predictions are written, as ``prediction.csv``, and None is returned.
    """
    test = run.dataset.test
    if test is None:
        return None
    logits = evaluation.predict(model, test.images)
    if not test.labelled:
        write_prediction(run.path("prediction.csv"), test.ids, logits.argmax(-1))
        return None
    run.count_test_evaluation(model.name)
    return logits
