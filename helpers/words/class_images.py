"""The words of notebook 07: whether class images convince anybody but the network they were made for."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.explain.ascent import REGULARISERS_IN_WORDS
from helpers.explain.class_images import SUREST, over_classes
from helpers.words.common import plain

NETWORKS = {"cnn": "the CNN itself", "cnn_judge": "second CNN", "cnn_half": "half depth"}
RUNGS = {"none": "none", "l2": "L2", "total_variation": "total\nvariation", "jitter": "jitter", "fourier": "Fourier"}
ADVERSARIAL, MEAN, REAL = "adversarial", "class mean", "best real\nimage"
CONTROLS = (
    "The adversarial picture is a real image of another class, changed as little as possible until the CNN gives it "
    f"the probability that the best class image has (at most {SUREST})."
)


def one_line(label: str) -> str:
    return label.replace("\n", " ")


def mean_chance(chances: np.ndarray) -> tuple[float, float, float]:
    """Mean probability over the classes and its interval, which ends at 0 and 1 where so few classes would go on."""
    return tuple(np.clip(over_classes(chances), 0, 1).tolist())


def interval(found: tuple[float, float, float]) -> str:
    """A probability, like ``.83 (.70 to .95)``; a dash where there is nothing."""
    if np.isnan(found[0]):
        return "–"
    if np.isnan(found[1]):
        return f"{found[0]:.2f}"
    return "{} ({} to {})".format(*(f"{value:.2f}" for value in found))


def signed(found: tuple[float, float, float]) -> str:
    """A difference, like ``+0.31 (+0.10 to +0.52)``."""
    if np.isnan(found[0]):
        return "–"
    said = [f"{round(value, 2) or 0:+.2f}".replace("-", "−") for value in found]
    return said[0] if np.isnan(found[1]) else f"{said[0]} ({said[1]} to {said[2]})"


def judgement_rows(chances: Mapping[str, np.ndarray]) -> list[list]:
    """Rows: image, then the mean probability with its interval under each network."""
    return [[one_line(label), *(interval(mean_chance(row)) for row in rows)] for label, rows in chances.items()]


def rows_in_words(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table's rows in words, for a reader who cannot see their figure."""
    return "; ".join(
        f"{row[0]}: " + ", ".join(f"{name} {cell}" for name, cell in zip(columns[1:], row[1:], strict=True))
        for row in rows
    )


def intervals(chances: Mapping[str, np.ndarray]) -> dict[str, dict[str, tuple[float, float, float]]]:
    """By image, by network: the mean probability with its interval."""
    return {
        one_line(label): {name: mean_chance(row) for name, row in zip(NETWORKS.values(), rows, strict=True)}
        for label, rows in chances.items()
    }


def probabilities_in_words(chances: Sequence[float]) -> str:
    """What each network gives one image."""
    return "; ".join(f"{name}: {chance:.2f}" for name, chance in zip(NETWORKS.values(), chances, strict=True))


def rows_caption(best: str) -> str:
    """What stands in the rows, and which regulariser was chosen."""
    return (
        "Class images by regulariser (chosen on another start: "
        f"{one_line(RUNGS[best])}), and what to compare them with; below each image the class's probability under the "
        f"second CNN. Images made from noise are stretched to full contrast here. {CONTROLS}"
    )


def judgement_caption(classes: int, changes: np.ndarray) -> str:
    """What the points are."""
    return (
        f"Mean probability of the class over {classes} classes and its 95 % interval (rough, with so few): "
        f"under the CNN that the images were made for, and under the two judges.{distance(changes)}"
    )


def record(chances: Mapping[str, np.ndarray], names: Sequence[str], best: str) -> dict:
    """What other notebooks may use: by image, by network, the probability of each class; None where there is none."""
    found = {
        one_line(label): {
            name: [None if p != p else float(p) for p in row] for name, row in zip(NETWORKS, rows, strict=True)
        }
        for label, rows in chances.items()
    }
    return {"classes": list(names), "best": best, "probability": found}


def key(best: np.ndarray, adversarial: np.ndarray) -> str:
    """The mean probability under the second CNN, and that of the control: ``0.67 (adversarial 0.25)``."""
    found, control = (over_classes(chances[1])[0] for chances in (best, adversarial))
    return f"{found:.2f}" if np.isnan(control) else f"{found:.2f} (adversarial {control:.2f})"


def more_classes(shown: int, classes: int) -> str:
    """That some classes have no image, where that is so."""
    return "" if shown == classes else f" Of {classes} classes the first {shown} get images."


def describe(chances: Mapping[str, np.ndarray], names: Sequence[str]) -> str:
    """The rows in words, for a reader who cannot see them: what the second CNN makes of each image."""
    parts = []
    for label, (_, judge, _) in chances.items():
        said = ", ".join(f"{name} {chance:.2f}" for name, chance in zip(names, judge, strict=True) if chance == chance)
        parts.append(f"{one_line(label)}: {said or 'none'}")
    return "Probability of the class under the second CNN. " + "; ".join(parts) + "."


def transfer(differences: Mapping[str, np.ndarray], best: str) -> str:
    """Whether the chosen regulariser transfers better than none.

    Args:
        differences: by judge, the paired differences best − none (classes,); empty where none itself was chosen.
        best: the chosen regulariser.
    """
    if best == "none":
        return "No regulariser transferred better than none on the start that chose."
    name = REGULARISERS_IN_WORDS[best][0].upper() + REGULARISERS_IN_WORDS[best][1:]
    found = {NETWORKS[judge]: over_classes(values) for judge, values in differences.items()}
    better = [judge for judge, value in found.items() if value[1] > 0]
    said = "; ".join(f"{judge} {signed(value)}" for judge, value in found.items())
    if len(better) == len(found):
        return f"{name} makes images that transfer better than those of no regulariser, to both judges ({said})."
    if better:
        return f"{name} is shown to transfer better than no regulariser to one judge, {better[0]} ({said})."
    return f"{name} was chosen on another start; that it transfers better than no regulariser is not shown ({said})."


def convinced(over_chance: np.ndarray, over_adversarial: np.ndarray) -> bool:
    """Whether a judge is: above chance, and above the adversarial control, each by its whole interval.

    Args:
        over_chance: (classes,), the probability minus that of guessing.
        over_adversarial: (classes,), the probability minus that of the class's adversarial picture.
    """
    return over_classes(over_chance)[1] > 0 and over_classes(over_adversarial)[1] > 0


def verdict(best: np.ndarray, adversarial: np.ndarray, classes: int, real: np.ndarray) -> str:
    """Prototypes, adversarial, or in between; which, is computed.

    Args:
        best, adversarial, real: (3 networks, classes), probabilities of the class (the CNN itself, second CNN, half
            depth) for the class images, the adversarial pictures and the best real images.
        classes: how many the networks know.
    """
    own = over_classes(best[0])[0]
    if not own >= 0.5:
        return (
            f"The ascent fails: its images give the class a probability of {own:.2f} on average under the very network "
            "they were made for, so there is nothing to judge."
        )
    if np.isnan(adversarial[0]).all():
        return "Without one right answer there is no adversarial picture to compare with: nothing is shown."
    judges = [convinced(best[k] - 1 / classes, best[k] - adversarial[k]) for k in (1, 2)]
    second, half = (interval(mean_chance(best[k])) for k in (1, 2))
    against = " and ".join(f"{over_classes(adversarial[k])[0]:.2f}" for k in (1, 2))
    said = f"{second} under a second CNN and {half} under the CNN of half depth, adversarial pictures {against}"
    if all(judges):
        if min(over_classes(best[k])[1] for k in (1, 2)) > 0.5:
            return f"The class images convince both judges, and more than adversarial pictures do: {said}."
        sure = [over_classes(best[k])[1] > 0.5 for k in (1, 2)]
        if any(sure):
            first, second = ("the second CNN", "the CNN of half depth")[:: 1 if sure[0] else -1]
            who = f"convince {first} and persuade {second} in part"
        else:
            who = "persuade both judges in part"
        return f"The class images {who}, and more than adversarial pictures do: {said}."
    if any(judges):
        name = ("the second CNN", "the CNN of half depth")[judges.index(True)]
        return f"The class images persuade one judge of two more than adversarial pictures do, {name}: {said}."
    # A judge that does not believe real images either cannot tell a prototype from an adversarial picture.
    believed = [over_classes(real[k])[0] for k in (1, 2)]
    if not max(believed) > 0.5:
        both = " and ".join(f"{mean:.2f}" for mean in believed)
        return f"Whether the class images are prototypes cannot be told: {said}, but the best real images only {both}."
    if max(over_classes(best[k])[2] for k in (1, 2)) < 0.5:
        return f"The class images are adversarial rather than prototypes: they persuade neither judge: {said}."
    return f"That the class images persuade a judge more than adversarial pictures do is not shown: {said}."


def beyond_adversarial(best: np.ndarray, adversarial: np.ndarray) -> str:
    """By how much each judge prefers a class's image to its adversarial picture, and how many classes it believes."""
    known = ~np.isnan(adversarial[0])
    if not known.any():
        return ""
    said = "; ".join(
        f"{NETWORKS[name]} {signed(over_classes(best[k] - adversarial[k]))}, above 0.5 for "
        f"{int((best[k] > 0.5).sum())} of {best.shape[1]} classes"
        for k, name in ((1, "cnn_judge"), (2, "cnn_half"))
    )
    return f"Above the adversarial picture of the same class: {said}."


def beside_real(best: np.ndarray, chances: Mapping[str, np.ndarray], names: Sequence[str]) -> str:
    """Which class convinces the second CNN most and least, and what it makes of means and real images."""
    judge = best[1]
    order = np.argsort(judge, kind="stable")
    strong, weak = plain(names[order[-1]]), plain(names[order[0]])
    others = [
        f"{title} {over_classes(chances[label][1])[0]:.2f}"
        for label, title in ((MEAN, "the class’s mean image"), (REAL, "the best real image"))
        if not np.isnan(chances[label][1]).all()
    ]
    return (
        f"The second CNN is convinced most by {strong} ({judge[order[-1]]:.2f}) and least by {weak} "
        f"({judge[order[0]]:.2f}); on average it gives {' and '.join(others)}."
    )


def distance(changes: np.ndarray) -> str:
    """How small the adversarial changes are."""
    changes = changes[~np.isnan(changes)]
    if not len(changes):
        return ""
    return f" Root mean square of the adversarial change: {np.median(changes):.1f} of 255 grey levels (median)."


NECESSARY = (
    "Networks trained on the same data share their blind spots, so an image that convinces a judge need not show what "
    "the class looks like. See {ref:class-judges} and {ref:class-images}."
)


def claims(best: np.ndarray, adversarial: np.ndarray, classes: int) -> list[dict]:
    """What notebook 10 lists: for each judge whether it is convinced; arguments as for ``verdict``."""
    found = []
    for k, judge in ((1, "a second CNN"), (2, "the CNN of half depth")):
        over = best[k] - adversarial[k]
        held = "holds" if convinced(best[k] - 1 / classes, over) else "cannot be told"
        found.append(
            {
                "claim": f"The class images convince {judge} more than adversarial pictures do",
                "verdict": "does not hold" if over_classes(over)[2] < 0 else held,
                "numbers": f"{interval(mean_chance(best[k]))}; difference {signed(over_classes(over))}",
            }
        )
    return found
