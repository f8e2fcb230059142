"""Draws faces from their parameters: signed distances, soft edges, one light; many images at a time.

Coordinates are the face's own: u to the right, v down, the origin between nose and eyes, the head about 0.6 wide and
0.9 high from there; a picture without shift spans -1..1. Everything symmetric is drawn once, in ``across`` = |u|.
Painters go from the back (background) to the front (occluder); each gives the pixels it covers to its region.
"""

from types import SimpleNamespace

import numpy as np

from helpers.datasets.faces_canvas import FACE, GROUND, HAIR, NOSE, Frame, bell, ellipse
from helpers.datasets.faces_features import brows, eyes, mouth
from helpers.datasets.faces_parameters import SIDE

CHUNK = 32  # images at a time: few enough for the arrays to stay in the processor's cache


def render(parameters: dict[str, np.ndarray], noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw faces.

    Args:
        parameters: float32 (n,) each, as ``faces_parameters.parameters`` makes them.
        noise: float32 (n, 48, 48), standard normal.

    Returns:
        images: uint8 (n, 48, 48, 1), and regions: uint8 (n, 48, 48), an index of ``REGIONS``.
    """
    images, regions = np.empty(noise.shape, np.uint8), np.empty(noise.shape, np.uint8)
    for start in range(0, len(noise), CHUNK):
        part = slice(start, start + CHUNK)
        p = SimpleNamespace(**{name: value[part, None, None] for name, value in parameters.items()})
        frame = Frame(p)
        for painter in PAINTERS:
            painter(frame, p)
        grey = (frame.grey - 0.5) * p.contrast + 0.5 + p.brightness
        grey += noise[part] * (p.noise * p.contrast)
        images[part] = np.clip(grey * 255 + 0.5, 0, 255)
        regions[part] = frame.region
    return images[..., None], regions


def background(f: Frame, p) -> None:
    """A soft gradient with a wave; the light on everything in front of it."""
    f.grey[:] = p.ground + p.ground_slope_u * f.u + p.ground_slope_v * f.v
    f.grey += p.ground_wave * np.sin(p.wave_u * f.u + p.wave_v * f.v + p.wave_phase)
    np.clip(f.grey, 0.04, 0.95, out=f.grey)
    across, down = f.u * 0.95, (f.v + 0.05) * 0.8
    depth = np.sqrt(np.maximum(1 - 0.85 * (across * across + down * down), 0.04))
    lit = (across * p.light_u + down * p.light_v) * 0.75 + depth * 0.95
    f.shade[:] = p.ambient + (1.05 - p.ambient) * np.maximum(lit, 0)


def hair_behind(f: Frame, p) -> None:
    """The mass of hair behind the head, down to the shoulders where it is long."""
    wide, low = p.face_width + p.hair_volume, f.v + 0.12
    down = np.where(low > 0, low * (1 - 0.6 * p.long), low)
    curls = np.sin(13 * f.skull + 3 * p.strands) * np.sin(14 * f.v + p.strands) * p.curl
    f.hair = ellipse(f.skull, down, wide, 0.84 + p.hair_volume) + 0.035 * curls
    fan = (f.skull - p.parting) / (f.v + 1.6)
    fine, finer = np.sin(33 * fan + p.strands), np.sin(57 * fan - p.strands)
    f.strands = 1 + 0.05 * fine + 0.04 * finer + 0.15 * curls
    lit = np.maximum(0.7 + f.skull * p.light_u - 0.6 * f.v, 0)
    f.strands += 0.3 * bell((f.hair + 0.17) * 9) * lit
    cut = np.maximum(f.hair, f.v - p.hair_cut - 3 * p.long)
    f.paint(cut + 4 * p.bald, p.hair * f.shade * f.strands * 0.8, HAIR, soft=1.8)


def neck(f: Frame, p) -> None:
    """Neck and clothes; the neck lies in the shadow of the chin and counts as face."""
    below = f.rows(34, SIDE)
    shadow = 0.62 + 0.25 * np.clip((below.v - 0.85) * 3, 0, 1)
    throat = np.maximum(np.abs(below.skull) - 0.36, 0.3 - below.v)
    below.paint(throat, p.skin * below.shade * shadow, FACE)
    collar = 1.04 - 0.25 * np.maximum(below.across - 0.34, 0) - below.v
    below.paint(collar, p.cloth * (0.75 + 0.25 * below.shade), GROUND)


def head(f: Frame, p) -> None:
    """Ears and head: skin in soft light, with all its bumps and creases."""
    ears = f.rows(10, 38)
    beside = np.abs(ears.skull) - p.face_width - 0.01
    ear = ellipse(beside, ears.v + 0.03, np.float32(0.085), np.float32(0.16))
    ears.paint(ear + 2 * p.long, p.skin * ears.shade * (0.8 + 3 * np.clip(ear, -0.04, 0)), FACE)
    down = np.clip(f.v + 0.05, 0, None) / (p.chin_v + p.jaw + 0.05)
    high = f.v + 0.05
    square = down * down
    across = f.skull / (p.face_width * (1 - p.taper * square))
    chin = square * (1 - p.square_jaw + p.square_jaw * square)
    upright = np.where(high > 0, chin, (high / 0.88) ** 2)
    f.head = (np.sqrt(across * across + upright) - 1) * p.face_width
    rim = 0.12 * bell(f.head * 9)
    f.paint(f.head, p.skin * (f.shade + relief(f, p) - rim), FACE)


def bump(f: Frame, p, u, v, wide, high, mirrored=True):
    """The light on a soft hill at (u, v): brighter towards the light, darker behind."""
    a, b = ((f.across if mirrored else f.u) - u) / wide, (f.v - v) / high
    light = (f.side * p.light_u if mirrored else p.light_u) * a + p.light_v * b + 0.35
    return np.exp(-0.5 * (a * a + b * b)) * light


def relief(f: Frame, p) -> np.ndarray:
    """Light added to (or taken from) the skin by its hills and creases, float32 like the frame."""
    light = np.zeros_like(f.u)
    # Rows are generous bounds of where a part of the face can lie, given the limits of the pose.
    part = f.rows(6, 40)
    total = light[:, 6:40]
    total += 0.3 * bump(part, p, -0.6 * p.turn, p.nose_v - 0.03, 0.075, 0.07, mirrored=False)
    total += 0.2 * bump(part, p, -0.3 * p.turn, -0.08, 0.055, 0.17, mirrored=False)
    total -= 0.22 * bump(part, p, p.eye_u - 0.03, p.eye_v - 0.02, 0.16, 0.1)
    total += (0.08 + 0.22 * p.cheek) * bump(part, p, 0.37, 0.2 - 0.05 * p.cheek, 0.13, 0.1)
    beneath = part.across - p.eye_u  # raised cheeks push up a fold beneath the eye
    crease = part.v - p.eye_v - 0.13 - 0.4 * beneath * beneath
    total -= 0.12 * p.cheek * bell(crease * 30) * bell(beneath * 6)
    total -= 0.16 * bell((part.v - p.nose_v - 0.1) * 16) * bell(part.across * 7)
    forehead_and_brows(f.rows(3, 28), p, light[:, 3:28])
    nose_creases(part, p, total)
    lower = f.rows(22, SIDE)
    total = light[:, 22:]
    chin = p.chin_v + p.jaw - 0.13
    total += (0.14 + 0.2 * p.chin_ball) * bump(lower, p, 0, chin, 0.14, 0.08, mirrored=False)
    total += 0.07 * bump(lower, p, 0, p.mouth_v, 0.3, 0.16, mirrored=False)
    along = np.clip((lower.v - p.nose_v + 0.03) / 0.36, -0.3, 1.4)
    fold = lower.across - 0.125 - (0.15 + p.fold_wide) * along
    total -= (0.05 + 0.24 * p.fold) * bell(fold * 24) * bell((along - 0.45) * 1.7)
    return light


def forehead_and_brows(f: Frame, p, light) -> None:
    """Furrows between lowered brows, lines on the forehead above raised ones."""
    light -= 0.42 * p.furrow * bell((f.across - 0.05) * 34) * bell((f.v + 0.31) * 8.5)
    lines = np.sin((f.v - 0.12 * f.across * f.across) * 55)
    light += 0.13 * p.forehead * lines * bell((f.v + 0.53) * 9) * bell(f.across * 2.6)


def nose_creases(f: Frame, p, light) -> None:
    """Wrinkles across the bridge of the nose, crow's feet beside the eyes."""
    creases = np.sin((f.v - 0.5 * f.across) * 62)
    light += 0.26 * p.nose_wrinkle * creases * bell((f.v + 0.08) * 8) * bell(f.across * 6.5)
    beside = f.across - p.eye_u - p.eye_width - 0.09
    down = f.v - p.eye_v
    light += 0.12 * p.crow * np.sin(down * 60 + 1.5) * bell(beside * 17) * bell(down * 11)


def nose(f: Frame, p) -> None:
    """Wings and nostrils; the region is the bridge and the tip."""
    f = f.rows(10, 40)
    u, lift = f.u + 0.6 * p.turn, p.nose_lift
    across = np.abs(u)
    base, wide = p.nose_v + 0.035 - lift, p.nose_width + 0.5 * lift
    wing = np.abs(ellipse(across - wide, f.v - base + 0.02, np.float32(0.042), np.float32(0.05)))
    outside = 0.45 * bell(wing * 32) * (across > wide - 0.01) * bell((f.v - base) * 9)
    f.blend(0.55 * p.skin * f.shade, outside)
    u, v, high = across - 0.55 * wide, f.v - base - 0.018, 0.019 + 0.2 * lift
    f.paint(ellipse(u, v, np.float32(0.036), high), 0.22 * p.skin, strength=0.75, soft=1.6)
    reach = np.clip((f.v + 0.2) / (base + 0.2), 0, 1)
    flank = across - 0.085 - (wide - 0.02) * reach * reach
    f.mark(NOSE, np.maximum(flank, np.maximum(-0.2 - f.v, f.v - base - 0.06)))


def beard(f: Frame, p) -> None:
    """Beard along the jaw and moustache, both behind the lips."""
    f = f.rows(22, SIDE)
    if not p.beard.any():
        return
    edge = 0.36 - 0.9 * np.maximum(f.across - 0.4, 0) + 0.2 * bell(f.across * 3.2)
    grain = 0.9 + 0.05 * np.sin(47 * f.u + 11 * f.v) + 0.05 * np.sin(29 * f.u - 7 * f.v)
    grain = p.hair * f.shade * grain
    shape = np.maximum(edge - f.v, f.head - 0.01) + 2 * (p.beard == 0)
    f.paint(shape, grain, HAIR, strength=p.beard, soft=3)
    middle = p.nose_v + 0.15 + 0.35 * f.across * f.across
    shape = np.maximum(np.abs(f.v - middle) - 0.045, f.across - 0.24) + 2 * (p.moustache == 0)
    f.paint(shape, grain, HAIR, strength=p.moustache, soft=2)


def hair_in_front(f: Frame, p) -> None:
    """Hair above the hairline and beside the face."""
    f = f.rows(0, 46)
    across = np.abs(f.skull)
    line = p.hairline + p.fringe * f.skull * f.skull + p.sweep * (f.skull - p.parting)
    line += 0.02 * np.sin(21 * f.skull + p.strands) - p.temples * bell((across - 0.36) * 8)
    beside = np.maximum(across - p.face_width + 0.1 + p.long * (0.06 - 0.1 * f.v * f.v), 0)
    rise = f.v - np.minimum(line + 8 * beside, p.hair_cut - 0.1 + 3 * p.long)
    steep = 1.4 + np.minimum(60 * beside, 6)  # height over slope is distance: soft edges there, too
    shape = np.maximum(rise / steep, f.hair) + 4 * p.bald
    f.blend(0.7 * f.grey, 0.6 * f.cover(np.maximum(rise - 0.05, f.head) + 4 * p.bald, 2.5))
    f.paint(shape, p.hair * f.shade * f.strands, HAIR, soft=1.8)


def glasses(f: Frame, p) -> None:
    """Rims, bridge and temples."""
    if not p.glasses.any():
        return
    f = f.rows(6, 34)
    corner = 0.05 + 0.1 * p.glasses_round
    a = np.maximum(np.abs(f.across - p.eye_u) - 0.21 + corner, 0)
    b = np.maximum(np.abs(f.v - p.eye_v - 0.02) - 0.165 + corner, 0)
    rim = np.abs(np.sqrt(a * a + b * b) - corner)
    bridge = np.maximum(np.abs(f.v - p.eye_v + 0.03), f.across - p.eye_u + 0.21)
    temple = np.maximum(np.abs(f.v - p.eye_v + 0.05), np.maximum(p.eye_u + 0.21 - f.across, f.head))
    line = np.minimum(rim, np.minimum(bridge, temple)) - 0.018
    f.paint(line + 2 * (p.glasses == 0), p.glasses_shade, HAIR, strength=0.9)


def occluder(f: Frame, p) -> None:
    """Seldom something stands in front: a scarf, a hand or a strand of hair."""
    if not p.occluder.any():
        return
    weave = 1 + 0.1 * np.sin(30 * f.v + 8 * f.u)
    scarf = 0.62 - 0.2 * p.occluder_place + 0.1 * f.u * p.occluder_side - f.v
    f.paint(scarf + 9 * (p.occluder != 1), p.occluder_shade * weave * (0.6 + 0.4 * f.shade), HAIR)
    u, v = f.u * p.occluder_side - 0.45, f.v - 0.15 - 0.6 * p.occluder_place
    fingers = np.maximum(np.abs(v) - 0.26, -u - 0.12 * np.sqrt(np.maximum(1 - (v / 0.27) ** 2, 0)))
    creases = 1 - 0.35 * bell(np.sin(v * 24) * 3)
    f.paint(fingers + 9 * (p.occluder != 2), p.skin * 0.95 * f.shade * creases, HAIR)
    lock = np.abs(f.u * p.occluder_side - 0.46 + 0.3 * f.v * f.v) - 0.09
    f.paint(lock + 9 * (p.occluder != 3), p.hair * f.strands * f.shade, HAIR)


BACK = (background, hair_behind, neck, head, nose, beard, hair_in_front)
PAINTERS = (*BACK, brows, eyes, mouth, glasses, occluder)
