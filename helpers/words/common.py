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


def p_value(p: float) -> str:
    """Like ``.032`` or ``< .001``."""
    return "< .001" if p < 0.001 else f"{p:.3f}".lstrip("0") if p < 1 else "1"


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
        points, interval = f"{100 * test.difference:+.1f}", f"{low:+.1f} to {high:+.1f}"
        rows.append([name, points, interval, test.only_first, test.only_second, p_value(p), verdict])
    return rows


def outcome(row: list) -> str:
    """A row of ``paired_rows`` in words: ``+3.2 points (+1.0 to +5.4, p .004)`` or that no difference was shown."""
    _, points, interval, _, _, p, verdict = row
    p = f"p {p}" if p.startswith("<") else f"p = {p}"
    words = f"{points} points ({interval}; {p})"
    return f"no difference shown, {words}" if verdict == "no difference shown" else words


def describe_curves(history: list[dict]) -> str:
    """A history in words, for a reader who cannot see the curves."""
    first, last = history[0], history[-1]
    best = max(history, key=lambda row: row["val_accuracy"])
    return (
        f"Validation accuracy goes from {first['val_accuracy']:.1%} after epoch 1 to {last['val_accuracy']:.1%} after "
        f"epoch {last['epoch']}, best {best['val_accuracy']:.1%} in epoch {best['epoch']}; training accuracy ends at "
        f"{last['accuracy']:.1%}; validation loss goes from {first['val_loss']:.2f} to {last['val_loss']:.2f}."
    )


def brief_caption(recipe: Recipe, what: str) -> str:
    """A caption for a comparison of brief trainings that says how brief."""
    epochs = f"{recipe.brief_epochs} epoch{'s' * (recipe.brief_epochs > 1)}"
    return f"{what}; each network saw {recipe.brief_images:,} images for {epochs}, one seed."
