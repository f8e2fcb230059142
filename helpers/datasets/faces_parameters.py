"""Who is drawn and what the face does: every parameter of every drawn face, from a few random numbers.

An expression is a set of facial action units (Ekman and Friesen, Facial Action Coding System, 1978): AU1 raises the
inner brow, AU12 pulls the lip corners up, and so on. ``geometry`` turns action units into shapes, grouped by the region
of the face they move, so that one region can be returned to rest while the others keep their expression.
"""

import numpy as np

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SIDE = 48
SPLITS = ("train", "validation", "test")

MOVING = ("brows", "eyes", "nose", "mouth", "face")  # regions with an expression: the groups of ``geometry``
UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 15, 16, 17, 20, 23, 25, 26, 27, 43)

# Action units at full intensity; where faces show one emotion in two ways (a closed and a shouting angry mouth, a
# smile with and without teeth), there are two rows to choose from.
EXPRESSIONS = {
    "angry": (
        {4: 1.0, 5: 0.45, 7: 0.65, 17: 0.5, 23: 0.95, 15: 0.25},
        {4: 1.0, 5: 0.6, 7: 0.5, 9: 0.2, 10: 0.45, 16: 0.6, 20: 0.35, 25: 0.7, 26: 0.35},
    ),
    "disgust": (
        {4: 0.55, 6: 0.5, 7: 0.75, 9: 1.0, 10: 0.9, 15: 0.5, 17: 0.5},
        {4: 0.55, 6: 0.4, 7: 0.75, 9: 1.0, 10: 1.0, 15: 0.3, 16: 0.5, 25: 0.45},
    ),
    "fear": (
        {1: 1.0, 2: 0.45, 4: 0.6, 5: 0.9, 20: 0.9, 25: 0.7, 26: 0.2},
        {1: 1.0, 2: 0.55, 4: 0.5, 5: 1.0, 20: 0.7, 25: 0.7, 26: 0.7},
    ),
    "happy": ({6: 0.8, 12: 0.9}, {6: 1.0, 12: 1.0, 25: 0.8, 26: 0.35}),
    "sad": ({1: 1.0, 4: 0.4, 15: 1.0, 17: 0.6, 43: 0.4}, {1: 0.8, 4: 0.5, 7: 0.3, 15: 0.9, 20: 0.2, 43: 0.55}),
    "surprise": ({1: 0.9, 2: 1.0, 5: 0.8, 26: 1.0}, {1: 1.0, 2: 1.0, 5: 1.0, 26: 0.7, 27: 0.9}),
    "neutral": ({}, {}),
}
# How far a face of one class may borrow from its neighbour: this is what makes fear and surprise hard to tell apart
# in both directions, and disgust look like anger but anger seldom like disgust.
BORROWS = {
    "angry": ("disgust", 0.25),
    "disgust": ("angry", 0.75),
    "fear": ("surprise", 0.5),
    "happy": ("surprise", 0.12),
    "sad": ("fear", 0.45),
    "surprise": ("fear", 0.45),
}


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


def parameters(seed: int, split: np.ndarray, index: np.ndarray, labels: np.ndarray, neutral: str | None = None):
    """All parameters of the faces with these numbers.

    Args:
        seed: of the data set; split, index: int (n,), the split's number and the image's number within it.
        labels: int (n,), the expression.
        neutral: a region of ``geometry`` drawn at rest, or None.

    Returns:
        dict of float32 (n,), and the noise: float32 (n, 48, 48), standard normal. Every image has a random stream of
        its own, so that it does not depend on how many others are drawn, nor on ``neutral``.
    """
    n = len(index)
    uniforms, normals = np.empty((n, 96)), np.empty((n, 80))
    noise = np.empty((n, SIDE, SIDE), np.float32)
    for row in range(n):
        generator = np.random.default_rng([seed, int(split[row]), int(index[row])])
        generator.random(out=uniforms[row])
        generator.standard_normal(out=normals[row])
        generator.standard_normal(out=noise[row], dtype=np.float32)
    draws = Draws(uniforms, normals)
    values = identity(draws) | surroundings(draws)
    rest, active = action_units(draws, labels)
    shapes, resting = geometry(active), geometry(rest)
    for region, group in shapes.items():
        values |= resting[region] if region == neutral else group
    return {name: np.asarray(value, np.float32) for name, value in values.items()}, noise


def identity(draws: Draws) -> dict:
    """Whose face it is: proportions, skin, hair, glasses and beard, in units of half the picture's side."""
    skin = draws.uniform(0.42, 0.82)
    beard = draws.chance(0.16) * draws.uniform(0.35, 0.95)
    long = draws.chance(0.38) * (beard == 0)
    hair = np.where(draws.chance(0.25) > 0, draws.uniform(0.5, 0.8), draws.uniform(0.06, 0.34))
    hair = np.where(np.abs(hair - skin) < 0.16, hair - 0.3, hair)
    return {
        "skin": skin,
        "beard": beard,
        "moustache": (beard > 0) * draws.chance(0.7) * draws.uniform(0.5, 0.9),
        "hair": np.clip(hair, 0.05, skin),
        "long": long,
        "hair_volume": draws.uniform(0.05, 0.15) + 0.05 * long,
        "hairline": draws.uniform(-0.72, -0.57),
        "parting": draws.normal(0, 0.16),
        "sweep": draws.chance(0.5) * draws.normal(0, 0.16),
        "fringe": draws.uniform(0, 0.6),
        "temples": draws.chance(0.5) * draws.uniform(0, 0.14),
        "hair_cut": draws.uniform(0, 0.3) + draws.chance(0.15) * 0.4,
        "curl": draws.chance(0.3) * draws.uniform(0.4, 1),
        "bald": draws.chance(0.07) * (1 - long),
        "strands": draws.uniform(0, 6.28),
        "face_width": draws.normal(0.62, 0.03),
        "chin_v": draws.normal(0.88, 0.03),
        "taper": draws.uniform(0.1, 0.34),
        "square_jaw": draws.uniform(0, 0.5),
        "eye_u": draws.normal(0.27, 0.012),
        "eye_v": draws.normal(-0.12, 0.015),
        "eye_width": draws.normal(0.16, 0.009),
        "eye_height": draws.normal(1, 0.1),
        "eye_tilt": draws.normal(0.04, 0.06),
        "mouth_skew": draws.normal(0, 0.005),
        "iris": draws.uniform(0.12, 0.42),
        "iris_size": draws.normal(0.078, 0.004),
        "brow_v": draws.normal(-0.33, 0.012),
        "brow_thick": draws.normal(0.036, 0.007),
        "brow_shade": draws.uniform(0.3, 0.5),
        "brow_arch": draws.normal(0.035, 0.012),
        "nose_v": draws.normal(0.17, 0.02),
        "nose_width": draws.normal(0.095, 0.012),
        "mouth_v": draws.normal(0.465, 0.018),
        "mouth_width": draws.normal(0.235, 0.016),
        "lips": draws.normal(1, 0.17),
        "lip_shade": draws.uniform(0.62, 0.8),
        "glasses": draws.chance(0.14),
        "glasses_shade": draws.uniform(0.06, 0.3),
        "glasses_round": draws.uniform(0, 1),
    }


def surroundings(draws: Draws) -> dict:
    """Pose, gaze, light, background, occlusion and noise."""
    grainy = draws.chance(0.05)
    return {
        "shift_u": draws.normal(0, 0.08),
        "shift_v": draws.normal(0.02, 0.06),
        "scale": draws.normal(1.06, 0.06),
        "angle": draws.normal(0, 0.11),
        "turn": draws.normal(0, 0.045),
        "gaze_u": draws.normal(0, 0.016),
        "gaze_v": draws.normal(0, 0.006),
        "light_u": draws.normal(0, 0.5),
        "light_v": draws.uniform(-0.75, -0.1),
        "ambient": draws.uniform(0.52, 0.76),
        "ground": draws.uniform(0.1, 0.9),
        "ground_slope_u": draws.normal(0, 0.1),
        "ground_slope_v": draws.normal(0, 0.1),
        "ground_wave": draws.chance(0.5) * draws.uniform(0.03, 0.12),
        "wave_u": draws.normal(0, 4),
        "wave_v": draws.normal(0, 4),
        "wave_phase": draws.uniform(0, 6.28),
        "cloth": draws.uniform(0.1, 0.85),
        "occluder": draws.chance(0.04) * (1 + np.floor(3 * draws.uniform())),
        "occluder_side": np.sign(draws.uniform(-1, 1)),
        "occluder_place": draws.uniform(),
        "occluder_shade": draws.uniform(0.15, 0.8),
        "noise": np.where(grainy > 0, draws.uniform(0.02, 0.035), draws.uniform(0.004, 0.013)),
        "contrast": np.where(draws.chance(0.04) > 0, draws.uniform(0.6, 0.75), draws.uniform(0.9, 1.08)),
        "brightness": draws.normal(0, 0.03),
    }


def action_units(draws: Draws, labels: np.ndarray) -> tuple[dict, dict]:
    """The face at rest and as it is: two dicts, action unit -> float (n,), about 0..1.

    A face at rest is not blank: everybody's brows and mouth corners have a habit. A neutral face shows in addition a
    trace of some expression.
    """
    table = np.zeros((len(CLASSES), 2, len(UNITS)))
    for row, name in enumerate(CLASSES):
        for variant, units in enumerate(EXPRESSIONS[name]):
            table[row, variant] = [units.get(unit, 0) for unit in UNITS]
    partner = np.array([CLASSES.index(BORROWS.get(name, ("neutral", 0))[0]) for name in CLASSES])
    share = np.array([BORROWS.get(name, ("neutral", 0))[1] for name in CLASSES])

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
    habit[:, [UNITS.index(unit) for unit in (9, 10, 25, 26, 27)]] = 0
    active = (habit + pattern * scatter).clip(-0.15, 1.25)
    return dict(zip(UNITS, habit.T, strict=True)), dict(zip(UNITS, active.T, strict=True))


def geometry(au: dict) -> dict[str, dict]:
    """Shapes from action units, by the region they move; lengths in half picture sides, v points down."""
    return {
        "brows": {
            "brow_inner": -0.16 * au[1] + 0.09 * au[4] + 0.03 * au[9] - 0.02 * au[2],
            "brow_middle": -0.14 * au[2] - 0.03 * au[1] + 0.045 * au[4] + 0.02 * au[9],
            "brow_outer": -0.12 * au[2] + 0.01 * au[4],
            "brow_pinch": 0.05 * au[4],
            "furrow": (au[4] - 0.1).clip(0),
        },
        "eyes": {
            "lid_upper": 0.05 * au[5] - 0.028 * au[7] - 0.045 * au[43] - 0.012 * au[6] - 0.012 * au[9] + 0.012 * au[27],
            "lid_lower": 0.04 * au[6] + 0.024 * au[7] + 0.016 * au[9] - 0.008 * au[5],
            "crow": au[6].clip(0),
        },
        "nose": {"nose_wrinkle": au[9].clip(0), "nose_lift": 0.045 * au[9] + 0.015 * au[10]},
        "mouth": {
            "mouth_lift": -0.175 * au[12] + 0.125 * au[15] + 0.025 * au[17],
            "mouth_wide": 0.1 * au[12] + 0.075 * au[20] - 0.03 * au[23] - 0.05 * au[27] - 0.06 * au[26],
            "mouth_raise": -0.02 * au[10] - 0.025 * au[12] - 0.015 * au[17],
            "open_upper": (0.05 * au[10] + 0.02 * au[25] + 0.065 * au[26] + 0.05 * au[27] - 0.03 * au[23]).clip(0),
            "open_lower": (0.075 * au[25] + 0.1 * au[26] + 0.11 * au[27] + 0.05 * au[16]).clip(0),
            "mouth_square": (0.8 * au[20] + 0.7 * au[16] + 0.6 * au[10] - au[12]).clip(0, 1),
            "lip_upper": -0.35 * au[12] - 0.55 * au[23] - 0.25 * au[20] - 0.2 * au[10],
            "lip_lower": -0.2 * au[12] - 0.5 * au[23] - 0.2 * au[20] + 0.25 * au[17] + 0.1 * au[16],
            "teeth_upper": (1.1 * au[12] + 0.8 * au[10] + 0.5 * au[20] + 0.3 * au[25] - 0.5 * au[27]).clip(0, 1),
            "teeth_lower": (1.1 * au[16] + 0.35 * au[20] - 0.5 * au[26] - au[12]).clip(0, 1),
        },
        "face": {
            "cheek": au[6].clip(0) + 0.4 * au[12].clip(0) + 0.3 * au[9],
            "fold": (0.85 * au[12] + 0.8 * au[10] + 0.55 * au[9] + 0.15 * au[15]).clip(0),
            "fold_wide": 0.13 * au[12] + 0.03 * au[10],
            "jaw": 0.045 * au[26].clip(0) + 0.07 * au[27].clip(0),
            "forehead": (0.5 * au[1] + 0.8 * au[2] - 0.15).clip(0),
            "chin_ball": au[17].clip(0),
        },
    }
