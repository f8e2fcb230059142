"""The words of notebook 09: what changes while the network learns, and what was there from the start."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from helpers.evaluation import Rate
from helpers.explain.regions import mean_interval
from helpers.explain.watching import ANOTHER, LEAST, Departure, last_gone
from helpers.words.common import p_value, percent, plain

START, FINAL = "start", "final"
SEE = "See {ref:recall-epochs}, {ref:maps-epochs}, {ref:filters-epochs} and {ref:class-images-epochs}."
TRAIN_HERE = (
    "A network that this workbook trains itself keeps its weights on the way; notebook 01 does so without MODEL."
)
DEPARTURE = (
    f"Followed is every pair of classes mistaken on {LEAST} or more images after the first epoch. It is halved "
    "once its rate stays below half of that, if the fall to the end is shown on the same images (McNemar "
    "{cite:mcnemar1947}, Holm {cite:holm1979})."
)


def moment(epoch: int) -> str:
    """What a column is called: ``start``, ``epoch 5``."""
    return f"epoch {epoch}" if epoch else START


def when(moment: str) -> str:
    """A moment in a sentence."""
    return {START: "at the random start", FINAL: "in the final network"}.get(moment, f"after {moment}")


def about(epochs: Sequence[int], best: int) -> str:
    """Which moments are looked at, and what the final network is."""
    numbers = [str(epoch) for epoch in epochs if epoch]
    listed = f"{', '.join(numbers[:-1])} and {numbers[-1]}" if len(numbers) > 1 else numbers[0]
    return (
        f"The training of notebook 01 kept its weights at the random start and after epoch{'s' * (len(numbers) > 1)} "
        f"{listed}; epoch {best} was the best on validation data. These weights are raw; the *final* network is the "
        "average over the last part of the training, and it is the network of all other answers."
    )


def absent(file: str) -> str:
    """Why there is nothing to look at, for a network trained elsewhere."""
    return (
        f"The network of {file} was trained elsewhere: only its last weights are known, so that its training cannot be "
        "watched."
    )


def shown(count: int, classes: int) -> str:
    """Which classes and images the strips show."""
    which = "every class" if count == classes else f"the best and the worst recognised of {classes} classes"
    return f"Of {which}, the image without a twin in training that the final network recognises most surely."


def strips(label: str, few: Sequence[int], classes: Sequence[int], kept: Mapping) -> list[tuple[dict, Sequence[int]]]:
    """How a strip is shown, and of which classes: of a few, of more as further evidence; nothing without weights."""
    whole = [({"label": f"{label}-all", "more": True}, classes)] if len(few) < len(classes) else []
    return [({"label": label}, few), *whole] if kept else []


def titles(moments: Iterable[str], found: Mapping[str, np.ndarray]) -> list[str]:
    """Names of the columns of the maps: the image, then each moment with its likeness to the final maps."""
    return ["image", *(f"{name}\n{found[name].mean():.2f}" if name in found else name for name in moments)]


def maps_caption(count: int, classes: int) -> str:
    """What the strip of maps shows."""
    return (
        f"{shown(count, classes)} Integrated gradients {{cite:integrated}} for the final answer: red for it, blue "
        "against it, each map on its own scale; above, the mean rank correlation with the final maps."
    )


def kernels_caption(count: int, filters: int) -> str:
    """What the strip of kernels shows."""
    return (
        f"Kernels of the first convolution, the {count} of {filters} with the largest norm in the final network, all "
        "on one scale."
    )


def class_images_caption(steps: int) -> str:
    """What the strip of class images shows."""
    return (
        f"The image that raises a class's score most, climbed from the same noise in {steps} steps with the "
        "weights of each moment {cite:erhan2009} {cite:olah2017}; on it the probability that the *final* network gives "
        "the class."
    )


def departure_caption(first: str) -> str:
    """What the table of confusions shows."""
    return f"Every confusion of {LEAST} or more images after {first}: how many images it still takes at each moment."


def likeness_rows(found: Mapping[str, np.ndarray]) -> list[list]:
    """Rows: moment or control, mean rank correlation with the final maps, its interval."""
    return [[name, *_mean(values)] for name, values in found.items()]


def _mean(values: np.ndarray) -> tuple[str, str]:
    mean, low, high = mean_interval(values)
    return _signed(mean), f"{_signed(low)} to {_signed(high)}"


def _signed(value: float) -> str:
    return f"{round(value, 2) or 0:.2f}".replace("-", "−")


def _with_interval(values: np.ndarray) -> str:
    mean, interval = _mean(values)
    return f"{mean} ({interval})"


def resembles(found: Mapping[str, np.ndarray], moment: str) -> bool:
    """Whether the maps of a moment resemble the final ones more than every control does, paired by image."""
    return all(mean_interval(found[moment] - found[control])[1] > 0 for control in (START, ANOTHER))


def likeness_in_words(found: Mapping[str, np.ndarray]) -> str:
    """By how much the maps resemble the final ones more than each control, and from which moment on."""
    moments = [name for name in found if name not in (START, ANOTHER)]
    first = moments[0]
    value = (
        f"likeness {_with_interval(found[first])}, above the maps of the random start by "
        f"{_with_interval(found[first] - found[START])}, above the final map of {ANOTHER} by "
        f"{_with_interval(found[first] - found[ANOTHER])}, paired over {len(found[first])} images"
    )
    if resembles(found, first):
        return f"The maps after {first} against the final ones: {value}."
    later = next((name for name in moments[1:] if resembles(found, name)), None)
    then = (
        f"They first do after {later}, with {_with_interval(found[later])}."
        if later
        else "They do at none of the later epochs that were kept."
    )
    return f"The maps after {first} against the final ones: {value}. {then}"


def kernels_in_words(own: np.ndarray, others: np.ndarray) -> str:
    """Whether the first filters still show the random numbers that they began with."""
    _, low, high = mean_interval(own - others)
    value = (
        f"the mean cosine with its own start is {_with_interval(own)}, with the other filters' starts "
        f"{_signed(others.mean())}, over {len(own)} filters"
    )
    if low > 0:
        return f"The first filters still show their random start: {value}."
    if high < 0:
        return f"The first filters turned away from their random start: {value}."
    return f"Nothing is left of the first filters' random start that could be shown: {value}."


def believed(chances: Mapping[str, np.ndarray], answers: Mapping[str, np.ndarray], classes: Sequence[int]) -> str:
    """How many class images of each moment the final network takes for their class."""
    hits = {name: int((said == np.asarray(classes)).sum()) for name, said in answers.items()}
    told = ", ".join(f"{count} {when(name)}" for name, count in hits.items())
    whole = next((name for name, count in hits.items() if count == len(classes)), None)
    verdict = (
        f"The first to be recognised in every class are those climbed {when(whole)}"
        if whole
        else "At no moment are the images of all classes recognised"
    )
    mean = next(reversed(chances.values())).mean()
    return (
        f"Of {len(classes)} images climbed with the weights of each moment, the final network takes for their class: "
        f"{told}. {verdict}; to its own it "
        f"gives the class {percent(mean)} on average."
    )


def recall_caption(count: int, classes: int, best: int) -> str:
    """What the table of recalls shows."""
    which = "each class" if count == classes else f"the best and the worst recognised of {classes} classes"
    return f"Recall of {which} on validation data while the network learns; epoch {best} was the best."


def recall_rows(
    recalls: Mapping[str, Sequence[Rate]], accuracies: Mapping[str, Rate], names: Sequence[str], classes: Sequence[int]
) -> list[list]:
    """Rows: class, images, recall at every moment in percent; the last row is the accuracy over all classes."""
    rows = [[names[k], recalls[FINAL][k].n, *(_percent(rates[k]) for rates in recalls.values())] for k in classes]
    return [*rows, ["all classes", accuracies[FINAL].n, *map(_percent, accuracies.values())]]


def _percent(rate: Rate) -> str:
    return percent(rate.value) if rate.n else "–"


def departure_rows(found: Sequence[Departure], moments: Sequence[str], names: Sequence[str]) -> list[list]:
    """Rows: pair, images at every moment, from when on below half, p."""
    return [
        [
            _pair(d, names),
            d.rates[0].n,
            *(rate.hits for rate in d.rates),
            "–" if d.below is None else moments[d.below],
            p_value(d.p),
        ]
        for d in found
    ]


def _pair(departure: Departure, names: Sequence[str]) -> str:
    return f"{names[departure.true]} → {names[departure.predicted]}"


def departure_in_words(found: Sequence[Departure], moments: Sequence[str], names: Sequence[str]) -> str:
    """Which confusion of the first epoch is halved last, or that none is."""
    if not found:
        return f"After {moments[0]} no class is taken for another on {LEAST} or more images: there is none to follow."
    last = last_gone(found)
    count = f"{len(found)} confusion{'s' * (len(found) > 1)} of {moments[0]}"
    if not last:
        return f"None of the {count} is halved: no rate ends below half with a fall that a paired test shows."
    d = last[0]
    named = (
        f"{plain(_pair(d, names))} ({d.rates[0].hits} of {d.rates[0].n} images {when(moments[0])}, "
        f"{d.rates[d.below].hits} {when(moments[d.below])})"
    )
    more = f", at the same time as {len(last) - 1} more" if len(last) > 1 else ""
    still = ", and still the most frequent" if d is max(found, key=lambda d: d.rates[-1].value) else ""
    gone = sum(d.gone for d in found)
    return f"Of the {count}, {gone} {'was' if gone == 1 else 'were'} halved for good; last{still}: {named}{more}."


def remaining(found: Sequence[Departure], names: Sequence[str]) -> str:
    """Which confusions of the first epoch are not halved at the end, or that all are."""
    left = [plain(_pair(d, names)) for d in found if not d.gone]
    if not left:
        return "All of them are halved at the end." if found else ""
    return f"Not halved at the end: {', '.join(left[:4])}{f' and {len(left) - 4} more' if len(left) > 4 else ''}."


def short(accuracies: Mapping[str, Rate], found: Mapping[str, np.ndarray], departed: str) -> str:
    """The answer to question 9 in a sentence or two."""
    first = next(name for name in accuracies if name != START)
    maps = "already resemble" if resembles(found, first) else "are not yet shown to resemble"
    return (
        f"After {first} the network recognises {percent(accuracies[first].value)} (at the end "
        f"{percent(accuracies[FINAL].value)}), and its maps {maps} the final ones more than both controls do: mean "
        f"rank correlation {found[first].mean():.2f}, random start {found[START].mean():.2f}, {ANOTHER} "
        f"{found[ANOTHER].mean():.2f}. {departed}"
    )


def key(found: Mapping[str, np.ndarray], first: str) -> str:
    """How alike the maps of a moment are to the final ones, and the higher of the controls."""
    return f"{found[first].mean():.2f} (control {max(found[c].mean() for c in (START, ANOTHER)):.2f})"


def key_label(first: str) -> str:
    """What the number beside the answer is."""
    return f"rank correlation of the maps after {first} with the final ones"


def describe_strip(rows: Sequence[str], columns: Sequence[str], what: str) -> str:
    """A strip in words, for a reader who cannot see it."""
    return f"{what}: one row each for {', '.join(rows)}; from left to right {', '.join(columns)}."
