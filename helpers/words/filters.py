"""The words of notebook 05: what the filters respond to, against real images and against noise."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from helpers import evaluation
from helpers.explain.filter_survey import SAME, Climb, Purity, Survey
from helpers.words.common import p_value, p_words, percent


def value(number: float) -> str:
    """An activation with two figures that count: ``0``, ``< 0.01``, ``0.34``, ``1.8``, ``25``."""
    if number == 0:
        return "0"
    return (
        f"{number:.0f}"
        if number >= 9.95
        else f"{number:.1f}"
        if number >= 0.995
        else (f"{number:.2f}" if number >= 0.005 else "<\u00a00.01")
    )


def times(ratio: float) -> str:
    """Like ``3.8×``."""
    return f"{value(ratio)}×"


def table_caption(images: int, count: int) -> str:
    """What the table of layers counts; of each layer the first ``count`` living filters climb."""
    return (
        f"Filters of three depths on {images:,} validation images; medians of those tried, the first {count} living "
        "ones."
    )


def layer_rows(
    surveys: Sequence[Survey], climbs: Sequence[Climb], stuck: Sequence[np.ndarray], purities: Sequence[Purity | None]
) -> list[list]:
    """Rows of the table whose columns are the layers: counts, median activations, and the comparisons."""
    layers = list(zip(surveys, climbs, stuck, purities, strict=True))

    def row(name, cell):
        return [name, *(str(cell(*layer)) for layer in layers)]

    def median(of):
        return lambda s, c, k, p: value(float(np.median(of(c)))) if len(c.numbers) else "–"

    return [
        row("filters", lambda s, c, k, p: len(s.dead)),
        row("dead: active on no validation image", lambda s, c, k, p: int(s.dead.sum())),
        row(f"duplicates: correlation > {SAME:g} with an earlier one", lambda s, c, k, p: int(s.duplicate.sum())),
        row("alive, but without a gradient at the start", lambda s, c, k, p: int((k & ~s.dead).sum())),
        row("filters tried", lambda s, c, k, p: len(c.numbers)),
        row("median activation: noise at the start", median(lambda c: c.found.start)),
        row("median activation: end image", median(lambda c: c.found.end)),
        row("median activation: end image, pixels shuffled", median(lambda c: c.shuffled)),
        row("median activation: best validation image", median(lambda c: c.best)),
        row("end image above every validation image", lambda s, c, k, p: f"{int(c.beats.sum())} of {len(c.beats)}"),
        row("best 9 images of one class (by chance; p by Holm)", lambda s, c, k, p: _purity(p)),
    ]


def _purity(found: Purity | None) -> str:
    return "–" if found is None else f"{percent(found.value)} ({percent(found.chance)}; {p_value(found.p)})"


def filter_rows(climbs: Sequence[Climb], ids: Sequence[str]) -> list[list]:
    """Rows: layer, filter, activation at the start, at the end, shuffled, of the best real image, and its name."""
    return [
        [c.layer, int(number), *(value(x) for x in numbers), str(ids[image])]
        for c in climbs
        for number, image, *numbers in zip(
            c.numbers, c.best_image, c.found.start, c.found.end, c.shuffled, c.best, strict=True
        )
    ]


def beyond(climb: Climb) -> str:
    """How many filters are excited more by their own image than by any real one, judged by a sign test."""
    hits, n = int(climb.beats.sum()), len(climb.beats)
    if not n:
        return f"no filter of `{climb.layer}` is ever active"
    if hits == n:
        many = f"each of the {n} filters" if n > 1 else "the one filter"
    else:
        clear = stats.binomtest(hits, n).pvalue < 0.05
        share = "most" if clear and hits > n / 2 else "few" if clear else "no clear majority"
        many = f"{share} ({hits} of {n}) of the filters"
    return (
        f"{many} of `{climb.layer}` {'is' if hits == n else 'are'} excited more by the image found than by any "
        f"validation image (median {times(float(np.median(climb.ratio)))})"
    )


def contrast(climbs: Sequence[Climb]) -> str:
    """Whether the pattern counts, or strong contrast alone would do (sign tests, Holm); empty where nothing climbed."""
    climbs = [climb for climb in climbs if len(climb.numbers)]
    if not climbs:
        return ""
    lost = [(int((c.found.end > c.shuffled).sum()), len(c.numbers)) for c in climbs]
    tests = evaluation.holm([stats.binomtest(hits, n, alternative="greater").pvalue for hits, n in lost])
    counts = ", ".join(f"{hits} of {n} (`{c.layer}`)" for c, (hits, n) in zip(climbs, lost, strict=True))
    unclear = [f"`{c.layer}`" for c, p in zip(climbs, tests, strict=True) if p >= 0.05]
    text = f"With its pixels shuffled, the image found excites less for {counts} filters, so "
    text += f"that in {', '.join(unclear)} the pattern counts is not shown" if unclear else "the pattern counts"
    strong = [f"`{c.layer}`" for c in climbs if 2 * (c.shuffled > c.best).sum() > len(c.numbers)]
    if strong:
        text += f"; in {', '.join(strong)} its contrast alone still beats every validation image for most filters"
    return f"{text}."


def class_sentence(climbs: Sequence[Climb], purities: Sequence[Purity | None]) -> str:
    """Whether the filters respond to single classes, layer by layer; ``purities`` from ``filter_survey.together``."""
    known = [(c.layer, p) for c, p in zip(climbs, purities, strict=True) if p is not None]
    if not known:
        return "No filter is active, so that it cannot be said what filters respond to."
    above = [(layer, p) for layer, p in known if p.p < 0.05]
    below = [(layer, p) for layer, p in known if p.p >= 0.05]
    parts = []
    if above:
        parts.append(f"share a class more often than by chance in {_shares(above)}")
    if below:
        verb = "which is not shown" if above else "are not shown to share a class more than by chance"
        parts.append(f"{verb} in {_shares(below)}")
    return f"The nine validation images that excite a filter most {', '.join(parts)}."


def _shares(layers: Sequence[tuple[str, Purity]]) -> str:
    return ", ".join(f"`{layer}` ({percent(p.value)}, by chance {percent(p.chance)})" for layer, p in layers)


def dead_sentence(surveys: Sequence[Survey], stuck: Sequence[np.ndarray], climbs: Sequence[Climb]) -> str:
    """Dead, duplicate and stuck filters, and whether the stuck ones got free."""
    dead, twins = (sum(int(getattr(s, name).sum()) for s in surveys) for name in ("dead", "duplicate"))
    held = sum(int((k & ~s.dead).sum()) for s, k in zip(surveys, stuck, strict=True))
    text = (
        f"Of {sum(len(s.dead) for s in surveys)} filters in these layers {_are(dead, 'dead')} and "
        f"{_are(twins, 'duplicates' if twins > 1 else 'a duplicate')} of an earlier one"
    )
    if not held:
        return f"{text}; no living filter lacks a gradient at the start."
    ends = np.concatenate([c.found.end[k[c.numbers]] for k, c in zip(stuck, climbs, strict=True)])
    text += f"; {held} living {'one has' if held == 1 else 'ones have'} no gradient at the start"
    return f"{text} (of {len(ends)} tried, random moves freed {int((ends > 0).sum())})."


def _are(count: int, what: str) -> str:
    return f"{count or 'none'} {'are' if count > 1 else 'is'} {what}"


def outputs_in_words(maps: Mapping[str, np.ndarray]) -> str:
    """How much of one image some filters of each layer are active on; ``maps`` float (filters, height, width)."""
    active = {layer: float((found > 0).mean()) for layer, found in maps.items() if found.size}
    if not active:
        return ""
    least = "<\u00a01\u00a0%"
    shares = [f"{least if 0 < share < 0.005 else percent(share)} (`{layer}`)" for layer, share in active.items()]
    return (
        f"On the image of {{ref:filters-outputs}} the filters shown are active at {', '.join(shares)} of the positions."
    )


def filters_in_one_sentence(climbs: Sequence[Climb], purities: Sequence[Purity | None]) -> str:
    """The answer to question 5 in a sentence, about the last layer."""
    pure = purities[-1]
    if pure is None:
        text = beyond(climbs[-1])
        return f"{text[0].upper()}{text[1:]}."
    verdict = "tell classes apart" if pure.p < 0.05 else "are not shown to tell classes apart"
    hits, n = int(climbs[-1].beats.sum()), len(climbs[-1].beats)
    return (
        f"The filters of `{climbs[-1].layer}` {verdict}: of the nine validation images that excite one most, "
        f"{percent(pure.value)} are of one class (shuffled labels: {percent(pure.chance)}); the image found from noise "
        f"excites {hits} of {n} filters more than any validation image."
    )


def filters_in_words(surveys, climbs, stuck, purities, maps: Mapping[str, np.ndarray]) -> str:
    """The answer to question 5 in full."""
    first = "; ".join(beyond(climb) for climb in climbs)
    text = f"{first[0].upper()}{first[1:]}." if first else ""
    parts = [text, contrast(climbs), class_sentence(climbs, purities), outputs_in_words(maps)]
    return " ".join(filter(None, [*parts, dead_sentence(surveys, stuck, climbs)]))


def key(purities: Sequence[Purity | None]) -> str | None:
    """The last layer's share of one class and what chance gives: ``87 % (chance 35 %)``; None where none is active."""
    pure = purities[-1]
    return None if pure is None else f"{percent(pure.value)} (chance {percent(pure.chance)})"


def records(surveys, climbs, stuck, purities) -> dict:
    """The numbers of the report by layer, for ``metrics/filters.json``."""
    return {
        s.layer: {
            "dead": np.flatnonzero(s.dead),
            "duplicate": np.flatnonzero(s.duplicate),
            "stuck": np.flatnonzero(k & ~s.dead),
            "filters": c.numbers,
            "start": c.found.start,
            "end": c.found.end,
            "shuffled": c.shuffled,
            "best": c.best,
            "purity": None if p is None else [p.value, p.chance, p.p],
        }
        for s, c, k, p in zip(surveys, climbs, stuck, purities, strict=True)
    }


def claims(climbs: Sequence[Climb], purities: Sequence[Purity | None]) -> list[dict]:
    """What notebook 10 lists: whether the images found beat every real one, and whether filters stand for classes."""
    found = []
    for climb, pure in zip(climbs, purities, strict=True):
        rate = evaluation.Rate(int(climb.beats.sum()), len(climb.beats))
        low, high = rate.interval if rate.n else (0, 1)
        verdict = "holds" if low > 0.5 else "does not hold" if high < 0.5 else "cannot be told"
        claim = f"Most filters of {climb.layer} are excited more by the image found than by any validation image"
        found.append({"claim": claim, "verdict": verdict, "numbers": f"{rate.hits} of {rate.n} filters"})
        if pure is not None:
            verdict = "holds" if pure.p < 0.05 else "cannot be told"
            numbers = f"{percent(pure.value)} of one class, by chance {percent(pure.chance)}, {p_words(pure.p)} by Holm"
            claim = f"The images that excite a filter of {climb.layer} most share a class more often than by chance"
            found.append({"claim": claim, "verdict": verdict, "numbers": numbers})
    return found
