"""The words of notebook 11: what the three exercises give, and whether TensorFlow agrees."""

from collections.abc import Iterable, Mapping

import numpy as np

from helpers.math_checks import TOLERANCE, lowest_loss_twice
from helpers.recipes import Recipe
from helpers.words.common import brief_caption, numbers, percent

CONVOLUTION = ("output shape", "parameters")
BATCH_NORM = ("∂ℓ/∂x̂", "∂ℓ/∂σ²", "∂ℓ/∂μ", "∂ℓ/∂x", "∂ℓ/∂γ", "∂ℓ/∂β")
SOFTMAX = ("∂L/∂z", "∂Lₜ/∂zₜ", "∂L/∂z, softmax twice")
PRINTED = ("as printed, yₜ = 1", "as printed, yₜ ≠ 1")
FORMULAS = {
    "output shape": "B, ⌊(W + 2p₁ − k₁)/s₁⌋ + 1, ⌊(H + 2p₂ − k₂)/s₂⌋ + 1, C_out",
    "parameters": "k₁ k₂ C_in C_out + C_out",
    "∂ℓ/∂x̂": "γ gᵢ",
    "∂ℓ/∂σ²": "−γ/(2s²) · Σ gᵢ x̂ᵢ",
    "∂ℓ/∂μ": "−γ/s · Σ gᵢ",
    "∂ℓ/∂x": "γ/(m s) · (m gᵢ − Σ gⱼ − x̂ᵢ Σ gⱼ x̂ⱼ)",
    "∂ℓ/∂γ": "Σ gᵢ x̂ᵢ",
    "∂ℓ/∂β": "Σ gᵢ",
    "∂L/∂z": "pₜ Σ yᵢ − yₜ",
    "∂Lₜ/∂zₜ": "−yₜ (1 − pₜ)",
    "∂L/∂z, softmax twice": "J(p)ᵀ (q Σ yᵢ − y)",
    "as printed, yₜ ≠ 1": "∂Lₜ/∂zₜ = pₜ − yₜ",
}
COLUMNS = ["quantity", "formula", "largest difference", "verdict"]


def largest(worst: Mapping[str, float], names: Iterable[str]) -> float:
    """The largest difference of several quantities; infinite where one was not compared or is not a number."""
    found = [worst.get(name, np.inf) for name in names]
    return max(np.inf if np.isnan(value) else value for value in found)


def size(difference: float) -> str:
    """A difference as ``4e-16``; a true zero as ``0``, a large one as ``0.95``."""
    return f"{difference:.0e}" if 0 < difference < 1e-3 else f"{difference:.2g}"


def agrees(worst: Mapping[str, float], names: Iterable[str]) -> bool:
    """Whether several quantities are as derived, within ``TOLERANCE``."""
    return largest(worst, names) < TOLERANCE


def check_rows(worst: Mapping[str, float]) -> list[list]:
    """One row a formula: quantity, formula, the largest difference from Keras or TensorFlow, verdict."""
    return [
        [name, formula, size(largest(worst, [name])), "agrees" if agrees(worst, [name]) else "does not agree"]
        for name, formula in FORMULAS.items()
    ]


def verdict(worst: Mapping[str, float], names: Iterable[str], cases: int, judge: str) -> str:
    """Whether ``judge`` agrees on all of the random cases, and to how much."""
    off = size(largest(worst, names))
    if agrees(worst, names):
        return f"{judge} agrees in all of {cases} random cases; the largest difference is {off}."
    return (
        f"{judge} does **not** agree: in {cases} random cases the largest difference is {off}. The derivation is wrong."
    )


CONVOLUTION_SHORT = (
    r"The output is $(B,\ W',\ H',\ C_{\mathrm{out}})$ with $W' = \lfloor (W+2p_1-k_1)/s_1 \rfloor + 1$ and "
    r"$H' = \lfloor (H+2p_2-k_2)/s_2 \rfloor + 1$; there are $k_1 k_2 C_{\mathrm{in}} C_{\mathrm{out}} + "
    r"C_{\mathrm{out}}$ parameters."
)
BATCH_NORM_SHORT = (
    r"The gradient is $\frac{\partial \ell}{\partial x_i} = \frac{\gamma}{m\,s} ( m\,g_i - \sum g_j - "
    r"\hat{x}_i \sum g_j \hat{x}_j )$ with $g = \partial \ell / \partial y$ and $s = \sqrt{\sigma^2 + \varepsilon}$."
)
BATCH_NORM_REST = (
    r"The others are $\frac{\partial \ell}{\partial \hat{x}_i} = \gamma g_i$, "
    r"$\ \frac{\partial \ell}{\partial \sigma^2} = -\frac{\gamma}{2s^2} \sum g_i \hat{x}_i$ and "
    r"$\ \frac{\partial \ell}{\partial \mu} = -\frac{\gamma}{s} \sum g_i$. "
    r"Scale and shift learn by $\gamma \leftarrow \gamma - \eta \sum g_i \hat{x}_i$ and "
    r"$\beta \leftarrow \beta - \eta \sum g_i$."
)
SOFTMAX_SHORT = (
    r"With $p = \mathrm{softmax}(z)$ and $\sum y_i = 1$, the gradient of the whole loss is "
    r"$\frac{\partial L}{\partial z_t} = p_t - y_t$."
)


def printed(claim: np.ndarray, is_one: np.ndarray) -> dict[str, np.ndarray]:
    """What the exercise says of the single terms, p - y, parted by where y_t = 1 and where not, by name."""
    return dict(zip(PRINTED, (claim[is_one], claim[~is_one]), strict=True))


SOFTMAX_REST = (
    r"In general it is $p_t \sum y_i - y_t$; with softmax applied twice, $q = \mathrm{softmax}(p)$, it is "
    r"$J(p)^\top (q - y)$, where $J_{it} = p_i (\delta_{it} - p_t)$."
)


def printed_claim(worst: Mapping[str, float]) -> str:
    """What is wrong with the exercise as it is printed, and by how much."""
    right, wrong = (largest(worst, [name]) for name in PRINTED)
    if right < TOLERANCE <= wrong:
        return (
            r"The exercise says so of the single term $L_t = -y_t \log p_t$. That is a slip: there it holds only where "
            f"$y_t = 1$ (largest difference {size(right)}); elsewhere it is off by up to {wrong:.2f}."
        )
    return (
        r"Whether the exercise may say so of the single term $L_t = -y_t \log p_t$ these cases do not settle: the "
        f"largest difference is {size(right)} where $y_t = 1$ and {size(wrong)} elsewhere."
    )


def softmax_in_words(worst: Mapping[str, float], cases: int) -> str:
    """The answer to exercise 3 in full."""
    return f"{SOFTMAX_REST} {printed_claim(worst)} {verdict(worst, SOFTMAX, cases, 'TensorFlow')}"


def all_in_words(worst: Mapping[str, float], cases: int) -> str:
    """The answer to all three exercises in short."""
    names = (*CONVOLUTION, *BATCH_NORM, *SOFTMAX)
    good = sum(agrees(worst, [name]) for name in names)
    slip = largest(worst, PRINTED[1:])
    return (
        f"{'All' if good == len(names) else f'{good} of'} {len(names)} derived formulas agree with Keras and "
        f"TensorFlow in {cases} random cases, to within {size(largest(worst, names))}; what exercise 3 prints of a "
        f"single term of the loss {'holds' if slip < TOLERANCE else f'does not, by up to {size(slip)}'}."
    )


def all_key(worst: Mapping[str, float]) -> str:
    """Like ``11 of 11 agree``."""
    names = (*CONVOLUTION, *BATCH_NORM, *SOFTMAX)
    return f"{sum(agrees(worst, [name]) for name in names)} of {len(names)} agree"


def twice_caption(recipe: Recipe) -> str:
    """The caption of the figure on softmax applied twice."""
    return brief_caption(
        recipe,
        "Left: how strongly the loss pulls at the logits z, of each validation image under the CNN (points) and for a "
        "network that hesitates between two classes (lines). Right: validation loss of a small DNN trained either way",
    )


def pull(norms: tuple[np.ndarray, np.ndarray, np.ndarray], wrong: np.ndarray) -> str:
    """How a second softmax changes the gradient on the images that the network gets wrong.

    Args:
        norms: probability of the true class, gradient length with softmax once and twice, each (n,).
        wrong: bool (n,).
    """
    if not wrong.any():
        return "The network makes no mistake on these images, so that there is none to learn from."
    _, once, twice = (values[wrong] for values in norms)
    weaker = float((twice < once).mean())
    verb = "weakens" if weaker > 0.5 else "does not weaken"
    return (
        f"On the {int(wrong.sum()):,} validation images that the CNN gets wrong, a second softmax {verb} what they "
        f"could teach: the gradient's mean length is {once.mean():.2f} with one and {twice.mean():.2f} with two, and "
        f"shorter with two on {percent(weaker)} of them."
    )


def bounds(classes: int) -> str:
    """What a second softmax makes of the best answer that there can be."""
    most = np.e / (np.e + classes - 1)
    return (
        rf"With {classes} classes a softmax of probabilities is at most $e/(e+K-1)$, here {percent(most)}, so that "
        f"its loss cannot fall below {lowest_loss_twice(classes):.2f}."
    )


def trainings(row: list) -> str:
    """What the brief trainings gave, from the paired test of softmax once − twice."""
    found = {
        "higher": "Training with the second softmax recognises fewer validation images",
        "lower": "Training with the second softmax recognises more validation images",
        "no difference shown": "Between a training with and one without the second softmax no difference is shown",
    }[row[-1]]
    return f"{found} (once − twice: {numbers(row)}; one small DNN each, one seed; see {{ref:softmax-twice}})."


def linear(first: float, last: float, repeats: float, strides: tuple[int, int]) -> str:
    """Whether the mean pre-activation of the first convolution is linear in the image, and what ascent can do there.

    Args:
        first, last: how far the gradients at several images differ, as a share of the largest value: of the first
            convolution and of the last.
        repeats: how far the first's gradient is from repeating itself at every stride, as a share of its largest value.
        strides: of the first convolution.
    """
    if not first < 1e-4:
        return (
            f"Its gradients at a black image, a validation image and noise differ by {percent(first)} of the largest "
            "value: here the mean pre-activation of the first convolution is not linear in the image."
        )
    start = (
        "Its gradient is the same at a black image, a validation image and noise: as a share of its largest value the "
        f"largest difference is {size(first)}, at the last convolution {percent(last)}. So ascent adds one and the "
        "same picture from wherever it starts."
    )
    if repeats < 1e-4 and max(strides) == 1:
        return (
            f"{start} Inside the border that picture is flat (largest step {size(repeats)}): ascent only shifts the "
            "brightness. The patterns that notebook 05 finds for these filters come from the ReLU behind them, "
            "which is not linear."
        )
    if repeats < 1e-4:
        return (
            f"{start} Inside the border that picture repeats every {max(strides)} pixels, the stride (largest "
            f"difference {size(repeats)}): ascent only adds this one fine pattern."
        )
    return start
