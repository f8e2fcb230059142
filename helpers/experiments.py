"""What notebooks 01 to 04 do with a run: train a network and keep it, or adopt one; what comparisons are made of."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from helpers import ROOT, curves, evaluation, foreign, models, pretrained, robustness, snapshots, training
from helpers.backend import keras
from helpers.checkpoint import write_history
from helpers.datasets.base import Split
from helpers.datasets.tables import write_prediction
from helpers.files import sha256
from helpers.recipes import Recipe, Training, judging
from helpers.run import Run
from helpers.snapshots import Snapshots

LARGE = 30_000_000  # multiply-adds an image from which a network is too slow for the full numbers


def cnn(run: Run, recipe: Recipe, normalise: bool = True) -> Callable[[], keras.Model]:
    """A function that makes the CNN of a recipe for the run's data set."""
    data = run.dataset
    statistics = training.pixel_statistics(data.train.images) if normalise else None
    return lambda: models.cnn(
        data.image_shape,
        len(data.class_names),
        recipe.widths,
        recipe.convolutions,
        recipe.stem,
        recipe.stem_pool,
        recipe.residual,
        recipe.dropout,
        statistics,
    )


def cnn_half(run: Run, recipe: Recipe, parameters: int, tolerance: float = 0.01) -> Callable[[], keras.Model]:
    """A function that makes a CNN of half the depth with as many parameters, within a relative tolerance."""
    data = run.dataset
    statistics = training.pixel_statistics(data.train.images)

    def make(widths):
        shape, classes = data.image_shape, len(data.class_names)
        return models.cnn_half(shape, classes, widths, recipe.dropout, statistics, recipe.half_pool)

    widths = models.match_widths(make, recipe.half_shares, parameters, tolerance)
    return lambda: make(widths)


def dnn(run: Run, recipe: Recipe, parameters: int, tolerance: float = 0.01) -> Callable[[], keras.Model]:
    """A function that makes a plain DNN with as many parameters, within a relative tolerance."""
    data = run.dataset
    statistics = training.pixel_statistics(data.train.images)

    def make(widths):
        return models.dnn(data.image_shape, len(data.class_names), widths, recipe.dnn_dropout, statistics)

    widths = models.match_widths(make, recipe.dnn_shares, parameters, tolerance)
    return lambda: make(widths)


@dataclass(frozen=True)
class Elsewhere:
    """A network trained elsewhere, adopted.

    Attributes:
        model: rebuilt to this workbook's contract, see ``foreign.adopt``.
        file, sha256: the name and the hash of the author's file.
        pixel_range: what the pixels ran from and to in its training.
        rates: accuracy on some validation images by pixel range.
        history: its training curves, empty if they were not given.
        history_file: the name of their file, or None.
    """

    model: keras.Model
    file: str
    sha256: str
    pixel_range: str
    rates: dict[str, evaluation.Rate]
    history: list[dict]
    history_file: str | None


def adopt(run: Run, model: str | None, pixel_range: str, history: str | None) -> Elsewhere | None:
    """Open and check a network trained elsewhere; None where ``model`` is.

    Args:
        model, history: paths, relative to the checkout.
        pixel_range: ``0..255``, ``0..1`` or ``-1..1``.

    Raises:
        UserError: see ``foreign.adopt``, ``foreign.check`` and ``curves.read``.
    """
    if model is None:
        return None
    path, validation, names = ROOT / Path(model).expanduser(), run.dataset.validation, run.dataset.class_names
    rows = [] if history is None else curves.read(ROOT / Path(history).expanduser())
    network = foreign.adopt(path, pixel_range, validation.images[:8], len(names))
    rates = foreign.check(network, validation, names, path.name, pixel_range)
    history_file = None if history is None else Path(history).name
    return Elsewhere(network, path.name, sha256(path), pixel_range, rates, rows, history_file)


def adopt_or_train(
    run: Run, elsewhere: Elsewhere | None, make: Callable[[], keras.Model], recipe: Training, images: Split
) -> tuple[keras.Model, list[dict]]:
    """The CNN of this run and its history: what was trained elsewhere, or what ``train`` gives.

    Of a training here the weights of some epochs are kept, see ``keep_epochs``.
    """
    if elsewhere is None:
        kept = Snapshots(run.folder / "checkpoints" / "cnn.npz")
        return _train(run, "cnn", make, recipe, images, run.path("metrics/history_cnn.csv"), kept=kept)
    if elsewhere.history:
        write_history(run.path("metrics/history_cnn.csv"), elsewhere.history)
    return elsewhere.model, elsewhere.history


def keep_epochs(run: Run, make: Callable[[], keras.Model], recipe: Training, path: Path) -> None:
    """Write what the CNN of this run was before the training, at some epochs and at the best one, into one file."""
    shipped = run.shipped.get("cnn")
    kept = None if shipped else Snapshots(run.folder / "checkpoints" / "cnn.npz")
    weights, best = shipped.epochs() if shipped else (kept.weights(), kept.best)
    seed = shipped.seed if shipped else run.seed
    snapshots.write(path, {0: training.build(make, recipe, seed).get_weights()} | weights, best)


def part(run: Run, count: int | None) -> Split:
    """A stratified part of the training split, or all of it for None; the same part in every notebook."""
    train = run.dataset.train
    return train if count is None else train.take(evaluation.stratified(train.labels, count))


def train(
    run: Run, name: str, make: Callable[[], keras.Model], recipe: Training, images: Split
) -> tuple[keras.Model, list[dict]]:
    """Train a network; what was interrupted goes on, what is finished or shipped is not trained again.

    The history is kept as ``metrics/history_<name>.csv``, epoch by epoch.

    Returns:
        the float32 copy that is saved, measured and explained, and the history.
    """
    return _train(run, name, make, recipe, images, run.path(f"metrics/history_{name}.csv"))


def train_briefly(
    run: Run, name: str, make: Callable[[], keras.Model], recipe: Training, epochs: int, count: int
) -> tuple[np.ndarray, list[dict]]:
    """Train a network for comparison only, on a stratified part; returns its validation logits and the history."""
    name, recipe, validation = f"brief_{name}", replace(recipe, epochs=epochs, finish=0), run.dataset.validation
    images = part(run, count)
    model = training.build(make, recipe, run.seed)
    if shipped := pretrained.find(run, name, model, recipe, len(images)):
        run.shipped[name] = shipped
        taken = {each: found.entry["origin"] for each, found in run.shipped.items() if pretrained.is_brief(each)}
        run.record(f"shipped_brief_{run.notebook}", taken)
        return shipped.logits(validation), shipped.history
    model, history = _train(run, name, make, recipe, images, None)
    return evaluation.predict(model, validation.images), history


def judge(run: Run, recipe: Recipe) -> tuple[keras.Model, list[dict]]:
    """Train the CNN a second time from another seed (``recipes.judging``).

    Returns:
        the network named ``cnn_judge`` in the run's files, and its history.
    """
    history_csv, images = run.path("metrics/history_cnn_judge.csv"), part(run, recipe.train_images)
    return _train(run, "cnn_judge", cnn(run, recipe), judging(recipe), images, history_csv, run.seed + 1)


def _train(run, name, make, recipe, images, history_csv, seed=None, kept=None):
    seed = run.seed if seed is None else seed
    model = training.build(make, recipe, seed)
    # Of a brief training the answers are shipped: train_briefly has looked for them.
    if not pretrained.is_brief(name) and (shipped := pretrained.find(run, name, model, recipe, len(images))):
        network = shipped.network()
        print(f"{name}: shipped with the workbook, seed {shipped.seed}; RETRAIN=1 trains it afresh", flush=True)
        run.shipped[name] = shipped
        run.record(f"shipped_{name}", shipped.entry["origin"])
        write_history(history_csv, shipped.history)
        return network, shipped.history
    if kept:
        kept.prepare(model)
    history = training.fit(
        model,
        images,
        run.dataset.validation,
        recipe,
        seed=seed,
        checkpoint=run.folder / "checkpoints" / f"{name}.npz",
        history_csv=history_csv,
        on_epoch=kept,
        name=name.replace("_", " "),
    )
    made = training.export(model)
    code = pretrained.key(name, model, run.dataset, recipe, len(images), seed)
    run.trained[name] = pretrained.Trained(code, seed, made, history)
    return made, history


def dnn_training(recipe: Recipe) -> Training:
    """How the DNN is trained: like the CNN, with a learning rate of its own, and without further passes after the
    cosine, which made it worse on FER2013."""
    return replace(recipe.training, learning_rate=recipe.dnn_learning_rate, finish=0)


def train_unsaved(run: Run, make: Callable[[], keras.Model], recipe: Recipe, count: int):
    """Train a network on a stratified part and keep nothing; the network and its history."""
    model = training.build(make, recipe.training, run.seed)
    return model, training.fit(model, part(run, count), run.dataset.validation, recipe.training, seed=run.seed)


def test_rates(run: Run, model: keras.Model) -> dict[str, evaluation.Rate]:
    """Accuracy on the untouched test set, each look at it counted; empty where there is none.

    Of an unlabelled test set the predictions are written instead, as ``prediction.csv``.
    """
    test = run.dataset.test
    if test is None:
        return {}
    logits = evaluation.predict(model, test.images)
    if not test.labelled:
        write_prediction(run.path("prediction.csv"), test.ids, logits.argmax(-1))
        return {}
    run.count_test_evaluation(model.name)
    return twin_rates(test, logits, "test")


def twin_rates(split: Split, logits: np.ndarray, name: str) -> dict[str, evaluation.Rate]:
    """Accuracy on a split, and on it without the images that also stand in training, if there are any."""
    found = {name: evaluation.accuracy(split.labels, logits)}
    if split.in_train is not None and split.in_train.any():
        own = ~split.in_train
        found[f"{name}, without twins"] = evaluation.accuracy(split.labels[own], logits[own])
    return found


def without_twins(split: Split) -> np.ndarray:
    """Indices of the images of a split that do not also stand in training."""
    return np.arange(len(split)) if split.in_train is None else np.flatnonzero(~split.in_train)


def withstood(run: Run, networks: dict[str, keras.Model]) -> list[robustness.Course]:
    """What networks recognise of spoiled validation images: a part of them, smaller for a network that is slow."""
    split = run.dataset.validation.take(without_twins(run.dataset.validation))
    slow = max(map(models.multiply_adds, networks.values())) > LARGE
    count = 200 if run.quick else 500 if slow else 1000
    part = split.take(evaluation.stratified(split.labels, count, run.seed))
    return robustness.courses(networks, part.images, part.labels, run.seed)


def summary(model: keras.Model, history: list[dict], recipe: Recipe, elsewhere: Elsewhere | None = None) -> dict:
    """What notebook 01 records of the CNN for the notebooks after it; the recipe is the workbook's own in any case."""
    return {
        "elsewhere": elsewhere and {"file": elsewhere.file, "sha256": elsewhere.sha256, "range": elsewhere.pixel_range},
        "recipe": {
            "widths": recipe.widths,
            "depth": recipe.convolutions,
            "dropout": recipe.dropout,
            "learning_rate": recipe.training.learning_rate,
            "epochs": recipe.training.epochs,
            "finish": recipe.training.finish,
        },
        "parameters": model.count_params(),
        "history": history,
    }


def redraw_effects(run: Run, model: keras.Model, images: Split, targets: np.ndarray) -> tuple[list[str], np.ndarray]:
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
    falls = [before - scores_of(model, redraw(images.ids, neutral=region), targets) for region in MOVING]
    return list(MOVING), np.stack(falls, -1)
