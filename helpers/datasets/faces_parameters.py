"""Who is drawn and what the face does: every parameter of every drawn face, from a few random numbers.

The numbers stand in ``faces.toml``, which says what each means; here are the rules between them.
"""

import math
import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np

TABLES = tomllib.loads(Path(__file__).with_name("faces.toml").read_text("utf-8"))
CLASSES = tuple(TABLES["expressions"])
COUNTS = TABLES["counts"]
MOVING = tuple(TABLES["geometry"])
"""The regions that have an expression, and can be returned to rest while the others keep theirs."""
SIDE = 48
SPLITS = ("train", "validation", "test")
SEED = 0
UNITS = [f"AU{n}" for n in (1, 2, 4, 5, 6, 7, 9, 10, 12, 15, 16, 17, 20, 23, 25, 26, 27, 43)]
CALM = ("AU9", "AU10", "AU25", "AU26", "AU27")
"""Action units that no face at rest shows."""


class Draws:
    """Random columns, one row an image; each call uses up the next column.

    Args:
        uniforms: (n, k) in [0, 1); normals: (n, k) standard normal.
    """

    def __init__(self, uniforms: np.ndarray, normals: np.ndarray):
        self._uniforms, self._normals = iter(uniforms.T), iter(normals.T)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> np.ndarray:
        return low + (high - low) * next(self._uniforms)

    def normal(self, mean: float, deviation: float) -> np.ndarray:
        """Normal, cut at two deviations: a face is never a monster."""
        return mean + deviation * np.clip(next(self._normals), -2, 2)

    def chance(self, probability: float) -> np.ndarray:
        return (next(self._uniforms) < probability).astype(float)


def parameters(
    split: np.ndarray, index: np.ndarray, labels: np.ndarray, neutral: str | None = None
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """All parameters of the faces with these numbers.

    Args:
        split, index: int (n,), the split's number and the image's number within it.
        labels: int (n,), the expression.
        neutral: a region of ``MOVING`` drawn at rest, or None.

    Returns:
        dict of float32 (n,), and the noise: float32 (n, 48, 48), standard normal. Every image has a random stream of
        its own, so that it does not depend on how many others are drawn, nor on ``neutral``.
    """
    n = len(index)
    uniforms, normals = np.empty((n, 96)), np.empty((n, 80))
    noise = np.empty((n, SIDE, SIDE), np.float32)
    for row in range(n):
        generator = np.random.default_rng([SEED, int(split[row]), int(index[row])])
        generator.random(out=uniforms[row])
        generator.standard_normal(out=normals[row])
        generator.standard_normal(out=noise[row], dtype=np.float32)
    draws = Draws(uniforms, normals)
    values = looks(draws)
    rest, active = action_units(draws, labels)
    for region in MOVING:
        values |= geometry(region, rest if region == neutral else active)
    return {name: np.asarray(value, np.float32) for name, value in values.items()}, noise


def looks(draws: Draws) -> dict:
    """Identity and surroundings: what the tables draw, and what of it depends on the rest."""
    table = TABLES["identity"] | TABLES["surroundings"]
    p = SimpleNamespace()
    for name, factors in table.items():
        drawn = [getattr(draws, kind)(*how) for kind, how in factors.items()]
        setattr(p, name, math.prod(drawn))
    p.long *= p.beard == 0
    p.moustache *= p.beard > 0
    p.bald *= 1 - p.long
    hair = np.where(p.hair_is_light > 0, p.hair_light, p.hair_dark)
    hair = np.where(np.abs(hair - p.skin) < 0.16, hair - 0.3, hair)
    p.hair = np.clip(hair, 0.05, p.skin)
    p.hair_volume += 0.05 * p.long
    p.hair_cut += 0.4 * p.hair_is_low
    p.occluder *= 1 + np.floor(p.occluder_kind)
    p.occluder_side = np.sign(p.occluder_side)
    p.noise = np.where(p.is_grainy > 0, p.noise_grainy, p.noise_fine)
    p.contrast = np.where(p.is_pale > 0, p.contrast_pale, p.contrast_full)
    return vars(p)


def action_units(draws: Draws, labels: np.ndarray) -> tuple[dict, dict]:
    """The face at rest and as it is: two dicts, action unit -> float (n,), about 0..1.

    A face at rest is not blank: everybody's brows and mouth corners have a habit. A neutral face shows in addition a
    trace of some expression.
    """
    table = np.zeros((len(CLASSES), 2, len(UNITS)))
    for row, variants in enumerate(TABLES["expressions"].values()):
        for variant, units in enumerate(variants):
            table[row, variant] = [units.get(unit, 0) for unit in UNITS]
    borrows = [TABLES["borrows"][name] for name in CLASSES]
    partner = np.array([CLASSES.index(one["from"]) for one in borrows])
    share = np.array([one["share"] for one in borrows])

    variant = draws.chance(0.5).astype(int)
    mixed = (share[labels] * draws.uniform() ** 1.5)[:, None]
    intensity = 0.45 + 0.65 * draws.uniform()
    trace_of = (draws.uniform() * 6).astype(int)
    trace = draws.uniform(0, 0.35)
    pattern = (1 - mixed) * table[labels, variant] + mixed * table[partner[labels], variant]
    pattern = pattern * intensity[:, None]
    neutral = labels == CLASSES.index("neutral")
    pattern[neutral] = (trace[:, None] * table[trace_of, variant])[neutral]

    scatter = np.stack([draws.normal(1, 0.22) for _ in UNITS], axis=1)
    habit = np.stack([draws.normal(0, 0.08) for _ in UNITS], axis=1)
    habit[:, [UNITS.index(unit) for unit in CALM]] = 0
    active = (habit + pattern * scatter).clip(-0.15, 1.25)
    return dict(zip(UNITS, habit.T, strict=True)), dict(zip(UNITS, active.T, strict=True))


def geometry(region: str, units: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The shapes of one region, from action units."""
    known = {"plus": 1} | units | {f"{unit}+": value.clip(0) for unit, value in units.items()}
    shapes = {}
    for name, weights in TABLES["geometry"][region].items():
        terms = [weight * known[unit] for unit, weight in weights.items() if unit != "within"]
        shapes[name] = sum(terms).clip(*weights.get("within", [None]))
    return shapes
