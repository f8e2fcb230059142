"""The explorer: one image, the network's answer, and what a method, a layer and a filter make of it."""

from collections.abc import Callable
from contextlib import suppress

import numpy as np
from IPython.display import HTML, display
from ipywidgets import Box, Dropdown, IntSlider, VBox, interactive

from helpers import evaluation
from helpers.errors import UserError
from helpers.explain import core, filters
from helpers.explain.methods import METHODS, applicable
from helpers.figures.maps import SHOWN, masked
from helpers.figures.sheet import Heat
from helpers.lab.picker import Picked, Picker
from helpers.lab.pictures import pictures
from helpers.run import Run

TOP = 3  # classes whose probability is named


def explorer(dataset: str | None = None, **options) -> None:
    """Show the explorer for the CNN of the lab; arguments as for ``Run.open``."""
    run = Run.open(dataset, notebook="explorer", **options)
    model = run.model("cnn")
    explore(lambda **now: look(run, model, **now), **choices(run, model))


def explore(draw: Callable, manual: bool = False, **widgets) -> None:
    """Show what a function draws beside the widgets that choose its arguments; as ``ipywidgets.interact`` takes them.

    Args:
        draw: returns what is shown.
        manual: whether a button starts it.
        widgets: by argument.
    """
    made = interactive(draw, {"manual": manual, "auto_display": True}, **widgets)
    made.out.layout = {"flex": "1 1 320px", "min_width": "0"}
    chosen = VBox(made.children[:-1], layout={"flex": "0 1 320px", "margin": "0 16px 0 0"})
    display(Box([chosen, made.out], layout={"flex_flow": "row wrap"}))


def choices(run: Run, model, *wanted: str, start: int = 0) -> dict:
    """The widgets that choose what to look at, by the name of the parameter that takes their value.

    Args:
        run: whose validation images and classes.
        model: whose layers.
        wanted: some of ``image`` (a ``Picked``), ``answer`` (a class's number, or -1 for the network's answer),
            ``method`` (a name in ``METHODS``), ``layer`` (a convolution) and ``filter`` (its number); by default all
            that the network allows.
        start: the number of the first image.
    """
    numbered = ((name, k) for k, name in enumerate(run.dataset.class_names))
    classes = [("the network's answer", -1), *numbered]
    methods = [(method.title, name) for name, method in applicable(model).items()]
    found = {"image": Picker(run, start)}
    found["answer"] = Dropdown(options=classes, description="explain")
    found["method"] = Dropdown(options=methods, value="integrated_gradients", description="method")
    with suppress(UserError):  # no convolutions
        found |= {} if wanted and "layer" not in wanted else _of_layers(model, found["image"])
    return {name: widget for name, widget in found.items() if not wanted or name in wanted}


def _of_layers(model, picker: Picker) -> dict:
    """The layers, and the number of a filter: at first the one that the chosen image excites most."""
    names = filters.convolutions(model)
    layer = Dropdown(options=names, value=names[-1], description="layer")
    number = IntSlider(description="filter", continuous_update=False)

    def fit(_=None):
        answers = filters.activations(model, layer.value, picker.value.pixels)[0]
        number.max, number.value = len(answers) - 1, int(answers.argmax())

    fit()
    layer.observe(fit, "value")
    return {"layer": layer, "filter": number}


def look(run: Run, model, image: Picked, answer: int, method: str, layer=None, filter=0) -> HTML:
    """What the network sees, what the method shows, and what the layer's filter puts out; see ``choices``."""
    logits, names = core.logits_of(model, image.pixels), run.dataset.class_names
    target = logits.argmax(-1) if answer < 0 else np.array([answer])
    found = {f"what the network sees of {image.name}": image.pixels[0]}
    found |= explained(model, image.pixels, target, method, names[target[0]], layer)
    if layer:
        maps = filters.outputs(model, layer, image.pixels)[0]
        number = min(filter, maps.shape[-1] - 1)
        silent = ", silent here" * (not maps[..., number].any())
        found[f"filter {number} of {layer}{silent}"] = Heat(maps[..., number], colours="viridis")
    return pictures(found, answers(names, logits, image.label), f"{method}-{names[target[0]]}")


def explained(
    model, pixels: np.ndarray, target: np.ndarray, method: str, name: str, layer=None
) -> dict:
    """A method's map of one image for a class of this name, and the pixels that are strongest in it, by their lines."""
    how = METHODS[method]
    of_layer = {"layer": filters.activated(model, layer)[0]} if how.layered and layer else {}
    map_ = core.blurred(how.run(model, pixels, target, **of_layer))[0]
    red = "red speaks for it" if how.signed else "bright counts"
    return {
        f"{how.title} for {name}: {red}": Heat(map_, how.signed),
        f"its strongest {SHOWN:.0%}{', for or against' * how.signed}": masked(pixels[0], map_),
    }


def answers(names, logits: np.ndarray, label: int | None) -> str:
    """The true class and the network's answer in one line; logits (1, classes)."""
    chances = evaluation.probabilities(logits)[0]
    best = (-chances).argsort(kind="stable")[:TOP]
    said = ", ".join(f"{names[k]} {chances[k]:.0%}" for k in best)
    return f"{'a photo' if label is None else f'truly {names[label]}'}; the network answers {said}"
