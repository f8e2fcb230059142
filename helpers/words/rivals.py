"""The words of notebook 02: three networks of equal size, and what shuffled pixels cost."""

from collections.abc import Mapping

from helpers import models
from helpers.evaluation import Rate
from helpers.recipes import Recipe, judging
from helpers.words.common import compare, falling, numbers, plain

TITLES = {"cnn": "CNN", "cnn_half": "CNN of half depth", "dnn": "DNN"}


def sizes(counts: dict[str, int], target: int, tolerance: float = 0.01) -> str:
    """Whether the rivals have as many parameters as the CNN; what to make of it where that was not possible."""
    far = {name: count for name, count in counts.items() if abs(count - target) > tolerance * target}
    if not far:
        return f"Both agree with the CNN's {target:,} parameters within {100 * tolerance:.0f}\u00a0%."
    nearest = " and ".join(f"the nearest {TITLES[name]} has {count:,}" for name, count in far.items())
    return f"Not every rival can be as large as the CNN, {target:,} parameters: {nearest}. Sizes are not equal here."


def care(recipe: Recipe, file: str | None = None) -> str:
    """How the networks are trained, and what the DNN has of its own; ``file`` is that of a CNN trained elsewhere."""
    dropout = f"dropout of {recipe.dnn_dropout:g}" if recipe.dnn_dropout else "no dropout"
    finish, length, shorter = recipe.training.finish, "", ""
    if finish:
        length, shorter = ", its length", f"; the DNN goes without the last {finish} epochs"
    together = (
        f"The CNN is {plain(file)}, trained elsewhere by a recipe not known; the other two share this workbook's"
        if file
        else "Same images, same number of epochs, same augmentation for all"
    )
    return (
        f"{together}{shorter}. The DNN's learning rate of {recipe.dnn_learning_rate:g}{length} and {dropout} were "
        "chosen on validation data, as were those of this workbook's CNN; as there, batch normalisation follows every "
        "layer but the last."
    )


def caveat(file: str | None) -> str:
    """What a difference from a CNN trained elsewhere can come from."""
    return f"{plain(file)} was trained elsewhere: a difference may come from its training as well." if file else ""


def size_rows(networks: dict, rates: dict[str, Rate]) -> list[list]:
    """Rows: network, parameters, difference from the CNN, multiply-adds, validation accuracy, interval."""
    base = networks["cnn"].count_params()
    rows = []
    for name, network in networks.items():
        count, rate = network.count_params(), rates[name]
        low, high = (100 * end for end in rate.interval)
        cost = f"{models.multiply_adds(network) / 1e6:.1f} M"
        share = "–" if name == "cnn" else f"{100 * (count - base) / base:+.2f} %".replace("-", "−")
        rows.append([TITLES[name], count, share, cost, f"{100 * rate.value:.1f} %", f"{low:.1f} to {high:.1f}"])
    return rows


def rivals_in_one_sentence(rates: dict[str, Rate], tests: list[list], equal: bool = True) -> str:
    """The answer to question 2 in a sentence; ``tests`` begins with CNN − DNN, ``equal`` is whether sizes agree."""
    return (
        f"The CNN recognises {100 * rates['cnn'].value:.1f} % of the validation images, a DNN of "
        f"{'equal size' if equal else 'another size'} "
        f"{100 * rates['dnn'].value:.1f} %; {compare('the CNN', 'the DNN', tests[0])}."
    )


def depth_in_words(rates: dict[str, Rate], tests: list[list], falls: list[list]) -> str:
    """What half the depth does, and how far two trainings of one network may lie apart.

    Args:
        tests: has CNN − half depth second and half depth − DNN third.
        falls: has second the DNN against itself, trained from another start (shuffled pixels mean nothing to it).
    """
    chance = abs(float(falls[1][1].replace("−", "-")))
    return (
        f"The CNN of half the depth reaches {100 * rates['cnn_half'].value:.1f} %: "
        f"{compare('the full depth', 'half of it', tests[1])}, and {compare('half depth', 'the DNN', tests[2])}. "
        "Each was trained once: the tests count images, not trainings. Two brief trainings of one DNN differ by "
        f"{chance:.1f} points ({{ref:shuffled}})."
    )


def curves(histories: dict[str, list[dict]], file: str | None = None) -> str:
    """Where the curves of the CNN, if they are known, and the DNN end; ``file`` is that of a CNN trained elsewhere."""
    parts = []
    for name in ("cnn", "dnn"):
        if name not in histories:
            parts.append(f"the curves of {plain(file)}, trained elsewhere, are not known")
            continue
        last, count = histories[name][-1], len(histories[name])
        images, note = "augmented training images", " (weights not yet averaged)"
        if name == "cnn" and file:
            images, note = "training images", " (the author's log)"
        parts.append(
            f"after {count} epoch{'s' * (count > 1)} the {TITLES[name]} ends at {100 * last['val_accuracy']:.1f} % of "
            f"the validation images and {100 * last['accuracy']:.1f} % of the {images}{note}"
        )
    text = f"{parts[0]}; {parts[1]}."
    return text[0].upper() + text[1:]


def shuffle_verdict(falls: list[list]) -> str:
    """Whether the experiment with shuffled pixels supports the explanation by neighbourhood."""
    cnn, dnn = falls
    lost, chance = (float(row[1].replace("−", "-")) for row in (cnn, dnn))
    if cnn[-1] == "higher" and lost > 2 * abs(chance):
        return "This supports the explanation that the CNN relies on which pixels are neighbours."
    return "That the CNN relies on which pixels are neighbours is not shown by this."


def undertrained(histories: Mapping[str, list[dict]]) -> str:
    """Which networks have not reached what they can: those whose validation accuracy still rises at the end."""
    gains = {
        name: 100 * (rows[-1]["val_accuracy"] - rows[max(0, len(rows) * 3 // 4 - 1)]["val_accuracy"])
        for name, rows in ((name, falling(rows)) for name, rows in histories.items())
        if rows
    }
    rising = [f"{TITLES[name]} by {gain:.1f} points" for name, gain in gains.items() if gain >= 1]
    if not rising:
        return ""
    return (
        f"Over the last quarter of the epochs the validation accuracy still rises ({', '.join(rising)}), so part of "
        "the differences is a matter of training, and not of what a network can reach."
    )


def shuffle_in_words(falls: list[list]) -> str:
    """What the experiment with shuffled pixels gave, and its verdict."""
    cnn, dnn = falls
    return (
        f"Trained again briefly, pixels in place against shuffled ones are worth {numbers(cnn)} to the CNN and "
        f"{numbers(dnn)} to the DNN. {shuffle_verdict(falls)}"
    )


def judge(recipe: Recipe, rate: Rate, file: str | None = None) -> str:
    """What the second CNN is for, how it was trained, and how good it is; ``file``: of a CNN trained elsewhere."""
    kind = "The second CNN, built by this workbook and" if file else "The second CNN,"
    how = judging(recipe)
    whole = recipe.training.epochs + recipe.training.finish
    length = "by the whole recipe" if how == recipe.training else f"for {how.epochs} instead of {whole} epochs"
    return (
        f"{kind} trained {length} from another random start, judges the explanations made with the first; it "
        f"recognises {rate} of the validation images."
    )


SHUFFLED_DNN = (
    "For the DNN both trainings are the same but for the random start: its difference is chance between two trainings, "
    "which tests on images do not account for."
)
