"""The words of notebook 08: where a dream changes the image, and whether that is where the evidence lies."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.explain.regions import mean_interval
from helpers.words.common import file_name, percent, plain

AREA = 0.2  # share of the image in which a map is highest
LIME, EDGES, CENTRE = "LIME", "Sobel edges", "centre Gaussian"
CONTROLS = (EDGES, CENTRE)
THE = {EDGES: "the Sobel edges", CENTRE: "the centre Gaussian"}
STRENGTHS = {"weak": 0.5, "medium": 1.5, "strong": 4.0}  # grey levels a step


def interval(values: np.ndarray) -> str:
    """A mean share in percent with its interval, ``34 % (30 to 38)``."""
    mean, low, high = mean_interval(np.asarray(values))
    return f"{percent(mean)} ({100 * low:.0f} to {100 * high:.0f})"


def difference(values: np.ndarray) -> str:
    """A mean difference in points with its interval, ``+6 (+2 to +10)``."""
    return "{} ({} to {})".format(
        *(f"{round(100 * x, 1) or 0:+.1f}".replace("-", "−") for x in map(float, mean_interval(np.asarray(values))))
    )


def excess(shares: Mapping[str, np.ndarray]) -> tuple[str, np.ndarray]:
    """The control with the highest mean share, and LIME's share minus its, image by image.

    Args:
        shares: by map, (n,), the share of the change inside the map's highest ``AREA``.
    """
    rival = max(CONTROLS, key=lambda name: shares[name].mean())
    return rival, shares[LIME] - shares[rival]


def overlap_rows(found: Mapping[str, Mapping[str, np.ndarray]], flips: Mapping[str, tuple[int, int]]) -> list[list]:
    """Rows: layer; share of the change inside LIME's, the edges' and the centre's area; LIME − best control; answers.

    Args:
        found: by layer, the shares by map.
        flips: by layer, how many answers of how many images a dream changes.
    """
    rows = []
    for layer, shares in found.items():
        rival, more = excess(shares)
        values = [interval(shares[name]) for name in (LIME, *CONTROLS)]
        changed, n = flips[layer]
        rows.append([layer, *values, f"{difference(more)} against {rival}", f"{changed} of {n}"])
    return rows


def follows(shares: Mapping[str, np.ndarray]) -> str:
    """``evidence``, ``control`` or ``neither``, from the interval of the paired differences."""
    _, more = excess(shares)
    _, low, high = mean_interval(more)
    if low > 0 and shares[LIME].mean() > AREA:
        return "evidence"
    return "control" if high < 0 else "neither"


def dream_in_one_sentence(layer: str, shares: Mapping[str, np.ndarray]) -> str:
    """The answer to question 8 in a sentence."""
    rival, more = excess(shares)
    said = (
        f"{interval(shares[LIME])} of the change lies in the {percent(AREA)} of the image that LIME finds "
        f"most important, {percent(shares[rival].mean())} in as much of the best control, {THE[rival]}"
    )
    ending = {
        "evidence": "The dream gathers where the evidence lies, more than any control explains",
        "control": f"The dream keeps to {THE[rival]} more than to the evidence",
        "neither": "That the dream gathers where the evidence lies is not shown",
    }[follows(shares)]
    return f"{ending}: of {plain(layer)}, {said} (difference {difference(more)} points)."


def key(shares: Mapping[str, np.ndarray]) -> str:
    """The share of the change inside LIME's area and inside that of the best control: ``37 % (centre 34 %)``."""
    rival, _ = excess(shares)
    return f"{percent(shares[LIME].mean())} (control {percent(shares[rival].mean())})"


def dream_in_words(found: Mapping[str, Mapping[str, np.ndarray]], flips: Mapping[str, tuple[int, int]]) -> str:
    """Whether the verdict holds for the other layers, and what dreams do to the answers."""
    by = {layer: follows(shares) for layer, shares in found.items()}
    titles = {
        "evidence": "LIME's segments above both controls",
        "control": "a control above LIME",
        "neither": "neither is shown above the other",
    }
    layers = "; ".join(
        f"{plain(layer)} {difference(excess(found[layer])[1])} points, {titles[kind]}" for layer, kind in by.items()
    )
    spread = [max(shares[name].mean() for name in (LIME, *CONTROLS)) for shares in found.values()]
    even = f" A change spread evenly would put {percent(AREA)} in each map's highest fifth."
    calm = " No layer's dream comes far from that." if max(spread) < 1.25 * AREA else ""
    answers = ", ".join(f"{changed} of {n} ({plain(layer)})" for layer, (changed, n) in flips.items())
    return (
        f"LIME minus the best control: {layers}.{even}{calm} Shrunk back, the dreams change the CNN's answer for "
        f"{answers} images."
    )


def bounds(values: np.ndarray) -> tuple[float, float, float]:
    """Mean and 95 % interval."""
    return tuple(map(float, mean_interval(np.asarray(values))))


def answers(before: str, after: str) -> str:
    """What the CNN says of an image and of its dream."""
    if before == after:
        return f"The CNN sees {before}, with the dream and without."
    return f"The CNN sees {before}; in the dream, shrunk back, {after}."


CHOICE = {True: "the median right answer of its class", False: "drawn, for no image is recognised"}


def grid_caption(image: np.ndarray, grid: Mapping[str, Mapping], name: str, source: str, right: bool) -> str:
    """Which image dreams, how large, and what weak, medium and strong mean.

    Args:
        right: whether the CNN recognises any image, so that a right answer could be chosen.
    """
    side, large = image.shape[1], next(iter(next(iter(grid.values())).values())).images.shape[1]
    sizes = ", ".join(f"{strength} {step:g}" for strength, step in STRENGTHS.items())
    return (
        f"Dreams of one image, {plain(name)} ({plain(file_name(source))}: {CHOICE[right]}), enlarged from {side} to "
        f"{large} pixels: a row a layer, from the first to the last, a column a strength (grey levels a step: "
        f"{sizes}; ten steps in each of three octaves)."
    )


def describe_grid(grid: Mapping[str, Mapping]) -> str:
    """The mean change of each dream."""
    return "Mean change in grey levels. " + "; ".join(
        f"{layer}: " + ", ".join(f"{name} {found.change.mean():.0f}" for name, found in line.items())
        for layer, line in grid.items()
    )


def rows_caption(layer: str, right: bool) -> str:
    """What the rows show."""
    return (
        f"One image a class ({CHOICE[right]}), its dream of {plain(layer)} at medium strength, where it changed, and "
        "LIME's map of the CNN's answer (each on its own scale)."
    )


def overlap_caption(images: int) -> str:
    """What the shares are."""
    return (
        f"Share of the change that lies where a map is highest, in {percent(AREA)} of the area, with 95 % "
        f"intervals over {images} images, the same number of every class: LIME's absolute weights, against maps that "
        "know nothing of the network."
    )


def describe_change(change: np.ndarray, names: Sequence[str]) -> str:
    """The mean change of each shown image."""
    return "; ".join(f"{name}: {one.mean():.0f} grey levels" for name, one in zip(names, change, strict=True))


def claims(found: Mapping[str, Mapping[str, np.ndarray]]) -> list[dict]:
    """What notebook 10 lists: for each layer whether its dream gathers where LIME's evidence lies, with the numbers."""
    verdicts = {"evidence": "holds", "control": "does not hold", "neither": "cannot be told"}
    return [
        {
            "claim": f"A dream of {layer} gathers where LIME's evidence lies, more than controls explain",
            "verdict": verdicts[follows(shares)],
            "numbers": f"{interval(shares[LIME])}; {difference(excess(shares)[1])} points against {excess(shares)[0]}",
        }
        for layer, shares in found.items()
    ]
