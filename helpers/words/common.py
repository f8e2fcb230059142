"""What the words of several notebooks share: paired tests, curves, names made safe."""

import re

from helpers import evaluation
from helpers.recipes import Recipe

PAIRED_COLUMNS = [
    "comparison",
    "points",
    "95 % interval",
    "only first right",
    "only second right",
    "p (Holm)",
    "verdict",
]


def plain(name: str) -> str:
    """A class or file name as Markdown that shows just that name."""
    return re.sub(r"([\\`*_\[\]<>$|{}~#])", r"\\\1", name)


def percent(share: float) -> str:
    """A share as whole percent: ``15 %``, with a space that does not break."""
    return f"{100 * share:.0f}\u00a0%"


def p_value(p: float) -> str:
    """Like ``.032`` or ``< .001``; below .05 it says so where it would be rounded up to it."""
    if 0.0495 <= p < 0.05:
        return "<\u00a0.05"
    return "<\u00a0.001" if p < 0.001 else f"{p:.3f}".lstrip("0") if p < 1 else "1"


def p_words(p: float) -> str:
    """Like ``p = .032`` or ``p < .001``."""
    return _equation(p_value(p))


def _equation(p: str) -> str:
    return f"p\u00a0{p}" if p.startswith("<") else f"p\u00a0=\u00a0{p}"


def paired_rows(labels, pairs: dict) -> list[list]:
    """Rows of a table of paired tests, Holm-adjusted over its rows; columns are ``PAIRED_COLUMNS``.

    Args:
        labels: int (n,), the true classes.
        pairs: by name, the logits (n, classes) of two networks on the same images.

    Returns:
        name, difference in points, its 95 % interval, images that only the first and only the second gets right,
        p (McNemar, exact), and a verdict: ``higher``, ``lower`` or ``no difference shown``.
    """
    tests = {name: evaluation.mcnemar(labels, *both) for name, both in pairs.items()}
    rows = []
    for (name, test), p in zip(tests.items(), evaluation.holm([t.p for t in tests.values()]), strict=True):
        low, high = (100 * end for end in test.interval)
        verdict = "no difference shown" if p >= 0.05 else "higher" if test.difference > 0 else "lower"
        points, interval = _signed(100 * test.difference), f"{_signed(low)} to {_signed(high)}"
        rows.append([name, points, interval, test.only_first, test.only_second, p_value(p), verdict])
    return rows


def _signed(value: float) -> str:
    return f"{round(value, 1) or 0:+.1f}".replace("-", "−")  # never −0.0


def numbers(row: list) -> str:
    """The figures of a row of ``paired_rows``: ``+3.2 points (+1.0 to +5.4; p = .004 by Holm)``."""
    _, points, interval, _, _, p, _ = row
    return f"{points} points ({interval}; {_equation(p)} by Holm)"


def effect(what: str, row: list) -> str:
    """What something does to the validation accuracy, from the test of with − without."""
    verb = {"higher": "raises", "lower": "lowers"}.get(row[-1])
    if verb is None:
        return f"no effect of {what} on the validation accuracy is shown, {numbers(row)}"
    return f"{what} {verb} the validation accuracy: {numbers(row)}"


def compare(first: str, second: str, row: list) -> str:
    """Who beats whom, from the test of first − second."""
    return {
        "higher": f"{first} beats {second}",
        "lower": f"{second} beats {first}",
        "no difference shown": f"no difference between {first} and {second} is shown",
    }[row[-1]] + f": {numbers(row)}"


def falling(history: list[dict]) -> list[dict]:
    """The rows up to where the learning rate rises again (``Training.finish``); all, if it does not or is not known."""
    rates = [row.get("learning_rate", 0.0) for row in history]
    rises = (epoch for epoch in range(1, len(rates)) if rates[epoch] > rates[epoch - 1])
    return history[: next(rises, len(history))]


def finish_note(history: list[dict]) -> str:
    """Why a curve changes where the learning rate rises again; empty where it does not."""
    count = len(falling(history))
    if count == len(history):
        return ""
    return f" From epoch {count + 1} on the learning rate is higher and constant."


def describe_curves(history: list[dict]) -> str:
    """A history in words, for a reader who cannot see the curves."""
    first, last = history[0], history[-1]
    best = max(history, key=lambda row: row["val_accuracy"])
    return (
        f"Validation accuracy goes from {first['val_accuracy']:.1%} after epoch 1 to {last['val_accuracy']:.1%} after "
        f"epoch {last['epoch']}, best {best['val_accuracy']:.1%} in epoch {best['epoch']}; training accuracy ends at "
        f"{last['accuracy']:.1%}; validation loss goes from {first['val_loss']:.2f} to {last['val_loss']:.2f}."
    )


def own_cnn(file: str | None) -> str:
    """Of trainings for comparison: that they are not the author's network, where that came from a file."""
    return f" These are trainings of this workbook's own CNN, not of {plain(file)}." if file else ""


def brief_caption(recipe: Recipe, what: str) -> str:
    """A caption for a comparison of brief trainings that says how brief."""
    epochs = f"{recipe.brief_epochs} epoch{'s' * (recipe.brief_epochs > 1)}"
    return f"{what}; {recipe.brief_images:,} images and {epochs} a network, one seed."


CLASSES_SHOWN = 8  # the most that one figure shows


def classes_shown(start: int, classes: int) -> str:
    """Which classes a figure shows that starts at class ``start``, for its caption; empty where it shows all."""
    if classes <= CLASSES_SHOWN:
        return ""
    last = min(start + CLASSES_SHOWN, classes)
    return f" Classes {start + 1} to {last} of {classes}; the others are in the HTML report."


def file_name(identity: str) -> str:
    """The last part of an image's name: its folders are the data set's, and may be called other than the split."""
    return str(identity).rpartition("/")[2]
