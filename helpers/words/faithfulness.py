"""The words of notebook 10: which maps are true, which control they must beat, which claims hold."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.evaluation import holm
from helpers.explain import METHODS, faithfulness
from helpers.explain.faithfulness import Mean
from helpers.explain.ranking import BEATS, UNCLEAR, WORSE, Row, best, verdict
from helpers.words.common import p_value, p_words

CONTROLS = {"random": "random", "centre": "centre Gaussian", "sobel": "Sobel edges", "class_mean": "class mean"}
HOLDS, FAILS, UNKNOWN = "holds", "does not hold", "cannot be told"
PRINTED = 12
STRIP = ("gradient", "grad_cam")
STRIP_MORE = ("smoothgrad_squared", "integrated_gradients", "gradient_x_input")
RANKING = ["map", "n", "insertion", "deletion", "ins. − del. (95 %)", "over the best control", "p (Holm)", "verdict"]


def title(name: str) -> str:
    """A method's or control's name as the report prints it; * marks a control."""
    return METHODS[name].title if name in METHODS else f"{CONTROLS[name]} *"


def named(names: Sequence[str]) -> str:
    """Methods in a list: ``SmoothGrad (signed, squared), Grad-CAM``."""
    variants: dict[str, list[str]] = {}
    for name in names:
        head, _, tail = METHODS[name].title.partition(", ")
        variants.setdefault(head, []).extend([tail] if tail else [])
    return ", ".join(f"{head} ({', '.join(tails)})" if tails else head for head, tails in variants.items())


def short(found: Mean) -> str:
    """Like ``+0.60 (+0.58 to +0.62)``."""
    if not found.n:
        return "no images"
    text = "{:+.2f} ({:+.2f} to {:+.2f})".format(
        *(round(end, 2) or 0.0 for end in (found.value, found.low, found.high))
    )
    return text.replace("-", "−")


# --- the ranking ---


def ranked_rows(rows: Sequence[Row], areas: Mapping[str, tuple[float, float]]) -> list[list]:
    """Rows for ``RANKING``; ``areas``: by name, mean insertion and deletion area."""
    return [
        [
            title(row.name),
            row.score.n,
            *(f"{value:.2f}" for value in areas[row.name]),
            short(row.score),
            "–" if row.control else short(row.over),
            "–" if row.control else p_value(row.p),
            row.verdict or "–",
        ]
        for row in rows
    ]


def printed(rows: Sequence[Row]) -> list[Row]:
    """What fits in print: every control, and the best methods."""
    methods = [row for row in rows if not row.control]
    room = PRINTED - (len(rows) - len(methods))
    return [row for row in rows if row.control or row in methods[:room]]


def ranking_caption(rows: Sequence[Row], mean_of: str) -> str:
    """What the table's columns are, and how the pixels were ordered."""
    below = [row.name for row in rows if row not in printed(rows)]
    rest = f" Left out here and last, in {{ref:ranking-all}}: {named(below)}." if below else ""
    by_size = " and ".join(METHODS[name].title for name in faithfulness.SENSITIVITIES if name in METHODS)
    return (
        f"{'The best' if below else 'All'} methods against all controls {{cite:rise}}, means of two baselines, n "
        "images; 95 % intervals "
        f"{{cite:student}}. \\*: a control; the best is {CONTROLS[best(rows, True).name]}. The last columns test "
        f"each method against it on the same images, the verdict by p (Holm {{cite:holm1979}}). Pixels are ordered by "
        f"the map's value, for {by_size} by its absolute value; all maps are equally smooth. The class mean, of "
        f"{METHODS[mean_of].title}, knows network and class, but not the image.{rest}"
    )


def winner(rows: Sequence[Row]) -> str:
    """Which method leads, and whether it beats the best control."""
    first, control = best(list(rows)), best(list(rows), True)
    name, other = METHODS[first.name].title, CONTROLS[control.name]
    head = f"The maps of {name} rank highest: insertion − deletion {short(first.score)}"
    numbers = f"{short(first.over)}, {p_words(first.p)}"
    if first.over.n < control.score.n:
        other += f", {first.score.value - first.over.value:+.2f} on the same {first.over.n} images".replace("-", "−")
    tail = {
        BEATS: f"they beat the best control ({other}) by {numbers}",
        WORSE: f"and yet they are worse than the best control ({other}): {numbers}",
        UNCLEAR: f"that they beat the best control ({other}) is not shown: {numbers}",
    }[first.verdict]
    return f"{head}; {tail}."


def key(rows: Sequence[Row]) -> str:
    """The first method's score and the best control's on the same images: ``+0.62 (control +0.49)``."""
    first = best(list(rows))
    return f"{first.score.value:+.2f} (control {first.score.value - first.over.value:+.2f})".replace("-", "−")


def beaten(rows: Sequence[Row]) -> str:
    """How many methods beat the best control, and which."""
    methods = [row for row in rows if not row.control]
    beat, worse = ([row.name for row in methods if row.verdict == found] for found in (BEATS, WORSE))
    listed = f" ({named(beat)})" if beat else ""
    return (
        f"Of {len(methods)} methods {len(beat) or 'none'} beat{'s' * (len(beat) <= 1)} the best control{listed}, and "
        f"{len(worse) or 'none'} {'is' if len(worse) <= 1 else 'are'} worse than it."
    )


def leaders(rows: Sequence[Row]) -> list[str]:
    """The first two methods."""
    return [row.name for row in rows if not row.control][:2]


def runner_up(first: str, second: str, found: Mean) -> str:
    """The first method against the second, on the images that both have."""
    a, b = METHODS[first].title, METHODS[second].title
    tail = f"{short(found)}, {p_words(found.p)}, on the {found.n} images that both have"
    return {
        BEATS: f"The maps of {a} beat the second, those of {b}, by {tail}.",
        WORSE: f"And yet those of the second, {b}, beat them: {tail}.",
        UNCLEAR: f"No difference between {a} and the second, {b}, is shown: {tail}.",
    }[verdict(found)]


def baselines(rankings: Mapping[str, Sequence[Row]]) -> str:
    """Whether the winner depends on what replaces a deleted pixel."""
    first = {baseline: best(list(rankings[baseline])).name for baseline in faithfulness.BASELINES}
    names = [METHODS[name].title for name in first.values()]
    if len(set(names)) == 1:
        return f"The same method, {names[0]}, gains most over the control with both baselines."
    both = " and ".join(f"{name} with the baseline “{key}”" for key, name in zip(first, names, strict=True))
    return f"Which one leads depends on what replaces a pixel: {both}."


def describe_curves(deletion: Mapping[str, np.ndarray], insertion: Mapping[str, np.ndarray]) -> str:
    """The curves in words."""
    parts = [
        f"{name}: with a quarter of the pixels deleted {deletion[name][len(deletion[name]) // 4]:.0%}, with a quarter "
        f"inserted {insertion[name][len(insertion[name]) // 4]:.0%}"
        for name in deletion
    ]
    return "Mean probability of the class. " + "; ".join(parts) + "."


def drawn(rows: Sequence[Row], most: int = 6) -> list[str]:
    """Whose curves are drawn: the best methods, the plain gradient, the best control and random."""
    methods = [row.name for row in rows if not row.control]
    wanted = [
        *methods[: most - 3],
        "gradient" if "gradient" in methods[most - 3 :] else methods[min(most - 3, len(methods) - 1)],
    ]
    return list(dict.fromkeys([*wanted, best(list(rows), True).name, "random"]))


# --- random weights ---


def forgets(alike: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, tuple[str, Mean, float]]:
    """By method: whether what the network learnt matters more to its maps than which image it is, the difference, and
    its p, Holm-adjusted over the methods.

    A trained network's map of another image, less that of the same image without anything learnt, in likeness to the
    trained network's map. A fixed line would not do: all blurred maps of centred objects are alike.
    """
    found = {name: faithfulness.mean(each["other"] - each["all_spearman"]) for name, each in alike.items()}
    adjusted = map(float, holm([difference.p for difference in found.values()]))
    return {
        name: ({BEATS: HOLDS, WORSE: FAILS}.get(verdict(difference, p), UNKNOWN), difference, p)
        for (name, difference), p in zip(found.items(), adjusted, strict=True)
    }


def forgetting_rows(alike: Mapping[str, Mapping], stages: Sequence[str]) -> list[list]:
    """Rows: method, n, Spearman stage by stage, all at once, of other images; SSIM, under noise, verdict."""
    rows, outcomes = [], forgets(alike)
    for name, each in alike.items():
        everything = faithfulness.mean(each["all_spearman"])
        steps = [f"{value:+.2f}".replace("-", "−") for value in each["spearman"].mean(-1)]
        steps = ["–"] * (len(stages) - len(steps)) + steps
        verdicts = {HOLDS: "the weights", FAILS: "the image", UNKNOWN: UNKNOWN}
        noise = faithfulness.mean(each["noise"])
        rows.append(
            [
                METHODS[name].title,
                everything.n,
                *steps,
                short(everything),
                short(faithfulness.mean(each["other"])),
                f"{each['all_ssim'].mean():.2f}",
                f"{noise.value:.2f}" if noise.n else "–",
                verdicts[outcomes[name][0]],
            ]
        )
    return rows


def strips(alike: Mapping[str, Mapping], stages: Sequence[str], names: Sequence[str]) -> tuple:
    """One image's maps, the stages and the mean correlations of some methods, for ``figures.forgetting``."""
    maps, means = (
        {METHODS[name].title: value(alike[name]) for name in names if name in alike}
        for value in (lambda each: each["strip"], lambda each: each["spearman"].mean(-1))
    )
    return maps, stages, means


def forgetting_figure(alike: Mapping[str, Mapping], stages: Sequence[str], names: Sequence[str]) -> dict:
    """Caption and alt text of a strip."""
    each = "; ".join(
        f"{METHODS[name].title}: "
        + ", ".join(
            f"{stage} {value:+.2f}" for stage, value in zip(stages, alike[name]["spearman"].mean(-1), strict=True)
        )
        for name in names
        if name in alike
    )
    return {
        "caption": "One image's maps (absolute values) as each stage and all above it are drawn anew "
        "{cite:adebayo2018}, in one draw. Above: Spearman's correlation with the trained network's maps, mean of "
        f"{len(alike['gradient']['noise'])} images. Each tile has its own scale.",
        "alt": f"Mean rank correlation with the trained network's maps, from the top of the network down. {each}.",
    }


def forgetting_caption(draws: int) -> str:
    """What the table of random weights shows."""
    return (
        "Spearman's correlation of absolute maps with the trained network's, stage by stage (one draw) and with all "
        f"weights random ({draws} draws); that of two images' maps, both of the trained network; SSIM {{cite:ssim}} "
        f"with all "
        "weights random; Spearman's correlation under noise of 2 % of the range. What matters more: the weights where "
        "the maps of random weights are less alike than those of two images (paired, p < .05 by Holm over the methods)."
    )


def forgetting_in_words(alike: Mapping[str, Mapping]) -> str:
    """To which maps what was learnt matters more than the image, and to which less."""
    found = {name: outcome for name, (outcome, *_) in forgets(alike).items()}
    weights, image, unclear = ([n for n, each in found.items() if each == v] for v in (HOLDS, FAILS, UNKNOWN))
    parts = [
        "Drawing all weights anew changes the maps more than taking another image does for "
        f"{f'all {len(found)} methods' if len(weights) == len(found) > 1 else named(weights) or 'no method'}"
    ]
    parts += [f"less for {named(image)}"] if image else []
    parts += [f"not shown for {named(unclear)}"] if unclear else []
    plain = alike["gradient"]
    still, other = (faithfulness.mean(plain[key]) for key in ("all_spearman", "other"))
    return (
        f"{'; '.join(parts)}. Smooth maps of centred objects are alike: those of the gradient with all weights "
        f"random correlate, over all draws, with the trained network's by {short(still)}, those of two "
        f"images by {short(other)} (n = {still.n})."
    )


def unforgetful(alike: Mapping[str, Mapping], names: Sequence[str]) -> str:
    """Of some methods, the best ones, those whose maps are not shown to depend on what the network learnt, if any."""
    found = forgets(alike)
    left = [name for name in names if name in found and found[name][0] != HOLDS]
    if not left:
        return ""
    listed = " and ".join(METHODS[name].title for name in left)
    return f"That the maps of {listed} depend more on the weights than on the image is not shown."


def kept(rows: Sequence[Row]) -> dict:
    """The ranking as plain values, for other notebooks."""
    return {
        "ranking": [
            {
                "name": row.name,
                "control": row.control,
                "score": row.score.value,
                "interval": [row.score.low, row.score.high],
                "n": row.score.n,
                "over_best_control": row.over and row.over.value,
                "p": row.p,
                "verdict": row.verdict,
            }
            for row in rows
        ]
    }


def cost(passes: Mapping[str, int]) -> str:
    """How many images went through a network, a cost that no clock measures."""
    back = sum(count for kind, count in passes.items() if kind in ("gradient", "cam"))
    ahead = sum(passes.values()) - back
    return (
        f"All this took {ahead:,} forward passes of one image and {back:,} forward and backward, without the trainings."
    )
