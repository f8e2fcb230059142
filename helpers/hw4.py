"""The course's official call for homework 4: ``python -m helpers.hw4 TRAIN.csv OUT`` writes its sixteen figures."""

import io
import sys
from pathlib import Path

import numpy as np

from helpers import evaluation
from helpers.backend import prepare
from helpers.command import carry_out
from helpers.datasets import load, recognise
from helpers.display import DPI
from helpers.errors import UserError
from helpers.explain import core, filter_survey, filters, lime, selection
from helpers.explain.integrated_gradients import integrated_gradients
from helpers.figures import filters as draw
from helpers.figures import maps
from helpers.figures.lime import LimeExample, lime_examples
from helpers.files import write_atomic
from helpers.networks import external, shipped
from helpers.options import OF_MODEL, parse

USAGE = """python -m helpers.hw4 TRAIN.csv OUT [MODEL=my.keras] [RANGE=0..1] [CLASSES=alphabetical]

  TRAIN.csv  the images: the course's train.csv, fer2013.csv, or any data set of the workbook
  OUT        the folder for fig1_0.jpg ... (saliency, one a class), fig2_1.jpg (filters), fig2_2.jpg (their
             outputs), fig3_0.jpg ... (LIME, one a class); made if it is missing
  MODEL      a network of your own; the one that comes with the workbook if not given"""
FILTERS, CLIMB = 64, 128  # of the last convolution; steps of the ascent, as in notebook 05
STEPS = 50  # of integrated gradients, as in notebook 04


def main(given: list[str]) -> int:
    """Write the figures; returns the exit status."""
    return carry_out(given or ["--help"], USAGE, _homework, "The same command starts anew.")


def _homework(given: list[str]) -> int:
    plain = [word for word in given if word.partition("=")[0] not in ("MODEL", *OF_MODEL[:2])]
    if len(plain) != 2:
        raise UserError(f"a data set and a folder are needed: {USAGE.splitlines()[0]}")
    path, out = (Path(word).expanduser().absolute() for word in plain)
    if not path.exists():
        raise UserError(f"there is no file {path}: pass the course's train.csv")
    rest = [word for word in given if word not in plain]
    options = parse([f"DATASET={recognise(path)}", f"DATA={path}", *rest])
    prepare(options.seed)
    data = load(options.dataset, path)
    model = _network(options, data)
    for name, figure in _figures(model, data.validation, data.class_names, options.seed):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="jpeg", dpi=DPI, pil_kwargs={"quality": 92})
        print(write_atomic(out / f"{name}.jpg", buffer.getvalue()), flush=True)
    return 0


def _network(options, data):
    """The network of MODEL, or the one that comes with the workbook for such data."""
    if options.model:
        return external.adopt(options.path("MODEL"), options.range, data, options.classes)[0]
    folder = shipped.FOLDER / data.name
    if "cnn" not in shipped.listed(folder):
        raise UserError(f"no network for {data.title} comes with the workbook: give MODEL=my.keras")
    return shipped.Shipped("cnn", folder, shipped.listed(folder)["cnn"]).network()


def _figures(model, valid, names, seed):
    """Name and figure, one after the other; which images are shown, ``selection.choose`` decides."""
    logits = evaluation.predict(model, valid.images)
    chosen = selection.choose(valid.labels, logits, valid.copies)
    chances, said = evaluation.probabilities(logits), logits.argmax(-1)
    for k, name in enumerate(names):
        index = [*chosen[k].values()]
        found = integrated_gradients(model, valid.images[index], said[index], steps=STEPS)
        places = [(selection.RULES.index(rule), 0) for rule in chosen[k]]
        notes = [f"{names[said[i]]} {chances[i].max():.2f}" for i in index]
        given = places, valid.images[index], core.blurred(found), notes
        yield f"fig1_{k}", maps.triples(selection.RULES, [name], *given)
    yield from _of_filters(model, valid, logits, seed)
    heads = [["image", "for the\nclass", "against the\nnext class"]]
    for k, name in enumerate(names):
        row = ["none"]
        for i in [*chosen[k].values()][:1]:
            (one,) = lime.explanations(model, valid.images[[i]], seed=seed)
            rival = next(j for j in (-chances[i]).argsort(kind="stable") if j != k)
            words = [f"{names[j]} {chances[i, j]:.2f}" for j in (k, rival)]
            found = [one.map_of(k), one.map_of((k, rival))]
            row = [LimeExample(valid.images[i], found, ["", *words])]
        yield f"fig3_{k}", lime_examples({name: row}, heads)


def _of_filters(model, valid, logits, seed):
    layer = filters.depths(model)[-1]
    (seen,) = filter_survey.survey(model, [layer], valid.images)
    way = {"regulariser": filters.regulariser(model, layer), "steps": CLIMB, "seed": seed}
    made = filter_survey.maximise(model, seen, FILTERS, **way)
    titles = [*map(str, made.numbers)]
    yield "fig2_1", draw.filter_grid(made.found.images, titles)
    subject, _ = selection.best_recognised(valid.labels, logits, valid.copies)
    found = filters.outputs(model, layer, valid.images[[subject]])[0][..., made.numbers]
    maps_of = {layer: np.moveaxis(found, -1, 0)}
    yield "fig2_2", draw.filter_outputs(valid.images[subject], maps_of, {layer: titles})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
