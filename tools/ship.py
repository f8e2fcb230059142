"""``python -m tools.ship``: train every network of a data set and put it into data/pretrained, with its card.

What was interrupted goes on where it stopped; what is there already, by the same recipe and seed, is not trained again,
unless RETRAIN=1. Each network is written as soon as it is there.
"""

import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import jinja2
import numpy as np

from helpers import evaluation
from helpers.command import carry_out, words
from helpers.errors import UserError
from helpers.evaluation import __main__ as scoring
from helpers.experiments import ablations, trainings
from helpers.files import sha256, without_dates, write_atomic, write_json
from helpers.networks import description, saved, shipped, snapshots
from helpers.networks.checkpoint import packed
from helpers.networks.recipes import Recipe, Training, hyperparameters
from helpers.options import BY_NAME, parse
from helpers.report.manifest import checkout, surroundings
from helpers.run import Run

WEIGHT_BITS = 10  # of the mantissa that shipped weights keep: the file is half as large, the answers are the same
EPOCH_BITS = 7  # and those of notebook 09's epochs, which are only looked at
TAKEN = ("DATASET", "DATA", "SEED", "SIZE", "EPOCHS", "RETRAIN", "RUN")
USAGE = "usage: python -m tools.ship [KEY=VALUE ...], with\n" + "\n".join(
    f"  {name}: {BY_NAME[name].what}" for name in TAKEN
)


def ship(run: Run, retrain: bool = False) -> Path:
    """Train CNN, DNN, the CNN of half the depth, the transfer network and the ablations; the folder they are in."""
    recipe, folder = run.recipe, shipped.FOLDER / run.name
    run.retrain = retrain or of_other_seed(folder, run.seed)
    used, make = trainings.part(run, recipe.train_images), trainings.cnn(run, recipe)
    network, _ = trainings.train(run, "cnn", make, recipe.training, used)
    save(folder, run)
    size = network.count_params()
    dnn, half = trainings.dnn(run, recipe, size), trainings.cnn_half(run, recipe, size)
    for work in (
        lambda: trainings.train(run, "dnn", dnn, trainings.dnn_training(recipe), used),
        lambda: ablations.two_by_two(run, recipe),
        lambda: ablations.shuffled_pixels(run, recipe, cnn=make, dnn=dnn),
        lambda: ablations.softmax_once_and_twice(run, recipe),
        lambda: trainings.transfer_network(run, recipe),
        lambda: trainings.train(run, "cnn_half", half, recipe.training, used),
    ):
        work()
        save(folder, run)
    write_atomic(folder / "README.md", card(folder, run, recipe, len(used)))
    return folder


def of_other_seed(folder: Path, seed: int) -> bool:
    """Whether a folder holds any training of another seed, which would otherwise be taken as it is; the transfer
    network's is one higher than the others'."""
    entries = shipped.listed(folder).items()
    return any(each["origin"]["seed"] != seed + (name == "cnn_judge") for name, each in entries)


def save(folder: Path, run: Run) -> None:
    """Write what is new of a run's trainings."""
    for name, made in run.trained.items():
        if not stands(folder, name, made.key):
            write(folder, name, made, run)
            print(f"{name}: written", flush=True)


def stands(folder: Path, name: str, key: str) -> bool:
    """Whether a training is shipped already, and its file undamaged."""
    entry = shipped.listed(folder).get(name, {})
    if entry.get("key") != key:
        return False
    file = folder / entry["file"]
    return file.is_file() and sha256(file) == entry["sha256"]


def write(folder: Path, name: str, made: shipped.Trained, run: Run) -> None:
    """Write one training's files and its entry of the list: small, and the same bytes for the same network."""
    validation, model = run.dataset.validation, made.model
    entry = {"key": made.key, "history": made.history, "origin": {**origin(), "seed": made.seed}}
    if shipped.is_brief(name):
        # In an order that does not depend on the data set's.
        order = np.argsort(shipped.digests(validation), kind="stable")
        logits = evaluation.predict(model, validation.images)[order]
        file, content = f"{name}.npz", packed(logits=rounded(logits, WEIGHT_BITS))
    else:
        copy = saved.export(model)
        copy.set_weights([rounded(array, WEIGHT_BITS) for array in copy.get_weights()])
        file, content = f"{name}.keras", saved.content(copy)
    entry |= {"file": file, "sha256": write_small(folder / file, content)}
    if name == "cnn":
        weights, best = snapshots.of_training(run.folder / "checkpoints" / "cnn.npz")
        kept = {e: [rounded(a, EPOCH_BITS) for a in arrays] for e, arrays in weights.items()}
        entry["epochs"] = write_small(folder / shipped.EPOCHS, snapshots.content(kept, best))
    write_json(folder / shipped.LIST, {**shipped.listed(folder), name: entry})


def rounded(array: np.ndarray, bits: int) -> np.ndarray:
    """Float32 numbers with so many bits of the mantissa, the nearest ones."""
    whole = np.ascontiguousarray(array, "float32").view("uint32")
    step = np.uint32(1 << (23 - bits))
    return ((whole + step // 2) & ~(step - np.uint32(1))).view("float32")


def write_small(path: Path, archive: bytes) -> str:
    """Write a zip compressed; its SHA-256."""
    return sha256(write_atomic(path, without_dates(archive, zipfile.ZIP_DEFLATED)))


# --- whence, and the card ---


def origin() -> dict:
    """By which commit, when and where a network was trained."""
    (commit, modified), found = checkout(), surroundings()
    used = ("tensorflow", "keras", "numpy")
    return {
        "commit": commit and commit + " with uncommitted changes" * modified,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": found["processor"],
        "packages": {each: found["packages"].get(each) for each in used},
    }


def card(folder: Path, run: Run, recipe: Recipe, images: int) -> str:
    """The model card of what the folder holds (Markdown), with every figure measured on the files themselves."""
    entries, valid, names = shipped.listed(folder), run.dataset.validation, run.dataset.class_names
    networks, clean = [], valid.clean
    not_exact = np.flatnonzero(~valid.in_train)
    for name, entry in entries.items():
        if shipped.is_brief(name):
            continue
        network = shipped.Shipped(name, folder, entry).network()
        logits = evaluation.predict(network, valid.images)
        mirrored = scoring.with_mirror(network, valid.images, logits)
        networks.append({
            "name": name,
            "origin": entry["origin"],
            "epochs": len(entry["history"]),
            "parameters": network.count_params(),
            "adds": description.multiply_adds(network),
            "all": evaluation.accuracy(valid.labels, logits),
            "not_exact": evaluation.accuracy(valid.labels[not_exact], logits[not_exact]),
            "clean": evaluation.accuracy(valid.labels[clean], logits[clean]),
            "mirrored": evaluation.accuracy(valid.labels[clean], mirrored[clean]),
            "megabytes": (folder / entry["file"]).stat().st_size / 1e6,
        })  # fmt: skip
        if name == "cnn":
            counts = evaluation.confusion(valid.labels, logits)
    world = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    world.filters["share"] = scoring.shown
    return world.from_string((Path(__file__).parent / "card.md.j2").read_text("utf-8")).render(
        dataset=run.name,
        title=run.dataset.title,
        command=f"python -m tools.ship DATASET={run.name}",
        held_out=len(valid),
        not_exact=len(not_exact),
        clean=len(clean),
        images=images,
        networks=networks,
        scores=evaluation.per_class(counts, names, run.dataset.train.labels),
        pairs=evaluation.confused_pairs(counts),
        names=names,
        recipe=dict(recipe_rows(recipe.training)),
    )


def recipe_rows(training: Training) -> Iterator[tuple[str, object]]:
    """The card's rows on how a network was trained; of the further epochs what differs."""
    found = hyperparameters(training)
    change, finish = found.pop("augmentation") or {}, found.pop("finish", {})
    found |= {f"augmentation: {name}": value for name, value in change.items()}
    found |= {f"further epochs: {k}": v for k, v in finish.items() if v != found.get(k, v)}
    for name, value in found.items():
        yield name.replace("_", " "), f"{value:.3g}" if isinstance(value, float) else value


def main(given: list[str]) -> int:
    """Train; returns the exit status."""
    return carry_out(given, USAGE, _ship)


def _ship(given: list[str]) -> int:
    asked = {word.partition("=")[0] for word in given}
    if other := [name for name in BY_NAME if name in asked and name not in TAKEN]:
        raise UserError(f"tools.ship takes {', '.join(TAKEN)}: leave {other[0]} out")
    options, names = parse(given), ("dataset", "data", "run", "seed", "size", "epochs")
    told = {name: options.parameters[name] for name in names}
    ship(Run(**told, notebook="ship"), options.retrain)
    return 0


if __name__ == "__main__":
    sys.exit(main(words()))
