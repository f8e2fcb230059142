"""Trainings with other seeds. One training is one task, a pure function of recipe, data set and seed, so that it can be
computed here, in processes of this machine, or on a Dask cluster, and never twice."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from helpers import cluster as clusters
from helpers import datasets, evaluation
from helpers.backend import keras, prepare
from helpers.errors import UserError
from helpers.experiments import trainings
from helpers.files import code_hash, write_atomic
from helpers.networks import saved, training
from helpers.networks.checkpoint import packed, unpacked
from helpers.networks.recipes import Recipe, Training

NETWORKS = ("cnn", "cnn_half", "dnn")
CODE = ("training.py", "steps.py", "augmentation.py", "batch_norm.py", "models.py")
HALF = ".training.npz"  # ends the name of an interrupted training


@dataclass(frozen=True)
class Task:
    """One training.

    Attributes:
        network: one of ``NETWORKS``; those but the CNN get as many parameters as the CNN.
        seed: of the weights, the order of the images and their random changes.
        recipe: of the data set.
        dataset, path, size: as ``datasets.load`` takes them.
        checksum: of the data set that they must give.
    """

    network: str
    seed: int
    recipe: Recipe
    dataset: str
    path: str | None
    size: int | None
    checksum: str

    @property
    def key(self) -> str:
        """What the result depends on, but for the machine."""
        told = [self.network, self.seed, asdict(self.recipe), self.dataset, self.size]
        told += [self.checksum, training.policy(self.recipe.training), keras.__version__]
        folder = Path(training.__file__).parent
        told += [code_hash(folder / name) for name in CODE]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def tasks(run, recipe: Recipe, seeds: Sequence[int]) -> dict[tuple[str, int], Task]:
    """A task for each network and seed of a run, by both."""
    path = None if run.data is None else str(run.data)
    given = recipe, run.name, path, run.size, run.dataset.checksum
    return {(name, seed): Task(name, seed, *given) for seed in seeds for name in NETWORKS}


def train_one(task: Task, folder: Path | None = None) -> np.ndarray:
    """Compute a task. The machine's cores decide the last bits, as in every training; nothing else does.

    Args:
        folder: where an interrupted training is found again.

    Returns:
        the network's logits (n, classes) for the validation images.

    Raises:
        UserError: the data set is another one here.
    """
    prepare(task.seed)
    given = SimpleNamespace(dataset=_loaded(task.dataset, task.path, task.size))
    if given.dataset.checksum != task.checksum:
        raise UserError(
            f"{task.dataset} has other images or labels here than where the task comes from"
        )
    make, how = _network(task, given)
    model = training.build(make, how, task.seed)
    images, validation = trainings.part(given, task.recipe.train_images), given.dataset.validation
    options = {"seed": task.seed, "checkpoint": folder and folder / f"{task.key}{HALF}"}
    name = f"{task.network}, seed {task.seed}"
    training.fit(model, images, validation, how, name=name, **options)
    return evaluation.predict(saved.export(model), validation.images)


def _network(task: Task, given) -> tuple:
    """A function that makes the task's network, and how it is trained."""
    make, recipe = trainings.cnn(given, task.recipe), task.recipe
    if task.network == "cnn":
        return make, recipe.training
    other = getattr(trainings, task.network)(given, recipe, make().count_params())
    how: Training = trainings.dnn_training(recipe) if task.network == "dnn" else recipe.training
    return other, how


@cache
def _loaded(name: str, path: str | None, size: int | None):
    return datasets.load(name, path, size=size)


# --- many ---


def own(run, task: Task) -> np.ndarray | None:
    """The logits of the run's own training, if it is this task: then nothing is to be computed."""
    try:
        seed = run.read(f"shipped_{task.network}")["seed"]
    except UserError:
        seed = run.seed
    return run.logits(task.network) if seed == task.seed else None


def run_all(
    tasks: Sequence[Task],
    cluster: str | None = None,
    folders: Sequence[Path] = (),
    known: Mapping[Task, np.ndarray | None] | None = None,
) -> list[np.ndarray]:
    """The logits of tasks, in their order; see ``train_one``.

    Args:
        cluster: as for ``cluster.results``; None for here, where an interrupted training goes on.
        folders: where logits are kept; the first is written to.
        known: logits that there are already.

    Raises:
        UserError: a cluster that there is not; see also ``train_one``.
    """
    found = {task: logits for task, logits in (known or {}).items() if logits is not None}
    for task in tasks:
        kept = (unpacked(folder / f"{task.key}.npz")[1] for folder in folders)
        if task not in found and (arrays := next(filter(None, kept), None)):
            found[task] = arrays[-1]
    missing = [task for task in tasks if task not in found]
    here = partial(train_one, folder=folders[0] if folders else None)
    # A process for each: the threads of a Dask worker draw from the same random numbers as Keras.
    function = partial(clusters.apart, train_one) if cluster else here
    for task, done in clusters.results(function, missing, cluster):
        found[task] = done.result()
        if folders:
            write_atomic(folders[0] / f"{task.key}.npz", packed(note="{}", logits=found[task]))
            (folders[0] / f"{task.key}{HALF}").unlink(missing_ok=True)
    return [found[task] for task in tasks]
