"""The words of notebook 06 on its check: what hiding the cells that LIME ranks first does to the answer."""

from collections.abc import Mapping

from helpers.explain import regions
from helpers.explain.hiding import Hidden
from helpers.words.common import percent

WAYS = {"top": "LIME's top cells", "random": "random cells", "centre": "cells at the centre"}


def differences_of(found: Mapping[str, Mapping[str, Hidden]]) -> dict[str, dict[str, tuple]]:
    """By fill: how much further hiding the top cells lowers the probability than the others do: mean, low, high."""
    return {
        fill: {
            other: tuple(float(value) for value in regions.mean_interval(ways["top"].falls - ways[other].falls))
            for other in ways
            if other != "top"
        }
        for fill, ways in found.items()
    }


def means(found: Mapping[str, Mapping[str, Hidden]]) -> dict[str, dict[str, tuple]]:
    """By fill and by what was hidden: mean fall of the answer's probability, low and high end, for the figure."""
    return {
        f"hidden behind {fill}": {
            WAYS[way]: tuple(map(float, regions.mean_interval(h.falls))) for way, h in ways.items()
        }
        for fill, ways in found.items()
    }


def rows(found: Mapping[str, Mapping[str, Hidden]], differences: Mapping[str, Mapping[str, tuple]]) -> list[list]:
    """Rows: fill, hidden, mean fall in points, answers changed, LIME's fall minus this one with its interval."""
    return [
        [
            fill,
            WAYS[way],
            _points(h.falls.mean()),
            percent(h.flips.mean()),
            "–" if way == "top" else interval(differences[fill][way]),
        ]
        for fill, ways in found.items()
        for way, h in ways.items()
    ]


def _points(share: float) -> str:
    return f"{round(100 * share, 1) or 0:.1f}".replace("-", "−")


def interval(found: tuple[float, float, float]) -> str:
    """A difference in points with its interval: ``41.2 (35.0 to 47.1)``."""
    mean, low, high = map(_points, found)
    return f"{mean} ({low} to {high})"


def check_verdict(differences: Mapping[str, Mapping[str, tuple]], other: str = "random") -> bool | None:
    """Whether LIME's cells matter more than others: True or False by whole intervals under every fill, or else None."""
    if all(ways[other][1] > 0 for ways in differences.values()):
        return True
    return False if all(ways[other][2] < 0 for ways in differences.values()) else None


def check_in_words(found, differences, hidden: int, cells: int) -> str:
    """What hiding LIME's top cells does to the answer, against as many random cells, and whether that is shown."""
    fill, ways = next(iter(found.items()))
    tail = {
        True: "so what LIME marks matters to the network",
        None: "but that what LIME marks matters more is not shown with every fill",
        False: "so what LIME marks matters less than other cells",
    }[check_verdict(differences)]
    return (
        f"Hiding the {hidden} of {cells} cells that LIME ranks first lowers the answer's probability by "
        f"{_points(ways['top'].falls.mean())} points and changes {percent(ways['top'].flips.mean())} of the answers; "
        f"as many random cells, by {_points(ways['random'].falls.mean())} points and "
        f"{percent(ways['random'].flips.mean())} (behind {fill}), {tail}."
    )


def centre_in_words(differences: Mapping[str, Mapping[str, tuple]]) -> str:
    """Whether LIME does better than hiding the middle of every image, which needs no explanation at all."""
    numbers = "; ".join(f"{fill}: {interval(ways['centre'])} points" for fill, ways in differences.items())
    words = {
        True: "LIME beats hiding the middle of every image too",
        None: "That LIME beats hiding the middle of every image is not shown with every fill",
        False: "Hiding the middle of every image hurts the answer more than hiding what LIME marks",
    }[check_verdict(differences, "centre")]
    return f"{words} ({numbers})."


def caption(images: int, hidden: int, cells: int) -> str:
    """What the figure of the check shows."""
    return (
        f"Fall of the answer's probability when {hidden} of {cells} equal cells are hidden: those that LIME ranks "
        f"first, random ones (ten draws), the middle; means over {images} images with 95 % intervals "
        "{cite:student}. LIME itself hides with grey; the blur is new to it."
    )
