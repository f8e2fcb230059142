"""Closed forms of convolution, batch normalisation and softmax in NumPy, and random cases to check them on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax, softmax

EPSILON = 1e-3  # of every batch normalisation here; Keras' default
TOLERANCE = 1e-6  # a formula agrees if it is never further off


# --- closed forms ---


@dataclass(frozen=True)
class Convolution:
    """One convolution as the exercise writes it, width before height; two numbers are (along W, along H)."""

    batch: int
    size: tuple[int, int]
    channels: int
    filters: int
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]

    @property
    def output_shape(self) -> tuple[int, int, int, int]:
        """(B, width, height, C_out) of the output.

        Raises:
            ValueError: a kernel that is larger than the padded image, which has no output.
        """
        axes = zip(self.size, self.kernel, self.stride, self.padding, strict=True)
        return (self.batch, *(len(places(*axis)) for axis in axes), self.filters)

    @property
    def parameters(self) -> int:
        """How many weights and biases it has."""
        return self.kernel[0] * self.kernel[1] * self.channels * self.filters + self.filters


def places(n: int, kernel: int, stride: int, padding: int) -> range:
    """Where the kernel begins along one axis of ``n`` values: floor((n + 2 padding - kernel) / stride) + 1 places.

    Raises:
        ValueError: a kernel that is larger than the padded axis.
    """
    if n + 2 * padding < kernel:
        raise ValueError(f"a kernel of {kernel} does not fit into {n} + 2 · {padding}")
    return range(0, ((n + 2 * padding - kernel) // stride + 1) * stride, stride)


def batch_norm_gradients(x: np.ndarray, gamma: np.ndarray, g: np.ndarray) -> dict[str, np.ndarray]:
    """All gradients of a batch normalisation with ``EPSILON`` (Ioffe and Szegedy 2015), channel by channel.

    Args:
        x: the batch, float64 (m, channels).
        gamma: the scale, (channels,).
        g: ∂ℓ/∂y, (m, channels).

    Returns:
        ∂ℓ/∂ of ``x_hat``, ``variance``, ``mu``, ``x``, ``gamma`` and ``beta``, in this order.
    """
    x, gamma, g = (np.asarray(values) for values in (x, gamma, g))
    m, s = len(x), np.sqrt(x.var(0) + EPSILON)
    x_hat = (x - x.mean(0)) / s
    total, along = g.sum(0), (g * x_hat).sum(0)
    return {
        "x_hat": gamma * g,
        "variance": -gamma / (2 * s**2) * along,
        "mu": -gamma / s * total,
        "x": gamma / (m * s) * (m * g - total - x_hat * along),
        "gamma": along,
        "beta": total,
    }


def cross_entropy_gradient(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """∂L/∂z of L = -Σ y log softmax(z) for any y, along the last axis: p Σ y - y."""
    return softmax(z, -1) * y.sum(-1, keepdims=True) - y


def twice_gradient(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """∂L/∂z of L = -Σ y log softmax(softmax(z)), along the last axis: J(p)ᵀ (q Σ y - y) with J = diag(p) - p pᵀ."""
    p = softmax(z, -1)
    inner = cross_entropy_gradient(p, y)
    return p * (inner - (p * inner).sum(-1, keepdims=True))


def softmax_gradients(z: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """The gradients of exercise 3 for logits z and targets y, float64 (K,).

    Returns:
        of the ``loss`` L; of each single ``term`` L_t = -y_t log softmax(z)_t at its own z_t; of L with softmax
        applied ``twice``.
    """
    z = np.asarray(z)
    return {
        "loss": cross_entropy_gradient(z, y),
        "term": -y * (1 - softmax(z, -1)),
        "twice": twice_gradient(z, y),
    }


def lowest_loss_twice(classes: int) -> float:
    """The lowest cross-entropy that a softmax of probabilities can reach: log(1 + (K - 1)/e), at p = one-hot."""
    return float(-log_softmax(np.eye(classes)[0])[0])


# --- random cases ---


def convolutions(count: int, seed: int = 0) -> Iterator[Convolution]:
    """Convolutions of random shapes, strides and paddings, each kernel no larger than the padded image."""
    rng = np.random.default_rng([seed, 1])
    for _ in range(count):
        size, stride, padding = rng.integers(1, 24, 2), rng.integers(1, 5, 2), rng.integers(0, 4, 2)
        kernel = rng.integers(1, np.minimum(size + 2 * padding, 7) + 1)
        batch, channels, filters = rng.integers(1, 6, 3).tolist()
        pairs = [tuple(pair.tolist()) for pair in (size, kernel, stride, padding)]
        yield Convolution(batch, pairs[0], channels, filters, *pairs[1:])


def batches(count: int, seed: int = 0) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Batches x (m, channels) of random size, mean and spread, with γ and β (channels,), float64."""
    rng = np.random.default_rng([seed, 2])
    for _ in range(count):
        m, channels = rng.integers(2, 65), rng.integers(1, 9)
        x = rng.normal(rng.normal(0, 3, channels), rng.uniform(0.1, 3, channels), (m, channels))
        yield x, rng.normal(size=channels), rng.normal(size=channels)


def targets(count: int, seed: int = 0) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Logits z and targets y (K,), float64, of 2 to 12 classes; in turn y is one-hot, soft, and of any sum."""
    rng = np.random.default_rng([seed, 3])
    for case in range(count):
        classes = rng.integers(2, 13)
        y = [
            np.eye(classes)[rng.integers(classes)],
            rng.dirichlet(np.ones(classes)),
            rng.uniform(0, 2, classes),
        ]
        yield rng.normal(0, 2, classes), y[case % 3]


# --- comparing ---


def note(worst: dict[str, float], formulas: Mapping[str, np.ndarray], found: Sequence) -> None:
    """Keep in ``worst``, by name, the largest absolute difference between formulas and what was found, in one order."""
    for (name, formula), value in zip(formulas.items(), found, strict=True):
        difference = np.abs(np.asarray(formula) - np.asarray(value))
        # np.maximum, not max: a difference that is no number must not be lost
        worst[name] = float(np.maximum(worst.get(name, 0.0), difference.max(initial=0)))


@dataclass(frozen=True)
class Check:
    """How far a formula is from what a machine finds.

    Attributes:
        difference: the largest of all cases; None where it is no number.
        exponent: of the power of ten that it does not exceed; None for a difference of 0 or none.
        agrees: whether it is below ``TOLERANCE``.
    """

    difference: float | None
    exponent: int | None
    agrees: bool


def judged(worst: Mapping[str, float]) -> dict[str, Check]:
    """Of each quantity that was compared whether its formula holds."""
    found = {}
    for name, value in worst.items():
        finite = bool(np.isfinite(value))
        exponent = int(np.ceil(np.log10(value))) if finite and value else None
        found[name] = Check(value if finite else None, exponent, bool(value < TOLERANCE))
    return found


def gradient_norms(
    logits: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How hard the loss pulls at each image's logits, with softmax once and twice.

    Args:
        logits: (n, classes).
        labels: int (n,).

    Returns:
        the probability of the true class and the gradient's Euclidean length with softmax once and twice, each (n,).
    """
    z, y = logits.astype("float64"), np.eye(logits.shape[-1])[labels]
    once, twice = (
        np.linalg.norm(f(z, y), axis=-1) for f in (cross_entropy_gradient, twice_gradient)
    )
    return (softmax(z, -1) * y).sum(-1), once, twice


def two_class_path(classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``gradient_norms`` where the network hesitates between the true class and one other, from p = 0 to 1."""
    margin = np.linspace(-12, 12, 201)
    rest = np.full((len(margin), max(classes - 2, 0)), -20.0)
    logits = np.concatenate([margin[:, None], np.zeros((len(margin), 1)), rest], 1)
    return gradient_norms(logits, np.zeros(len(margin), int))
