"""Trainings with several seeds, as ``helpers.seeds`` keeps them in a run's folder; reads JSON, knows no Keras."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import ROOT
from helpers.files import read_json, sha256

if TYPE_CHECKING:
    from helpers.evaluation import Rate

FILE = "seeds.json"
TITLE = "Over several seeds"
CODE = ("training.py", "augmentation.py", "batch_norm.py", "models.py", "recipes.py")  # of helpers/
KNOBS = ("dataset", "size", "quick", "epochs")


def made_of(parameters: dict, checksum: str, recipe: dict | None) -> dict:
    """What the trainings depend on but for the seed: accuracies that were made of something else do not count.

    Args:
        parameters: of the run, by name.
        checksum: of the data.
        recipe: what notebook 01 records of it, or None where it recorded nothing.
    """
    code = hashlib.sha256("".join(sha256(ROOT / "helpers" / name) for name in CODE).encode()).hexdigest()
    return {**{name: parameters.get(name) for name in KNOBS}, "data": checksum, "recipe": recipe, "code": code}


def recorded_recipe(folder: Path) -> dict | None:
    """The recipe that notebook 01 recorded in a run's folder."""
    return read_json(folder / "metrics" / "cnn.json").get("recipe")


def read(folder: Path, parameters: dict, checksum: str, elsewhere: dict) -> dict | None:
    """What the report says of other seeds, ready for the manifest.

    Args:
        folder: ``reports/<run>``.
        parameters, checksum, elsewhere: of the manifest.

    Returns:
        None without a file; ``{"left_out": reason}`` where it fits another report; otherwise ``{"seeds": found}``,
        where ``found`` has for each seed, as text, hits and number of validation images of ``cnn`` and ``dnn``.
    """
    if not (folder / FILE).is_file():
        return None
    if "model" in elsewhere:
        return {"left_out": f"{FILE} is left out: its networks were trained here, this report's CNN was not"}
    kept = read_json(folder / FILE)
    now = made_of(parameters, checksum, recorded_recipe(folder))
    old = kept.get("made_of") or {}
    if now["recipe"] is None:  # a report without a finished notebook 01 has no training that could differ
        now["recipe"] = old.get("recipe")
    other = [name for name in now if old.get(name) != now[name]]
    if other:
        named = ", ".join("training code" if name == "code" else name for name in other)
        return {"left_out": f"{FILE} is left out, made with other {named}: run make seeds again"}
    found = {seed: pair for seed, pair in kept.get("seeds", {}).items() if {"cnn", "dnn"} <= pair.keys()}
    return {"seeds": dict(sorted(found.items(), key=lambda item: int(item[0])))} if found else None


def rates(manifest: dict) -> dict[str, tuple["Rate", "Rate"]]:
    """Validation accuracy of CNN and DNN, by seed; empty where there is none."""
    from helpers.evaluation import Rate

    found = (manifest.get("seeds") or {}).get("seeds") or {}
    return {seed: (Rate(**pair["cnn"]), Rate(**pair["dnn"])) for seed, pair in found.items()}


def told(manifest: dict) -> dict | None:
    """What the report's part on seeds shows: the seeds, the table's columns and rows, and sentences."""
    from helpers.words import seeds as words

    found = rates(manifest)
    if not found:
        return None
    pairs = list(found.values())
    sentences = [words.difference_in_words(pairs), words.spread_in_words(pairs)]
    return {
        "seeds": list(found),
        "columns": words.COLUMNS,
        "rows": words.rows(pairs),
        "text": " ".join(filter(None, sentences)),
    }
