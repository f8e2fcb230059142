"""The words of notebook 06: LIME's examples, its stability, and the answer."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.explain import regions
from helpers.explain.lime_segments import Explanation, rank_correlation
from helpers.explain.selection import RULES
from helpers.figures.base import shorten
from helpers.figures.lime import LimeExample
from helpers.words.common import plain
from helpers.words.lime_classes import ClassStory, Place, alike_in_words, share
from helpers.words.lime_hiding import centre_in_words, check_in_words, check_verdict, interval

STABLE = 0.9  # the rank correlation from which the literature's users call an explanation stable
HEADS = {
    "right": ["recognised", "for the\nclass", "against\nrunner-up"],
    "wrong": ["mistaken", "for the\ntrue class", "for the\nanswer", "answer −\ntrue class"],
}


# --- examples ---


def example_rows(
    chosen: Mapping[int, Mapping[str, int]],
    found: Mapping[int, Explanation],
    images: np.ndarray,
    chances: np.ndarray,
    names: Sequence[str],
    rules: Sequence[str],
) -> dict[str, list[LimeExample | str]]:
    """By class: for each rule an example, or words where no image fits the rule.

    Args:
        chosen: by class and rule an index of ``images``, from ``selection.choose``.
        found: the explanation of each of these images.
        chances: (n, classes), probabilities.
    """
    rows = {}
    for label, picks in chosen.items():
        rows[names[label]] = [
            _example(found[picks[rule]], images[picks[rule]], chances[picks[rule]], label, names)
            if rule in picks
            else ("no image\nmistaken" if "wrong" in rule else "no image\nrecognised")
            for rule in rules
        ]
    return rows


def _example(found: Explanation, image, chances: np.ndarray, label: int, names: Sequence[str]) -> LimeExample:
    first, second = np.argsort(-chances, kind="stable")[:2]
    title = f"p = {_decimal(chances[first])}"
    if first == label:
        runner_up = f"{shorten(names[second], 8)}\n{_decimal(chances[second])}"
        pairs = ((label, ""), ((label, second), runner_up))
    else:
        pairs = ((label, ""), (first, ""), ((first, label), ""))
        title = f"→ {shorten(names[first], 8)}\n{title}"
    maps, titles = [found.map_of(target) for target, _ in pairs], [text for _, text in pairs]
    return LimeExample(image, maps, [title, *titles])


def explored(
    image: np.ndarray, found: Explanation, chances: np.ndarray, label: int, names: Sequence[str]
) -> tuple[dict[str, list[LimeExample]], list[list[str]]]:
    """One image explained for a class and for the answer: rows and headings for ``figures.lime_examples``."""
    example = _example(found, image, chances, label, names)
    if chances.argmax() == label:
        return {names[label]: [example]}, [["image", *HEADS["right"][1:]]]
    heads = ["image", "for the\nclass chosen", "for the\nanswer", "answer −\nclass chosen"]  # a photo has no true class
    return {names[label]: [example]}, [heads]


def examples_caption(samples: int) -> str:
    """What the rows of examples show."""
    return (
        f"LIME with SLIC segments {{cite:slic}}, {samples:,} perturbed images each; a row is a true class, left of an "
        "image the answer's probability, and the answer where it is wrong. Validation images without a twin in "
        "training: of those recognised the middle one by probability, of the mistakes the most confident. Red raises "
        "the class's centred logit (or the difference of two logits), blue lowers it; each image has its own scale."
    )


def class_means(
    images: np.ndarray, labels: np.ndarray, found: Sequence[Explanation], classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean image (classes, height, width, channels) and mean weights for itself (classes, cells) of each class.

    A class without images gets a grey image and weights of 0.
    """
    weights = np.stack([one.weights[label] for one, label in zip(found, labels, strict=True)])
    pixels = np.full((classes, *images.shape[1:]), 127.5)
    cells = np.zeros((classes, weights.shape[1]))
    for label in np.unique(labels):
        pixels[label], cells[label] = images[labels == label].mean(0), weights[labels == label].mean(0)
    return pixels, cells


def averages_caption(labels: np.ndarray, samples: int) -> str:
    """What the class averages show; ``labels`` (n,) are those of the images."""
    return (
        f"LIME's mean weights for the true class on a grid of 8 × 8 cells, over each class's mean image: "
        f"{len(labels):,} validation images, {np.bincount(labels).max()} of each class where there are so many; "
        f"{samples:,} perturbed images each. One scale for all."
    )


def describe_averages(cells: np.ndarray, names: Sequence[str]) -> str:
    """In words: where on the grid each class's mean weight is highest."""
    side = int(np.sqrt(cells.shape[1]))
    spots = [divmod(int(row.argmax()), side) for row in cells]
    return "Highest mean weight: " + "; ".join(
        f"{name}: row {row + 1}, column {column + 1} of {side}"
        for name, (row, column) in zip(names, spots, strict=True)
    )


def _decimal(share: float) -> str:
    return f"{share:.2f}".lstrip("0") if share < 0.995 else "1.0"


def describe_examples(chosen, found: Mapping[int, Explanation], chances: np.ndarray, names: Sequence[str]) -> str:
    """In words: each class's mistake, and how alike the evidence for the true class and for the answer is."""
    parts = []
    for label, picks in chosen.items():
        if RULES[2] not in picks:
            parts.append(f"{names[label]}: no mistake")
            continue
        index = picks[RULES[2]]
        said = int(chances[index].argmax())
        alike = rank_correlation(found[index].weights_of(label), found[index].weights_of(said))
        parts.append(f"{names[label]} taken for {names[said]}, rank correlation of the two maps {alike:+.2f}")
    return "LIME's maps of a recognised and a mistaken image a class. " + "; ".join(parts) + "."


def missing_in_words(chosen: Mapping[int, Mapping[str, int]], names: Sequence[str]) -> str:
    """Which classes have no recognised or no mistaken image to show; empty if none."""
    parts = []
    for rule, word in ((RULES[0], "recognised"), (RULES[2], "mistaken")):
        without = [plain(names[label]) for label, picks in chosen.items() if rule not in picks]
        if without:
            parts.append(f"No image is {word} of {', '.join(without)}.")
    return " ".join(parts)


def stability_in_words(found: np.ndarray, seeds: int, what: str) -> str:
    """Whether other seeds give the same order of segments.

    Args:
        found: (n,), from ``lime_segments.stability``.
        seeds: how many were compared.
        what: the images and segments.
    """
    mean, low, high = map(float, regions.mean_interval(found))
    lowest = float(found.min())
    if lowest >= STABLE:
        verdict = "all of them are stable"
    elif low >= STABLE:
        verdict = "they are stable on average, but not every one is"
    elif high < STABLE:
        verdict = "they are not stable: the order comes in part from the seed"
    else:
        verdict = "whether they are stable on average cannot be told"
    return (
        f"Over {seeds} seeds, the weights of {what} have a mean rank correlation of {mean:.2f} ({low:.2f} to "
        f"{high:.2f}; lowest {lowest:.2f}); at a mark of {STABLE:g}, {verdict}."
    )


# --- the answer ---


def record(names: Sequence[str], cells: np.ndarray, steady: np.ndarray, differences: Mapping) -> dict:
    """What other notebooks may use: class averages, stability, and the check's paired differences."""
    return {
        "classes": list(names),
        "cells": cells.round(6),
        "stability": {"mean": float(steady.mean()), "lowest": float(steady.min())},
        "hiding": {fill: {other: list(found) for other, found in ways.items()} for fill, ways in differences.items()},
    }


def claims(differences: Mapping[str, Mapping[str, tuple]], steady: np.ndarray) -> list[dict]:
    """What notebook 10 lists: each claim, its verdict and its numbers."""
    said = {True: "holds", None: "cannot be told", False: "does not hold"}
    texts = {"random": "Hiding the cells that LIME ranks first hurts the answer more than hiding as many at random"}
    texts["centre"] = "Hiding the cells that LIME ranks first hurts the answer more than hiding the middle of the image"
    found = [
        {
            "claim": text,
            "verdict": said[check_verdict(differences, other)],
            "numbers": "; ".join(f"{fill}: {interval(ways[other])} points" for fill, ways in differences.items()),
        }
        for other, text in texts.items()
    ]
    mean, low, high = map(float, regions.mean_interval(steady))
    stable = {
        "claim": f"LIME gives an image's segments the same order under other seeds (a rank correlation of {STABLE:g})",
        "verdict": said[True if low >= STABLE else False if high < STABLE else None],
        "numbers": f"mean {mean:.2f} ({low:.2f} to {high:.2f}), lowest {steady.min():.2f}",
    }
    return [*found, stable]


def key(differences: Mapping[str, Mapping[str, tuple]]) -> str:
    """The paired difference that proves it, under the first fill: ``60.9 points (57.1 to 64.5)``."""
    return interval(next(iter(differences.values()))["random"]).replace(" (", " points (", 1)


def lime_in_words(stories, found, differences, hidden: int, cells: int) -> str:
    """The answer in full."""
    return " ".join(
        [
            check_in_words(found, differences, hidden, cells),
            centre_in_words(differences),
            alike_in_words(stories),
            "See {ref:lime-averages} and {ref:lime-hidden}.",
        ]
    )


def lime_in_one_sentence(found: Sequence[ClassStory], differences: Mapping[str, Mapping[str, tuple]]) -> str:
    """The answer to question 6 in a sentence."""
    known = [s for s in found if s.recall.n and s.place]
    check = {
        True: "hiding what LIME marks hurts the answer more than hiding as much at random",
        None: "that hiding what LIME marks hurts the answer more than hiding as much at random is not shown with every "
        "fill",
        False: "hiding what LIME marks hurts the answer less than hiding as much at random",
    }[check_verdict(differences)]
    if not known:
        return f"{check[0].upper()}{check[1:]}."
    best, worst = (pick(known, key=lambda s: s.recall.value) for pick in (max, min))
    return (
        f"Best recognised is {plain(best.name)} ({share(best.recall)}; {_where(best.place)}), worst "
        f"{plain(worst.name)} ({share(worst.recall)}; {_where(worst.place)}); {check}."
    )


def _where(place: Place) -> str:
    return (
        f"evidence densest on “{plain(place.name)}”"
        if place.shown
        else "no part with certainly more evidence than its area"
    )
