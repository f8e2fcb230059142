"""The words of notebook 04: where the maps lie, against what knows nothing of the network."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.explain.regions import Focus, mean_interval
from helpers.words.common import percent, plain

COLUMNS = ["region", "share (95 % interval)", "highest control", "difference (95 % interval)", "verdict"]
CLASS_COLUMNS = ["class", "images", "more than every control", "less than the highest control"]
VERDICTS = {"more": "✓ more", "less": "✗ less", "not shown": "– not shown"}


def notes(indices, labels: np.ndarray, chances: np.ndarray, names: Sequence[str]) -> list[str]:
    """A short line an image: the answer's probability, and the answer where it is wrong."""
    said = chances.argmax(-1)
    lines = []
    for i in indices:
        wrong = f"{names[said[i]][:9]}\n" if said[i] != labels[i] else ""
        lines.append(f"{wrong}{chances[i, said[i]]:.2f}".replace("$", r"\$"))
    return lines


def chosen_in_words(picks, ids, chances: np.ndarray, names: Sequence[str]) -> str:
    """The chosen images in words, for a reader who cannot see them."""
    parts = [
        f"{names[label]}, {rule}: {ids[i]}, taken for {names[chances[i].argmax()]} at {chances[i].max():.2f}"
        for label, rule, i in picks
    ]
    return "; ".join(parts) or "No image fits any rule."


def without(chosen: Mapping[int, Mapping[str, int]], rules: Sequence[str], names: Sequence[str]) -> str:
    """Which classes lack an image for a rule, or nothing."""
    lacking = [
        f"{plain(names[label])} ({', '.join(missing)})"
        for label, picks in chosen.items()
        if (missing := [rule for rule in rules if rule not in picks])
    ]
    return f" Without such an image: {'; '.join(lacking)}." if lacking else ""


def completeness(errors: np.ndarray, sums: np.ndarray) -> str:
    """How well the maps add up to what they explain: the typical error of the numerical integral."""
    size = np.median(np.abs(sums)) or 1.0
    return (
        f"The maps add up to the difference of the scores of image and baseline with a median error of "
        f"{np.median(np.abs(errors)):.3f} logits, {100 * np.median(np.abs(errors)) / size:.1f} % of the median sum."
    )


def focus_rows(rows: Sequence[Focus], effects: Mapping[str, np.ndarray] | None = None) -> list[list]:
    """Rows of ``COLUMNS``; with ``effects`` (region -> falls of the score, (n,), in logits) their mean comes last."""
    found = []
    for row in rows:
        control, share = row.control
        line = [
            row.region,
            _points(row.share),
            f"{100 * share:.1f} % {control.partition(' (')[0]}",
            _points(row.difference, signed=True),
            VERDICTS[row.verdict],
        ]
        if effects is not None:
            line.append(_logits(mean_interval(effects[row.region])) if row.region in effects else "cannot be redrawn")
        found.append(line)
    return found


def _points(values: Sequence[float], signed: bool = False) -> str:
    mean, low, high = (f"{100 * v:+.1f}" if signed else f"{100 * v:.1f}" for v in values)
    return f"{mean} ({low} to {high})".replace("-", "−") if signed else f"{mean} % ({low} to {high})"


def _logits(values: Sequence[float]) -> str:
    mean, low, high = (f"{round(v, 2) or 0:+.2f}" for v in values)
    return f"{mean} ({low} to {high})".replace("-", "−")


def _named(row: Focus) -> str:
    mean, low, high = (100 * v for v in row.share)
    control = 100 * row.control[1]
    return (
        f"the {plain(row.region)} ({mean:.1f} % of the map, {low:.1f} to {high:.1f}; highest control {control:.1f} %)"
    )


def focus_caption(images: int, effects: Mapping[str, np.ndarray] | None) -> str:
    """What the table of shares holds."""
    text = (
        f"Shares of the maps by region, {images} images; the control with the highest share (or the area) and the "
        "paired difference, in points. More: than every control; less: than the highest; both by intervals that hold "
        "for all regions together (Bonferroni)."
    )
    return f"{text} Falls in logits." if effects else text


def focus_in_one_sentence(rows: Sequence[Focus], exact: bool, rest: Sequence[str] = ()) -> str:
    """The answer to question 4 in a sentence; ``rest`` names regions that are no part of a face's expression."""
    more = sorted((r for r in rows if r.verdict == "more" and r.region not in rest), key=lambda r: -r.difference[0])
    how = "" if exact else " (by fixed boxes, approximate)"
    if not more:
        return f"That a part of the face holds more of the maps than every control does is not shown{how}."
    listed = "; ".join(map(_named, more[:3]))
    return f"The maps favour {listed}: more of them lies there than of every control{how}."


def focus_in_words(rows: Sequence[Focus], n: int, effects: Mapping[str, np.ndarray] | None) -> str:
    """What does not hold, and on drawn faces whether the measured effect agrees."""
    words = [f"Measured on {n:,} validation images, balanced over the classes."]
    for verdict, head in {"less": "Less than a control", "not shown": "More is not shown"}.items():
        if found := [plain(row.region) for row in rows if row.verdict == verdict]:
            words.append(f"{head}: {', '.join(found)}.")
    if effects:
        words.append(agreement(rows, effects))
    words.append("See {ref:saliency} and {ref:focus}.")
    return " ".join(words)


def largest_and_preferred(rows: Sequence[Focus], effects: Mapping[str, np.ndarray]) -> tuple[str, str, str]:
    """The region with the largest measured effect, the one that the maps prefer most, and what that means.

    Returns:
        both, and whether they are the same: ``holds`` or ``does not hold`` if the first one's effect is larger than
        that of every other region, or of the second, by paired intervals above 0, else ``cannot be told``.
    """
    largest = max(effects, key=lambda region: effects[region].mean())
    preferred = max((row for row in rows if row.region in effects), key=lambda row: row.difference[0]).region
    rivals = [region for region in effects if region != largest] if largest == preferred else [preferred]
    sure = all(mean_interval(effects[largest] - effects[rival], len(rivals))[1] > 0 for rival in rivals)
    said = "holds" if largest == preferred else "does not hold"
    return largest, preferred, said if sure else "cannot be told"


def agreement(rows: Sequence[Focus], effects: Mapping[str, np.ndarray]) -> str:
    """Whether the region with the largest measured effect is also the one that the maps prefer most."""
    largest, preferred, verdict = largest_and_preferred(rows, effects)
    measured = f"{_logits(mean_interval(effects[largest]))} logits, comes from the {plain(largest)}"
    test = "Redrawing one region neutral"
    if verdict == "holds":
        return f"{test} agrees: the largest fall of the score, {measured}, which the maps prefer most as well."
    if largest == preferred:
        return f"{test} gives the largest fall of the score, {measured}, as in the maps; that it leads is not shown."
    other = f"the {plain(preferred)}, which the maps prefer most, gives {_logits(mean_interval(effects[preferred]))}"
    if verdict == "does not hold":
        return f"{test} contradicts the maps' order: the largest fall of the score, {measured}; {other}."
    apart = f"{plain(largest)} and {plain(preferred)}"
    return f"{test} does not tell {apart} apart: the largest fall of the score, {measured}; {other}."


def claims(rows: Sequence[Focus], effects: Mapping[str, np.ndarray] | None, rest: Sequence[str] = ()) -> list[dict]:
    """What notebook 10 lists: each region's claim, its verdict and its numbers."""
    verdicts = {"more": "holds", "less": "does not hold", "not shown": "cannot be told"}
    found = [
        {
            "claim": f"The network looks at the {row.region} (share of the saliency map against the highest control)",
            "verdict": verdicts[row.verdict],
            "numbers": f"{_points(row.share)} against {100 * row.control[1]:.1f} % ({row.control[0]})",
        }
        for row in rows
        if row.region not in rest
    ]
    if effects:
        largest, preferred, verdict = largest_and_preferred(rows, effects)
        measured = _logits(mean_interval(effects[largest]))
        found.append(
            {
                "claim": "The region that the saliency maps prefer most matters most when it is redrawn neutral",
                "verdict": verdict,
                "numbers": f"maps: {preferred}; redrawing: {largest}, {measured} logits",
            }
        )
    return found


def likeness_rows(found: Mapping[str, tuple]) -> list[list]:
    """Rows: what the maps are compared with, mean rank correlation, its interval."""
    return [[name, f"{m:.2f}", f"{low:.2f} to {high:.2f}"] for name, (m, low, high) in found.items()]


def likeness_in_one_sentence(found: Mapping[str, tuple]) -> str:
    """The answer where no regions are known: what the maps resemble that does not know the network."""
    name, (mean, low, high) = max(found.items(), key=lambda item: item[1][0])
    if low <= 0:
        return (
            "Where no regions are known, no place can be named; the maps resemble none of the controls "
            f"(at most a rank correlation of {mean:.2f}, {low:.2f} to {high:.2f}, with {name})."
        )
    return (
        f"Where no regions are known, no place can be named; of what does not know the network, the maps resemble "
        f"{name} most (mean rank correlation {mean:.2f}, {low:.2f} to {high:.2f}; 1 would be the same order of pixels)."
    )


def class_rows(names: Sequence[str], found: Mapping[int, tuple[int, Sequence[Focus]]]) -> list[list]:
    """Rows of ``CLASS_COLUMNS``, from ``regions.focus_by_class``."""
    rows = []
    for label, (n, focus) in found.items():
        listed = {
            verdict: ", ".join(f"{r.region} {100 * r.share[0]:.0f} %" for r in focus if r.verdict == verdict) or "none"
            for verdict in ("more", "less")
        }
        rows.append([names[label], n, listed["more"], listed["less"]])
    return rows


def triples_caption(share: float, classes: str) -> str:
    """What image, map and masked image show; ``classes`` says which classes, where not all are there."""
    return (
        "Integrated gradients (red for the answer, blue against it, each map on its own scale) and the "
        f"{percent(share)} of the pixels with the largest absolute values. On the image: the answer if wrong, and its "
        f"probability.{classes}"
    )


def key_number(rows: Sequence[Focus], found: Mapping[str, tuple], rest: Sequence[str]) -> tuple[str, str]:
    """The number that stands for the answer, and what it is: the widest lead over the controls, or the likeness."""
    inner = [row for row in rows if row.region not in rest]
    if not inner:
        name, values = max(found.items(), key=lambda item: item[1][0])
        return f"{values[0]:.2f}", f"rank correlation of the maps with {name}"
    best = max(inner, key=lambda row: row.difference[0])
    points = f"{100 * best.difference[0]:+.1f} points".replace("-", "−")
    return points, f"of the map on the {best.region}, against the highest control ({best.control[0]})"


def prediction(chances: np.ndarray, names: Sequence[str], most: int = 4) -> str:
    """A prediction in one line: the likeliest classes with their probabilities."""
    order = np.argsort(-chances, kind="stable")[:most]
    return ", ".join(f"{names[k]} {chances[k]:.1%}" for k in order)
