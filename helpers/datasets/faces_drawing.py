"""Draws faces from their parameters: signed distances, soft edges, one light; many images at a time.

Coordinates are the face's own: u to the right, v down, the origin between nose and eyes, the head about 0.6 wide and
0.9 high from there; a picture without shift spans -1..1. Everything symmetric is drawn once, in ``across`` = |u|.
Painters go from the back (background) to the front (occluder); each gives the pixels it covers to its region.
"""

from types import SimpleNamespace

import numpy as np

from .faces_canvas import BROWS, EYES, FACE, GROUND, HAIR, MOUTH, NOSE, Frame, bell, ellipse
from .faces_parameters import SIDE

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
        grey = (frame.grey - 0.5) * p.contrast + 0.5 + p.brightness + noise[part] * (p.noise * p.contrast)
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
    f.shade[:] = p.ambient + (1.05 - p.ambient) * np.maximum(
        (across * p.light_u + down * p.light_v) * 0.75 + depth * 0.95, 0
    )


def hair_behind(f: Frame, p) -> None:
    """The mass of hair behind the head, down to the shoulders where it is long."""
    wide, low = p.face_width + p.hair_volume, f.v + 0.12
    down = np.where(low > 0, low * (1 - 0.6 * p.long), low)
    curls = np.sin(13 * f.skull + 3 * p.strands) * np.sin(14 * f.v + p.strands) * p.curl
    f.hair = ellipse(f.skull, down, wide, 0.84 + p.hair_volume) + 0.035 * curls
    fan = (f.skull - p.parting) / (f.v + 1.6)
    f.strands = 1 + 0.05 * np.sin(33 * fan + p.strands) + 0.04 * np.sin(57 * fan - p.strands) + 0.15 * curls
    f.strands += 0.3 * bell((f.hair + 0.17) * 9) * np.maximum(0.7 + f.skull * p.light_u - 0.6 * f.v, 0)
    cut = np.maximum(f.hair, f.v - p.hair_cut - 3 * p.long)
    f.paint(cut + 4 * p.bald, p.hair * f.shade * f.strands * 0.8, HAIR, soft=1.8)


def neck(f: Frame, p) -> None:
    """Neck and clothes; the neck lies in the shadow of the chin and counts as face."""
    below = f.rows(34, SIDE)
    shadow = 0.62 + 0.25 * np.clip((below.v - 0.85) * 3, 0, 1)
    below.paint(np.maximum(np.abs(below.skull) - 0.36, 0.3 - below.v), p.skin * below.shade * shadow, FACE)
    collar = 1.04 - 0.25 * np.maximum(below.across - 0.34, 0) - below.v
    below.paint(collar, p.cloth * (0.75 + 0.25 * below.shade), GROUND)


def head(f: Frame, p) -> None:
    """Ears and head: skin in soft light, with all its bumps and creases."""
    ears = f.rows(10, 38)
    ear = ellipse(np.abs(ears.skull) - p.face_width - 0.01, ears.v + 0.03, np.float32(0.085), np.float32(0.16))
    ears.paint(ear + 2 * p.long, p.skin * ears.shade * (0.8 + 3 * np.clip(ear, -0.04, 0)), FACE)
    down = np.clip(f.v + 0.05, 0, None) / (p.chin_v + p.jaw + 0.05)
    high = f.v + 0.05
    square = down * down
    across = f.skull / (p.face_width * (1 - p.taper * square))
    upright = np.where(high > 0, square * (1 - p.square_jaw + p.square_jaw * square), (high / 0.88) ** 2)
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
    light += 0.12 * p.crow * np.sin((f.v - p.eye_v) * 60 + 1.5) * bell(beside * 17) * bell((f.v - p.eye_v) * 11)


def nose(f: Frame, p) -> None:
    """Wings and nostrils; the region is the bridge and the tip."""
    f = f.rows(10, 40)
    u, lift = f.u + 0.6 * p.turn, p.nose_lift
    across = np.abs(u)
    base, wide = p.nose_v + 0.035 - lift, p.nose_width + 0.5 * lift
    wing = np.abs(ellipse(across - wide, f.v - base + 0.02, np.float32(0.042), np.float32(0.05)))
    f.blend(0.55 * p.skin * f.shade, 0.45 * bell(wing * 32) * (across > wide - 0.01) * bell((f.v - base) * 9))
    nostril = ellipse(across - 0.55 * wide, f.v - base - 0.018, np.float32(0.036), 0.019 + 0.2 * lift)
    f.paint(nostril, 0.22 * p.skin, strength=0.75, soft=1.6)
    reach = np.clip((f.v + 0.2) / (base + 0.2), 0, 1)
    shape = np.maximum(across - 0.085 - (wide - 0.02) * reach * reach, np.maximum(-0.2 - f.v, f.v - base - 0.06))
    np.copyto(f.region, np.uint8(NOSE), where=shape < 0)


def beard(f: Frame, p) -> None:
    """Beard along the jaw and moustache, both behind the lips."""
    f = f.rows(22, SIDE)
    if not p.beard.any():
        return
    edge = 0.36 - 0.9 * np.maximum(f.across - 0.4, 0) + 0.2 * bell(f.across * 3.2)
    grain = p.hair * f.shade * (0.9 + 0.05 * np.sin(47 * f.u + 11 * f.v) + 0.05 * np.sin(29 * f.u - 7 * f.v))
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


def brows(f: Frame, p) -> None:
    """Tapered arcs; inner end, middle and outer end move on their own."""
    f = f.rows(2, 28)
    inner, length = 0.115 - p.brow_pinch, 0.345 + 0.3 * p.brow_pinch
    along = (f.across - inner) / length
    t = np.clip(along, 0, 1)
    middle = p.brow_middle - p.brow_arch
    height = p.brow_inner * (1 - t) * (1 - t) + 2 * middle * t * (1 - t) + (p.brow_outer + 0.02) * t * t
    rise, beyond = f.v - p.brow_v - height, (along - t) * length
    slope = (2 * (middle - p.brow_inner) * (1 - t) + 2 * (p.brow_outer + 0.02 - middle) * t) / length
    distance = np.sqrt(rise * rise / (1 + slope * slope) + beyond * beyond) - p.brow_thick * (1 - 0.5 * t)
    hair = np.minimum(p.hair, p.skin * p.brow_shade) * (0.6 + 0.4 * f.shade)
    f.paint(distance, hair, strength=0.9, soft=1.5)
    # The frown lives between the brows: that patch counts as theirs.
    between = np.maximum(f.across - inner, np.abs(f.v - p.brow_v - 0.01) - 0.09)
    np.copyto(f.region, np.uint8(BROWS), where=np.minimum(distance - 0.02, between) < 0)


def eyes(f: Frame, p) -> None:
    """Whites, iris, pupil, highlight, lids and lashes."""
    f = f.rows(6, 34)
    x, y = f.across - p.eye_u, f.v - p.eye_v
    y = y + p.eye_tilt * x
    m = 1 - (x / p.eye_width) ** 2
    upper = np.maximum(0.066 * p.eye_height + p.lid_upper, 0.012)
    lower = np.maximum(0.05 * p.eye_height - p.lid_lower, 0.008 - upper * 0.5)
    lid, floor = y + upper * m, y - lower * m
    opening = np.maximum(-lid, floor)
    inside = f.cover(opening)
    white = (0.6 + 0.34 * f.shade) * (0.98 - 0.3 * bell(lid * 22)) * (0.78 + 0.22 * p.skin)
    f.blend(white, inside)
    gaze = np.sqrt((x - p.gaze_u * f.side) ** 2 + (y - p.gaze_v - 0.3 * (lower - upper)) ** 2)
    f.blend(p.iris * (0.55 + 0.8 * np.clip(gaze / p.iris_size, 0, 1)), inside * f.cover(gaze - p.iris_size))
    f.blend(0.03, inside * f.cover(gaze - 0.45 * p.iris_size))
    spot = (x - p.gaze_u * f.side - f.side * (0.012 + 0.02 * np.sign(p.light_u))) ** 2 + (y + 0.03) ** 2
    f.blend(0.97, inside * np.exp(spot * -1800) * 0.9)
    lash = bell(lid / (0.8 * f.pixel)) * np.clip((1.18 - np.abs(x) / p.eye_width) * 8, 0, 1)
    f.blend(0.12 * p.skin, 0.85 * lash)
    f.blend(0.5 * p.skin, 0.35 * bell(floor / (0.7 * f.pixel)) * (m > -0.1))
    f.blend(0.55 * p.skin, 0.4 * bell((lid + 0.05 - 0.2 * p.lid_upper) / (0.7 * f.pixel)) * (m > -0.2))
    np.copyto(f.region, np.uint8(EYES), where=np.maximum(opening - 0.04, np.abs(x) - 1.1 * p.eye_width) < 0)


def mouth(f: Frame, p) -> None:
    """Lips, and behind them teeth, tongue or a dark opening."""
    f = f.rows(22, SIDE)
    half = p.mouth_width + p.mouth_wide
    t = f.u / half
    square = t * t
    m = 1 - square
    v = f.v - p.mouth_v - p.mouth_raise - p.mouth_lift * (square - 0.25) - p.mouth_skew * t
    bulge = m * (1 + p.mouth_square * square)
    bow = 1 - 0.28 * np.maximum(1 - 9 * square, 0)
    top, bottom = v + p.open_upper * bulge, v - p.open_lower * bulge
    lip_top = 0.052 * p.lips * np.maximum(1 + p.lip_upper, 0.2)
    lip_bottom = 0.072 * p.lips * np.maximum(1 + p.lip_lower, 0.2)
    # Heights over the slope of the curve give distances, without which steep edges come out jagged.
    steep = (np.abs(p.mouth_lift) + p.open_lower + lip_bottom) * 2 / half
    level = 1 / np.sqrt(1 + np.minimum(square, 1) * steep * steep)
    beyond = (np.abs(t) - 1) * half
    outer = np.maximum(-(top + lip_top * m * bow), bottom - lip_bottom * m) * level
    outer = np.maximum(outer, beyond)
    skin = p.skin * f.shade
    under = (bottom - lip_bottom * m - 0.05) * 16
    f.blend(0.72 * skin, 0.4 * bell(under) * bell(t * 1.3) * np.maximum(1 - p.beard, 0))
    shine = 0.16 * bell((bottom - 0.5 * lip_bottom) / (0.35 * lip_bottom + 0.01)) * bell(t * 2)
    f.paint(outer, skin * (np.where(v > 0, p.lip_shade + 0.06, p.lip_shade - 0.08) + shine))
    inner = np.maximum(np.maximum(-top, bottom) * level, beyond)
    inside = f.cover(inner) * (p.open_upper + p.open_lower > 0.012)
    f.blend(0.07 + 0.05 * p.skin, inside)
    tongue = ellipse(f.u, bottom + 0.01, half * 0.55, 0.055)
    f.blend(0.4 * p.skin + 0.05, inside * 0.7 * f.cover(tongue, 2))
    gaps = 1 - 0.12 * bell(np.sin(f.u * 46) * 2.2)
    f.blend(0.86 * gaps, inside * f.cover(top - 0.075, 1.5) * p.teeth_upper)
    f.blend(0.78 * gaps, inside * f.cover(-bottom - 0.055, 1.5) * p.teeth_lower)
    closed = np.minimum(np.abs(top), np.abs(bottom)) * level
    f.blend(0.22 * p.skin, 0.75 * bell(closed / (0.55 * f.pixel)) * f.cover(beyond - 0.01))
    np.copyto(f.region, np.uint8(MOUTH), where=outer < 0.045)


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
    scarf = 0.62 - 0.2 * p.occluder_place + 0.1 * f.u * p.occluder_side - f.v + 9 * (p.occluder != 1)
    f.paint(scarf, p.occluder_shade * weave * (0.6 + 0.4 * f.shade), HAIR)
    u, v = f.u * p.occluder_side - 0.45, f.v - 0.15 - 0.6 * p.occluder_place
    fingers = np.maximum(np.abs(v) - 0.26, -u - 0.12 * np.sqrt(np.maximum(1 - (v / 0.27) ** 2, 0)))
    creases = 1 - 0.35 * bell(np.sin(v * 24) * 3)
    f.paint(fingers + 9 * (p.occluder != 2), p.skin * 0.95 * f.shade * creases, HAIR)
    lock = np.abs(f.u * p.occluder_side - 0.46 + 0.3 * f.v * f.v) - 0.09
    f.paint(lock + 9 * (p.occluder != 3), p.hair * f.strands * f.shade, HAIR)


PAINTERS = (background, hair_behind, neck, head, nose, beard, hair_in_front, brows, eyes, mouth, glasses, occluder)
