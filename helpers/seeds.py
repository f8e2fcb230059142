"""Train CNN and DNN with several seeds: ``python -m helpers.seeds SEEDS=0,1,2 RUN=name``."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from helpers import ROOT
from helpers.command import obey, words
from helpers.errors import UserError
from helpers.files import read_json, write_atomic, write_json
from helpers.report import alone, update_seeds
from helpers.report.knobs import Knobs, parse
from helpers.report.seeds import FILE, made_of, recorded_recipe
from helpers.report.verify import knobs_of as report_knobs

USAGE = "python -m helpers.seeds SEEDS=0,1,2 [RUN=name] [DATASET=..] [DATA=..] [EPOCHS=..] [QUICK=1] [SIZE=..]"
OTHER = ("SEED", "MODEL", "RANGE", "HISTORY")
HIGHEST = 2**32 - 1


def seeds(
    chosen: list[int],
    knobs: Knobs,
    *,
    notebooks: Path = ROOT / "notebooks",
    reports: Path = ROOT / "reports",
    say: Callable[[str], None] = print,
) -> None:
    """Train CNN and DNN once a seed, as the run does, and add what they reach on the validation data to its report.

    What is finished stands in ``reports/<run>/seeds.json`` and is not trained again; a training that was interrupted
    goes on from its checkpoint. The test set is not looked at, and no notebook runs.

    Args:
        chosen: the seeds.
        knobs: of the run, see ``knobs_of``.
        notebooks: the folder of notebooks, for the report's prose.
        reports: the folder of all runs.
        say: prints a line.

    Raises:
        UserError: bad data, other data than the report's, or another process at work on the same report.
    """
    from helpers.backend import prepare

    folder = reports / knobs.run
    with alone(folder):
        prepare(knobs.seed)
        run = _open(knobs, reports)
        kept = read_json(folder / "manifest.json")
        if kept and kept["data"]["checksum"] != run.dataset.checksum:
            raise UserError(f"{folder.name} was made of other images or labels: run make report first, or choose RUN")
        made, trainings = _trainings(run, recorded_recipe(folder) if kept else None)
        old = read_json(folder / FILE)
        found = old.get("seeds", {}) if old.get("made_of") == made else {}
        for seed in chosen:
            for name, train in trainings.items():
                pair = found.setdefault(str(seed), {})
                if name not in pair:
                    pair[name] = train(seed, reuse=kept.get("seed") == seed)
                    write_json(folder / FILE, {"made_of": made, "seeds": found})
        for line in _table({seed: found[str(seed)] for seed in chosen}):
            say(line)
        page = os.path.relpath(folder / "report.html")
        if not kept:
            say(f"There is no report yet: make report RUN={knobs.run}, with the same knobs, shows these seeds in it")
        else:
            say(f"{page} {'shows them now' if update_seeds(folder, notebooks) else 'has shown them before'}")


def _open(knobs: Knobs, reports: Path):
    """The run, as notebooks open it."""
    from helpers.run import Run

    wanted = {name: knobs.parameters[name] for name in ("dataset", "data", "run", "seed", "quick", "size", "epochs")}
    return Run(**wanted, notebook="seeds", reports=reports)


def _trainings(run, recorded: dict | None) -> tuple[dict, dict[str, Callable]]:
    """What the run's trainings depend on, and a function for each network that trains and measures it."""
    from helpers import experiments
    from helpers.recipes import adjusted

    recipe = adjusted(run.recipe, **(recorded or {}))
    make = experiments.cnn(run, recipe)
    network = make()
    parameters = {"dataset": run.name, "size": run.size, "quick": run.quick, "epochs": run.epochs}
    as_recorded = json.loads(json.dumps(experiments.summary(network, [], recipe)["recipe"]))
    made = made_of(parameters, run.dataset.checksum, as_recorded)
    used = experiments.part(run, recipe.train_images)
    dnn = experiments.dnn(run, recipe, network.count_params())
    return made, {
        "cnn": partial(_train, run, "cnn", make, recipe.training, used),
        "dnn": partial(_train, run, "dnn", dnn, experiments.dnn_training(recipe), used),
    }


def _train(run, name, make, recipe, images, seed: int, reuse: bool) -> dict:
    """Train one network and count what it gets right on the validation data."""
    from helpers import evaluation, pretrained, training

    checkpoint = run.folder / "checkpoints" / "seeds" / str(seed) / f"{name}.npz"
    own = run.folder / "checkpoints" / f"{name}.npz"
    if reuse and own.is_file() and (not checkpoint.is_file() or own.stat().st_mtime > checkpoint.stat().st_mtime):
        # The report's own training; whether it is the very same, fit tells by its key.
        write_atomic(checkpoint, own.read_bytes())
    model = training.build(make, recipe, seed)
    validation = run.dataset.validation
    shipped = pretrained.find(run, name, model, recipe, len(images))
    if shipped and shipped.seed == seed:
        found = evaluation.accuracy(validation.labels, evaluation.predict(shipped.network(), validation.images))
        return {"hits": found.hits, "n": found.n}
    training.fit(model, images, validation, recipe, seed=seed, checkpoint=checkpoint, name=f"{name}, seed {seed}")
    found = evaluation.accuracy(validation.labels, evaluation.predict(training.export(model), validation.images))
    return {"hits": found.hits, "n": found.n}


def _table(found: dict[int, dict]) -> Iterator[str]:
    """Lines of a table: each seed, then mean and spread."""
    from helpers.evaluation import Rate
    from helpers.words.seeds import rows

    rates = {seed: (Rate(**pair["cnn"]), Rate(**pair["dnn"])) for seed, pair in found.items()}
    yield f"{'seed':<22}{'CNN':>9}{'DNN':>9}"
    for seed, pair in rates.items():
        yield f"{seed:<22}" + "".join(f"{100 * rate.value:>7.1f} %" for rate in pair)
    for name, mean, deviation, low, high, _ in rows(list(rates.values())):
        yield f"{name:<22} mean {mean}, standard deviation {deviation}, {low} to {high}"


def numbers(typed: str) -> list[int]:
    """``0,1,2`` as numbers, each once.

    Raises:
        UserError: something else.
    """
    words = [word.strip() for word in typed.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,12}", word) and int(word) <= HIGHEST for word in words):
        raise UserError(
            f"SEEDS={typed} is not possible: SEEDS is whole numbers from 0 to {HIGHEST}, with commas between, as 0,1,2"
        )
    return list(dict.fromkeys(map(int, words)))


def knobs_of(words: list[str], reports: Path = ROOT / "reports") -> Knobs:
    """The knobs of a run: what is not given is as in its report, where there is one.

    Args:
        words: KEY=VALUE, the knobs of ``make report`` but for SEED and MODEL.

    Raises:
        UserError: a wrong knob, one that the report was made without, or a network trained elsewhere.
    """
    asked = parse(words)
    given = {knob: value.strip() for knob, _, value in (word.partition("=") for word in words) if value.strip()}
    if other := [knob for knob in OTHER if knob in given]:
        raise UserError(f"make seeds trains the workbook's own networks with the seeds in SEEDS: leave {other[0]} out")
    kept = read_json(reports / asked.run / "manifest.json")
    if not kept:
        return asked
    if "model" in (kept.get("elsewhere") or {}):
        file = kept["elsewhere"]["model"]["file"]
        raise UserError(f"{asked.run} explains {file}, trained elsewhere, which has no other seeds: choose another RUN")
    own = report_knobs(kept, {"DATA": asked.data, "MODEL": None, "HISTORY": None}, "seeds")
    for knob in ("DATASET", "EPOCHS", "QUICK", "SIZE"):
        before, now = getattr(own, knob.lower()), getattr(asked, knob.lower())
        if knob in given and before != now:
            raise UserError(
                f"{asked.run} was made with other {knob} than {given[knob]}: leave it out, or choose another RUN"
            )
    return own


def main(words: list[str]) -> int:
    """Train with several seeds; returns the exit status."""
    return obey(words, USAGE, _seeds)


def _seeds(words: list[str]) -> int:
    typed = [word for word in words if word.startswith("SEEDS=")]
    chosen = numbers(typed[-1].removeprefix("SEEDS=") if typed else "")
    knobs = knobs_of([word for word in words if word not in typed])
    seeds(chosen, knobs, say=partial(print, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(words()))
