"""Trainings with other seeds. One training is one task, a pure function of recipe, data set and seed, so that it can be
computed here, in processes of this machine, or on a Dask cluster, and never twice."""

import hashlib
import json
import pickle
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from helpers import datasets, evaluation, experiments
from helpers.backend import keras, prepare
from helpers.errors import UserError
from helpers.files import code_hash, write_atomic
from helpers.networks import saved, training
from helpers.networks.checkpoint import packed, unpacked
from helpers.networks.recipes import Recipe, Training

NETWORKS = ("cnn", "cnn_half", "dnn")
HIGHEST = 2**32 - 1
CODE = ("training.py", "steps.py", "augmentation.py", "batch_norm.py", "models.py")
LOCAL = re.compile(r"local:([1-9][0-9]?)")
SCHEDULER = re.compile(r"tcp://[\w.-]+:[0-9]{1,5}")
PATIENCE = 10  # seconds that a scheduler has for its answer


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


@dataclass(frozen=True)
class Result:
    """What a training gives: the weights of the float32 copy, a row an epoch, logits (n, classes) on validation."""

    weights: list[np.ndarray]
    history: list[dict]
    logits: np.ndarray


def chosen(seeds, own: int) -> list[int]:
    """The seeds of a notebook's parameter: a list, ``"0,1,2"``, one number, or None for the run's own.

    Raises:
        UserError: something else, or a seed twice.
    """
    typed = seeds.split(",") if isinstance(seeds, str) else seeds
    given = [own] if seeds is None else [typed] if isinstance(typed, int) else typed
    numbers = [str(each).strip() for each in given] if isinstance(given, Iterable) else [""]
    found = [int(each) for each in numbers if re.fullmatch("[0-9]{1,10}", each)]
    if not found or len({*found}) < len(numbers) or max(found) > HIGHEST:
        raise UserError(
            f"seeds = {seeds!r} is not possible: take different whole numbers from 0 on, as [0, 1, 2]"
        )
    return found


def tasks(run, recipe: Recipe, seeds: Sequence[int]) -> dict[tuple[str, int], Task]:
    """A task for each network and seed of a run, by both."""
    path = None if run.data is None else str(run.data)
    given = recipe, run.name, path, run.size, run.dataset.checksum
    return {(name, seed): Task(name, seed, *given) for seed in seeds for name in NETWORKS}


def train_one(task: Task, checkpoint: Path | None = None) -> Result:
    """Compute a task. The machine's cores decide the last bits, as in every training; nothing else does.

    Args:
        checkpoint: file in which an interrupted training is found again.

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
    images, validation = experiments.part(given, task.recipe.train_images), given.dataset.validation
    name = f"{task.network}, seed {task.seed}"
    history = training.fit(
        model, images, validation, how, seed=task.seed, checkpoint=checkpoint, name=name
    )
    made = saved.export(model)
    return Result(made.get_weights(), history, evaluation.predict(made, validation.images))


def train_apart(task: Task) -> Result:
    """``train_one`` in a process of its own: the threads of a Dask worker draw from the same random numbers as Keras.

    Raises:
        UserError: what ``train_one`` raises, or that the process ended without a result.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.npz"
        command = [sys.executable, "-m", "helpers.seeds", str(path)]
        done = subprocess.run(command, input=pickle.dumps(task), stderr=subprocess.PIPE)
        result = _read(path) if path.is_file() else None
    if result is None:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise UserError(lines[-1] if lines else f"the training ended with status {done.returncode}")
    return result


def _network(task: Task, given) -> tuple:
    """A function that makes the task's network, and how it is trained."""
    make, recipe = experiments.cnn(given, task.recipe), task.recipe
    if task.network == "cnn":
        return make, recipe.training
    other = getattr(experiments, task.network)(given, recipe, make().count_params())
    how: Training = experiments.dnn_training(recipe) if task.network == "dnn" else recipe.training
    return other, how


@cache
def _loaded(name: str, path: str | None, size: int | None):
    return datasets.load(name, path, size=size)


# --- many ---


def own(run, task: Task) -> Result | None:
    """The run's own training, if it is this task: then nothing is to be computed."""
    try:
        seed = run.read(f"shipped_{task.network}")["seed"]
    except UserError:
        seed = run.seed
    if seed != task.seed:
        return None
    return Result(run.model(task.network).get_weights(), [], run.logits(task.network))


def run_all(
    tasks: Sequence[Task],
    cluster: str | None = None,
    folders: Sequence[Path] = (),
    known: Mapping[Task, Result | None] | None = None,
) -> list[Result]:
    """The results of tasks, in their order.

    Args:
        cluster: None for one after the other in this process, where an interrupted training goes on; ``local:N``
            for N processes on this machine; ``tcp://host:port`` of a Dask scheduler whose workers have this code and
            the data. The task of a worker that dies is computed by another.
        folders: where results are kept; the first is written to.
        known: results that there are already.

    Raises:
        UserError: a cluster that there is not; see also ``train_one``.
    """
    found = {task: result for task, result in (known or {}).items() if result}
    for task in tasks:
        paths = (folder / f"{task.key}.npz" for folder in folders)
        kept = next((result for path in paths if (result := _read(path))), None)
        if task not in found and kept:
            found[task] = kept
    missing = [task for task in tasks if task not in found]
    for task, result in _computed(missing, cluster, folders):
        if folders:
            _write(folders[0] / f"{task.key}.npz", result)
        found[task] = result
    return [found[task] for task in tasks]


def _computed(missing: list[Task], cluster: str | None, folders) -> Iterator[tuple[Task, Result]]:
    if not missing:
        return
    if cluster is None:
        for task in missing:
            checkpoint = folders[0] / f"{task.key}.training.npz" if folders else None
            yield task, train_one(task, checkpoint)
            if checkpoint:
                checkpoint.unlink(missing_ok=True)
        return
    from distributed import as_completed

    with _client(cluster) as client:
        of = {client.submit(train_apart, task, key=task.key): task for task in missing}
        for done in as_completed(of):
            yield of[done], done.result()


@contextmanager
def _client(cluster: str):
    """A Dask client of processes here or of a scheduler elsewhere."""
    from distributed import Client, LocalCluster

    if local := LOCAL.fullmatch(cluster):
        options = {"threads_per_worker": 1, "memory_limit": 0, "dashboard_address": None}
        with (
            LocalCluster(n_workers=int(local[1]), silence_logs=50, **options) as made,
            Client(made) as client,
        ):
            yield client
        return
    if not SCHEDULER.fullmatch(cluster):
        raise UserError(f"cluster = {cluster!r} is not possible: it is local:N or tcp://host:port")
    try:
        client = Client(cluster, timeout=PATIENCE)
    except OSError:
        raise UserError(
            f"no Dask scheduler answers at {cluster}: start `dask scheduler` there, or leave cluster out"
        ) from None
    with client:
        yield client


def _write(path: Path, result: Result) -> None:
    note = json.dumps({"history": result.history})
    arrays = {f"v{i}": array for i, array in enumerate([*result.weights, result.logits])}
    write_atomic(path, packed(note=note, **arrays))


def _read(path: Path) -> Result | None:
    """A result that was kept; None if it is missing or damaged."""
    note, arrays = unpacked(path)
    return Result(arrays[:-1], note["history"], arrays[-1]) if note else None


if __name__ == "__main__":
    try:
        _write(Path(sys.argv[1]), train_one(pickle.load(sys.stdin.buffer)))
    except UserError as fault:
        sys.exit(str(fault))
