"""The titles, captions and descriptions of notebook 05's figures."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.explain.ascent import REGULARISERS_IN_WORDS, Ascent
from helpers.explain.filter_survey import Climb
from helpers.words.common import file_name, plain
from helpers.words.filters import times, value

START, NOISE, END = "noise at the start", "image found, pixels shuffled", "image found"


def climb_titles(climb: Climb) -> list[str]:
    """A title a tile: the filter's number, and its activation at the start, ``≈0`` below .005, and at the end."""
    found = climb.found
    return [
        f"filter {number}\n{'≈0' if 0 < start < 0.005 else value(start)}→{value(end)}"
        for number, start, end in zip(climb.numbers, found.start, found.end, strict=True)
    ]


def best_titles(climb: Climb) -> list[str]:
    """A title a tile: the highest activation of that filter by a real image."""
    return [value(best) for best in climb.best]


def short_titles(climb: Climb) -> list[str]:
    """A title a tile: the filter's number and how many times the best real image's activation it reaches."""
    return [f"{number}: {times(ratio)}" for number, ratio in zip(climb.numbers, climb.ratio, strict=True)]


def rung_titles(climb: Climb, rung: Ascent) -> list[str]:
    """The same for the first filters on one rung of the ladder."""
    return [f"{n}: {times(end / top)}" for n, end, top in zip(climb.numbers, rung.end, climb.best, strict=False)]


def one_title(number: int, found: Ascent) -> list[str]:
    """The title of one filter's image in the explore section."""
    return [f"filter {number}: {value(found.start[0])} → {value(found.end[0])}"]


def pairs_caption(climbs: Sequence[Climb], steps: int, images: int) -> str:
    """What the pairs of rows show, and how the images were found."""
    return (
        f"Images found from noise in {steps} steps (filter, activation at the start→end), and below each the one of "
        f"{images:,} validation images that excites the filter most (its activation). Activation maximisation "
        f"{{cite:erhan2009}} with {regularisers_in_words(climbs)}."
    )


def regularisers_in_words(climbs: Sequence[Climb]) -> str:
    """How the layers climbed, with the paper where there is one."""
    ways: dict[str, list[str]] = {}
    for climb in climbs:
        ways.setdefault(climb.regulariser, []).append(f"`{climb.layer}`")
    cited = {"fourier": " {cite:olah2017}"}
    return "; ".join(
        f"{REGULARISERS_IN_WORDS[name]}{cited.get(name, '')} ({', '.join(layers)})" for name, layers in ways.items()
    )


def describe_climbs(climbs: Sequence[Climb]) -> str:
    """The activations in words, for a reader who cannot see the figure."""
    return ". ".join(
        f"{climb.layer}: "
        + (
            f"{len(climb.numbers)} filters; median activation {value(np.median(climb.found.start))} at the start, "
            f"{value(np.median(climb.found.end))} at the end, {value(np.median(climb.best))} for the best real image"
            if len(climb.numbers)
            else "no filter is ever active"
        )
        for climb in climbs
    )


def climb_values(climbs: Sequence[Climb]) -> dict[str, dict[str, np.ndarray]]:
    """For the figure: activations in units of the best real image's, by layer and by what excites."""
    return {
        c.layer: {
            name: found / c.best for name, found in ((START, c.found.start), (NOISE, c.shuffled), (END, c.found.end))
        }
        for c in climbs
    }


def climbs_caption(climbs: Sequence[Climb]) -> str:
    """What the dots are."""
    sizes = ", ".join(f"{len(c.numbers)} of `{c.layer}`" for c in climbs)
    return (
        f"Activation of the filters tried ({sizes}), a dot a filter, the bar their median: at the start, for "
        "the image found, and for that image with its pixels shuffled. Right of the dotted line no validation image "
        "excites the filter as much."
    )


def describe_ratios(climbs: Sequence[Climb]) -> str:
    """The medians of the figure in words."""
    return "; ".join(
        f"{layer}: "
        + ", ".join(f"{name} {times(float(np.median(found)))}" for name, found in kinds.items() if len(found))
        for layer, kinds in climb_values(climbs).items()
    )


def outputs_caption(name: str, identity: str, right: bool) -> str:
    """Which image, by the rule that chose it, and how to read the maps."""
    return (
        "Outputs of the same filters after the activation function, one scale a row. "
        f"{subject_in_words(name, identity, right)}"
    )


def subject_in_words(name: str, identity: str, right: bool) -> str:
    """Which image the outputs are shown for, by the rule that chose it."""
    file = f"`{file_name(identity)}`"
    if not right:
        return f"The network recognises no validation image; this is the first one, {file} ({plain(name)})."
    return (
        f"The image is {file}: of {plain(name)}, the class recognised best, the validation image recognised with "
        "the highest probability."
    )


def describe_outputs(maps: Mapping[str, np.ndarray]) -> str:
    """How many of the maps shown are active anywhere, by layer; maps are (filters, height, width)."""
    return "; ".join(
        f"{layer}: {int((found > 0).any((1, 2)).sum())} of {len(found)} filters are active somewhere"
        for layer, found in maps.items()
    )


def all_caption(climb: Climb) -> str:
    """What a grid of one layer shows."""
    return (
        f"`{climb.layer}`: the images that excite its first {len(climb.numbers)} living filters; filter number, and "
        "the activation in units of the best validation image's."
    )


def ladder_caption(climb: Climb) -> str:
    """What the ladder shows."""
    return (
        f"The same filters of `{climb.layer}` with each regulariser, a row each, from weak to strong; the "
        "activation in units of the best validation image's (0: the start had no gradient)."
    )


def describe_ladder(climb: Climb, rungs: Mapping[str, Ascent]) -> str:
    """The medians of the ladder in words."""
    parts = [
        f"{REGULARISERS_IN_WORDS[name]} {times(float(np.median(rung.end / climb.best[: len(rung.end)])))}"
        for name, rung in rungs.items()
        if len(rung.end)
    ]
    return (
        f"Median activation in units of the best real image's: {', '.join(parts) or 'none, for no filter is active'}."
    )
