"""``python -m helpers.train``, ``make train``: train every network of a data set and put it into data/pretrained.

What was interrupted goes on where it stopped; what is there already, by the same recipe and seed, is not trained again,
unless RETRAIN=1. Each network is written as soon as it is there.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from helpers.command import obey, words
from helpers.errors import UserError
from helpers.files import sha256, write_atomic, write_json
from helpers.report.knobs import KNOBS, Knobs, parse
from helpers.report.manifest import commit, packages, processor

TAKEN = ("DATASET", "DATA", "SEED", "SIZE", "EPOCHS", "RETRAIN", "RUN")
USAGE = "usage: make train [KEY=VALUE ...], with the knobs\n" + "\n".join(f"  {k}: {KNOBS[k]}" for k in TAKEN)


def train(knobs: Knobs, say: Callable[[str], None] = print) -> None:
    """Train CNN, DNN, the CNN of half the depth, the judge and the brief comparisons, and write them one by one.

    Args:
        knobs: data set, seed, size, epochs, and the run whose checkpoints are used.
        say: prints a line.

    Raises:
        UserError: see ``datasets.load``.
    """
    from helpers import comparisons, experiments, pretrained
    from helpers.run import Run

    wanted = {name: knobs.parameters[name] for name in ("dataset", "data", "run", "seed", "size", "epochs")}
    run = Run(**wanted, notebook="train")
    recipe = run.recipe
    folder = pretrained.FOLDER / run.name
    run.retrain = knobs.parameters["retrain"] or _of_other_seed(folder, run.seed)

    def ship() -> None:
        """Write what is new."""
        for name, made in run.trained.items():
            if not _stands(folder, name, made.key):
                say(f"{name}: {write(folder, name, made, run)}")
        write_atomic(folder / "README.md", card(folder, run, recipe, len(used), replace(knobs, data=None).command))

    used = experiments.part(run, recipe.train_images)
    make = experiments.cnn(run, recipe)
    network, _ = experiments.adopt_or_train(run, None, make, recipe.training, used)
    ship()
    count = network.count_params()
    dnn = experiments.dnn(run, recipe, count)
    experiments.train(run, "dnn", dnn, experiments.dnn_training(recipe), used)
    ship()
    comparisons.two_by_two(run, recipe)
    comparisons.shuffled_pixels(run, recipe, cnn=make, dnn=dnn)
    comparisons.softmax_once_and_twice(run, recipe)
    ship()
    experiments.judge(run, recipe)
    ship()
    experiments.train(run, "cnn_half", experiments.cnn_half(run, recipe, count), recipe.training, used)
    ship()


def listed(folder) -> dict:
    """The list of what is shipped in a folder; empty without one."""
    from helpers.pretrained import LIST

    return json.loads((folder / LIST).read_text("utf-8")) if (folder / LIST).is_file() else {}


def _of_other_seed(folder, seed: int) -> bool:
    """Whether a folder holds any training of another seed, which would otherwise be taken as it is; the judge's is one
    higher than the others'."""
    return any(entry["origin"]["seed"] != seed + (name == "cnn_judge") for name, entry in listed(folder).items())


def _stands(folder, name: str, key: str) -> bool:
    """Whether a training is shipped already, and its file undamaged."""
    entry = listed(folder).get(name, {})
    if entry.get("key") != key:
        return False
    file = folder / entry["file"]
    return file.is_file() and sha256(file) == entry["sha256"]


def write(folder, name: str, made, run) -> str:
    """Write one training's files and its entry of the list; its accuracy in words."""
    from helpers import evaluation, experiments, pretrained
    from helpers.snapshots import Snapshots

    validation = run.dataset.validation
    entry = {"key": made.key, "history": made.history, "origin": {**origin(), "seed": made.seed}}
    if pretrained.is_brief(name):
        entry["file"] = f"{name}.npz"
        pretrained.write_logits(folder / entry["file"], validation, evaluation.predict(made.model, validation.images))
    else:
        entry["file"] = f"{name}.keras"
        pretrained.write_network(folder / entry["file"], made.model)
    if name == "cnn":
        kept = Snapshots(run.folder / "checkpoints" / "cnn.npz")
        pretrained.write_epochs(folder / pretrained.EPOCHS, kept.weights(), kept.best)
        entry["epochs"] = sha256(folder / pretrained.EPOCHS)
    entry["sha256"] = sha256(folder / entry["file"])
    write_json(folder / pretrained.LIST, {**listed(folder), name: entry})
    shipped = pretrained.Shipped(name, folder, entry)
    logits = (
        shipped.logits(validation)
        if pretrained.is_brief(name)
        else evaluation.predict(shipped.network(), validation.images)
    )
    rates = experiments.twin_rates(validation, logits, "validation")
    return f"{entry['file']}, " + ", ".join(f"{key} {rate}" for key, rate in rates.items())


def card(folder, run, recipe, images: int, command: str) -> str:
    """The model card of what the folder holds, with every figure measured on the files themselves."""
    from helpers import evaluation, experiments, models, pretrained, scoring
    from helpers.recipes import judging
    from helpers.words import card as words
    from helpers.words.cnn import recipe_rows

    valid, entries, rows = run.dataset.validation, listed(folder), []
    own = experiments.without_twins(valid)
    for name in (name for name in entries if not pretrained.is_brief(name)):
        network = pretrained.Shipped(name, folder, entries[name]).network()
        logits = evaluation.predict(network, valid.images)
        both = scoring.with_mirror(network, valid.images, logits)
        rates = [evaluation.accuracy(valid.labels, logits)]
        rates += [evaluation.accuracy(valid.labels[own], found[own]) for found in (logits, both)]
        size = (network.count_params(), models.multiply_adds(network))
        megabytes = (folder / entries[name]["file"]).stat().st_size / 1e6
        rows.append(words.network_row(name, size, entries[name]["origin"]["seed"], rates, megabytes))
        if name == "cnn":
            counts = evaluation.confusion(valid.labels, logits)
    names, how = run.dataset.class_names, recipe_rows(recipe, images)
    if "cnn_judge" in entries and judging(recipe) != recipe.training:
        how.append(["epochs of `cnn_judge`", f"{len(entries['cnn_judge']['history'])} along the cosine"])
    return words.card(
        run.name,
        run.dataset.title,
        (images, len(valid)),
        rows,
        evaluation.per_class(counts, names, run.dataset.train.labels),
        evaluation.confused_pairs(counts),
        names,
        how,
        {name: entries[name]["origin"] for name in entries if not pretrained.is_brief(name)},
        command.replace("make report", "make train", 1),
    )


def origin() -> dict:
    """By which commit, when and where a network was trained."""
    made, modified = commit()
    return {
        "commit": made and made + " with uncommitted changes" * modified,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": processor(),
        "packages": {name: packages().get(name) for name in ("tensorflow", "keras", "numpy")},
    }


def main(words: list[str]) -> int:
    """Train; returns the exit status."""
    return obey(words, USAGE, _train)


def _train(words: list[str]) -> int:
    asked = {word.partition("=")[0] for word in words}
    if other := [knob for knob in KNOBS if knob in asked and knob not in TAKEN]:
        raise UserError(f"make train takes {', '.join(TAKEN)}: leave {other[0]} out")
    train(parse(words), say=partial(print, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(words()))
