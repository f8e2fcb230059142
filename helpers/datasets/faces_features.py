"""What a drawn face shows its expression with: brows, eyes and mouth."""

import numpy as np

from helpers.datasets.faces_canvas import BROWS, EYES, MOUTH, Frame, bell, ellipse
from helpers.datasets.faces_parameters import SIDE


def brows(f: Frame, p) -> None:
    """Tapered arcs; inner end, middle and outer end move on their own."""
    f = f.rows(2, 28)
    inner, length = 0.115 - p.brow_pinch, 0.345 + 0.3 * p.brow_pinch
    along = (f.across - inner) / length
    t = np.clip(along, 0, 1)
    middle = p.brow_middle - p.brow_arch
    outer, rest = p.brow_outer + 0.02, 1 - t
    height = p.brow_inner * rest * rest + 2 * middle * t * rest + outer * t * t
    rise, beyond = f.v - p.brow_v - height, (along - t) * length
    slope = (2 * (middle - p.brow_inner) * rest + 2 * (outer - middle) * t) / length
    distance = np.sqrt(rise * rise / (1 + slope * slope) + beyond * beyond)
    distance = distance - p.brow_thick * (1 - 0.5 * t)
    hair = np.minimum(p.hair, p.skin * p.brow_shade) * (0.6 + 0.4 * f.shade)
    f.paint(distance, hair, strength=0.9, soft=1.5)
    # The frown lives between the brows: that patch counts as theirs.
    between = np.maximum(f.across - inner, np.abs(f.v - p.brow_v - 0.01) - 0.09)
    f.mark(BROWS, np.minimum(distance - 0.02, between))


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
    aside = x - p.gaze_u * f.side
    gaze = np.sqrt(aside**2 + (y - p.gaze_v - 0.3 * (lower - upper)) ** 2)
    iris = p.iris * (0.55 + 0.8 * np.clip(gaze / p.iris_size, 0, 1))
    f.blend(iris, inside * f.cover(gaze - p.iris_size))
    f.blend(0.03, inside * f.cover(gaze - 0.45 * p.iris_size))
    spot = aside - f.side * (0.012 + 0.02 * np.sign(p.light_u))
    f.blend(0.97, inside * np.exp((spot**2 + (y + 0.03) ** 2) * -1800) * 0.9)
    lash = bell(lid / (0.8 * f.pixel)) * np.clip((1.18 - np.abs(x) / p.eye_width) * 8, 0, 1)
    f.blend(0.12 * p.skin, 0.85 * lash)
    f.blend(0.5 * p.skin, 0.35 * bell(floor / (0.7 * f.pixel)) * (m > -0.1))
    fold = bell((lid + 0.05 - 0.2 * p.lid_upper) / (0.7 * f.pixel))
    f.blend(0.55 * p.skin, 0.4 * fold * (m > -0.2))
    f.mark(EYES, np.maximum(opening - 0.04, np.abs(x) - 1.1 * p.eye_width))


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
    f.mark(MOUTH, outer - 0.045)
