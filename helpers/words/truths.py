"""The words of notebook 10 where the truth is known: regions drawn at rest, and a planted shortcut."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.evaluation import Rate
from helpers.explain import METHODS, faithfulness
from helpers.explain.faithfulness import Mean
from helpers.explain.ranking import BEATS, UNCLEAR, WORSE, Row, best
from helpers.shortcut import UNUSED
from helpers.words.common import p_value, p_words, plain
from helpers.words.faithfulness import CONTROLS, UNKNOWN, named, short, title

REGION_COLUMNS = [
    "map",
    "n",
    "rank correlation (95 %)",
    "over the best control",
    "p (Holm)",
    "verdict",
    "pooled",
    "share an area",
]
REGION_CAPTION = (
    "Each map's share of positive importance in five regions against the fall of the logit when the region is drawn at "
    "rest: Spearman's correlation {cite:spearman1904} within each image, its mean, and the test against the best "
    "control on the same images; over all images and regions together; and within images for the share divided by the "
    "region's area."
)
HALVED = "Both networks are the CNN of this workbook's recipe with half its channels. "
FINDS, MISSES, FALSE = "finds it", "misses it", "finds it where it is not used: failed"
MARK_COLUMNS = [
    "map",
    "n",
    "points at it: used",
    "not used",
    "mass: used",
    "not used",
    "rank acc.: used",
    "not used",
    "verdict",
]
MARK_CAPTION = (
    "The mark in the network that uses it and in the one that does not. Pointing: the top pixel is at the mark (or "
    "nearer to it than the blur of the maps); mass: its share of positive importance; rank accuracy: of as many top "
    "pixels as it has, the share inside. The verdict is by pointing, in more or fewer than half of the images (95 % "
    "Wilson interval {cite:wilson1927}). Half black and half white, the mark equals no baseline used here; a method "
    "whose baseline equals the mark would miss it. A map of coarse cells may point beside the mark and be called wrong."
)


# --- regions drawn at rest ---


def spokesman(rows: Sequence[Row]) -> Row:
    """The highest method that beats the best control; without one, the highest method."""
    # A method on few images may lead by luck and show nothing, where another on many images does.
    return next((row for row in rows if row.verdict == BEATS), None) or best(list(rows))


def region_verdict(rows: Sequence[Row] | None) -> str:
    """Whether any method's shares follow what redrawing does better than the best control's."""
    if rows is None:
        return "Photographs cannot be drawn again with one region at rest: a planted shortcut is the only known truth."
    first, control = spokesman(rows), best(list(rows), True)
    name, other = METHODS[first.name].title, CONTROLS[control.name]
    numbers = f"{short(first.score)}, difference on the same images {short(first.over)}, {p_words(first.p)}"
    return {
        BEATS: f"The shares of {name} follow the measured effect of each region better than those of the best control "
        f"({other}): mean rank correlation {numbers}.",
        WORSE: f"Even the best method, {name}, follows the measured effects less than the best control ({other}): mean "
        f"rank correlation {numbers}.",
        UNCLEAR: f"That any method's shares follow the measured effects better than the best control's ({other}) is "
        f"not shown; nearest is {name}: mean rank correlation {numbers}.",
    }[first.verdict]


def effects_in_words(effects: np.ndarray, regions: Sequence[str]) -> str:
    """What redrawing does to the logit, region by region, and how many images it says nothing about."""
    moved = np.ptp(effects, axis=-1) > 0
    order = np.argsort(-effects[moved].mean(0)) if moved.any() else []
    each = ", ".join(f"{regions[i]} {short(faithfulness.mean(effects[moved, i]))}" for i in order)
    still = int((~moved).sum())
    left = f" In {still} images no region has an expression: left out." if still else ""
    return f"Drawn at rest, the regions lower the class-centred logit by: {each or 'nothing'}.{left}"


def region_rows(rows: Sequence[Row], pooled: Mapping[str, Mean], dense: Mapping[str, Mean]) -> list[list]:
    """Rows: map, n, rank correlation, over the best control, p, verdict, pooled, and that of the share an area."""
    return [
        [
            title(row.name),
            row.score.n,
            short(row.score),
            "–" if row.control else short(row.over),
            "–" if row.control else p_value(row.p),
            row.verdict or "–",
            short(pooled[row.name]),
            short(dense[row.name]),
        ]
        for row in rows
    ]


def measure_rows(measured: Mapping[str, np.ndarray]) -> list[list]:
    """Rows: map, then the mean of a measure of agreement in each region."""
    return [[title(name), *(f"{value:.2f}" for value in each.mean(0))] for name, each in measured.items()]


# --- the planted shortcut ---


def proof_in_words(proofs: Mapping, name: str) -> str:
    """Whether the networks do with the mark what they were made for."""
    used, unused = proofs.values()
    parts = [
        f"Adding the mark that went with {plain(name)} turns {used.flipped} of {used.flipped.n} other images into "
        f"{plain(name)}, painting it over turns {used.back} back; in the other network, adding it turns "
        f"{unused.flipped}."
    ]
    if not used.used:
        parts.append("So it is not proved that the first network uses the mark: no method can be judged by it.")
    elif not proved(proofs):
        parts.append("But that the second network does without it is not shown, so that it is no control.")
    else:
        parts.append("So the first uses the mark; the second is the control.")
    return " ".join(parts)


def proved(proofs: Mapping) -> bool:
    """Whether methods can be marked by the shortcut."""
    used, unused = proofs.values()
    return used.used and unused.flipped.n > 0 and unused.flipped.interval[1] < UNUSED


def finds(used: Rate, unused: Rate) -> str:
    """What a method makes of the mark, from the share of images whose top pixel is at it, in both networks."""
    if unused.n and unused.interval[0] > 0.5:
        return FALSE
    if used.n and used.interval[0] > 0.5 and unused.interval[1] < 0.5:
        return FINDS
    if used.n and used.interval[1] < 0.5:
        return MISSES
    return UNKNOWN


def mark_rates(found: Mapping[str, Mapping]) -> dict[str, dict[str, Rate]]:
    """By network, by method and control, the share of images that point at the mark."""
    return {
        network: {name: Rate(int(each["pointing"].sum()), len(each["pointing"])) for name, each in methods.items()}
        for network, methods in found.items()
    }


def mark_rows(found: Mapping[str, Mapping]) -> list[list]:
    """Rows: map, n, then pointing, mass and rank accuracy in both networks, and the verdict."""
    used, unused = found.values()
    first, second = mark_rates(found).values()
    rows = []
    for name in used:
        means = [f"{each[name][key].mean():.2f}" for key in ("mass", "rank") for each in (used, unused)]
        rates = [f"{100 * each[name].value:.0f} %" for each in (first, second)]
        rows.append([title(name), first[name].n, *rates, *means, finds(first[name], second[name])])
    return rows


def marks_in_words(found: Mapping[str, Mapping], proofs: Mapping) -> str:
    """How many methods find the mark, which do not, and which see it where it is not used."""
    if not proved(proofs):
        return "Whether a method finds a planted shortcut cannot be told here."
    used, unused = mark_rates(found).values()
    outcome = {name: finds(used[name], unused[name]) for name in used}
    methods = [name for name in outcome if name in METHODS]
    by = {key: [name for name in methods if outcome[name] == key] for key in (FINDS, MISSES, FALSE, UNKNOWN)}
    parts = [
        f"Of {len(methods)} methods {len(by[FINDS]) or 'none'} find{'s' * (len(by[FINDS]) <= 1)} a planted shortcut"
    ]
    parts += [f"missed by {named(by[MISSES])}"] if by[MISSES] else []
    parts += [f"seen even where it is not used by {named(by[FALSE])}"] if by[FALSE] else []
    parts += [f"unclear for {named(by[UNKNOWN])}"] if by[UNKNOWN] else []
    return "; ".join(parts) + "."


def measure_caption(name: str) -> str:
    """What a measure of agreement is."""
    what = {
        "mass": "The share of positive importance in each region (relevance mass)",
        "rank accuracy": "Of as many top pixels as a region has, the share inside it (relevance rank accuracy)",
        "pointing": "The share of images whose top pixel lies in each region (pointing game)",
    }
    return f"{what[name]}, mean over images. It says where a map points, not whether it is right to."


def mark_examples(found: Mapping[str, Mapping], images: np.ndarray, count: int = 8) -> tuple[np.ndarray, dict]:
    """The first images, and a row of maps for each network of a few methods, for ``figures.marked``."""
    rows = {}
    for name in ("gradient", "integrated_gradients", "grad_cam"):
        if name not in next(iter(found.values())):
            continue
        for network, short_name in zip(found, ("used", "not used"), strict=True):
            rows[f"{METHODS[name].title.split()[0]},\n{short_name}"] = found[network][name]["maps"][:count]
    return images[:count], rows


def drawn(rows: Sequence[Row] | None, found: Mapping[str, Mapping], ranked: Sequence[Row]) -> tuple:
    """Titles, correlations, rates and the number of controls, for ``figures.truths``, in the order of the ranking."""
    rates = mark_rates(found)
    known = set(next(iter(rates.values())))
    methods, blind = ([row.name for row in ranked if row.control == c] for c in (False, True))
    names = [name for name in [*methods, *blind] if rows is not None or name in known]
    scores = {row.name: row.score for row in rows or ()}
    regions = None if rows is None else [(scores[n].value, scores[n].low, scores[n].high) for n in names]
    marks = {
        network: [(each[n].value, *each[n].interval) if n in each else (np.nan,) * 3 for n in names]
        for network, each in rates.items()
    }
    return [title(name) for name in names], regions, marks, sum(name not in METHODS for name in names)


def drawn_caption(regions: bool, proofs: Mapping, name: str, found: Mapping[str, Mapping], halved: bool) -> str:
    """What the figure of the known truths shows; ``halved``: whether the two networks have half the CNN's channels."""
    counts = sorted({len(each["pointing"]) for each in next(iter(found.values())).values()}, reverse=True)
    images = " or, for slow methods, ".join(map(str, counts)) + " images"
    left = "Left: mean rank correlation of a map's share in each region with the fall of the logit. Right: the"
    return (
        f"{left if regions else 'The'} share of images whose top pixel is at the mark, where the network uses it and "
        f"where not ({images}), 95 % intervals. {HALVED if halved else ''}{proof_in_words(proofs, name)}"
    )


def describe_drawn(rows: Sequence[Row] | None, found: Mapping[str, Mapping]) -> str:
    """The known truths in words."""
    used, unused = mark_rates(found).values()
    regions = "; ".join(f"{title(row.name)} {short(row.score)}" for row in rows or ())
    marks = "; ".join(f"{title(name)}: used {used[name]}, not used {unused[name]}" for name in used)
    return (f"Rank correlation with redrawn regions: {regions}. " if regions else "") + f"Points at the mark: {marks}."
