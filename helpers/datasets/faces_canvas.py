"""The canvas that faces are painted on: pixels in the face's own coordinates, soft edges, and a map of regions."""

from types import SimpleNamespace

import numpy as np

from helpers.datasets.faces_parameters import SIDE

REGIONS = ("brows", "eyes", "nose", "mouth", "face", "hair and accessories", "background")
BROWS, EYES, NOSE, MOUTH, FACE, HAIR, GROUND = range(len(REGIONS))


def bell(x: np.ndarray) -> np.ndarray:
    """1 at 0, falling softly to 0 within about 2."""
    return np.exp(-x * x)


def ellipse(u, v, half_width, half_height):
    """Signed distance to an ellipse around the origin, exact near its edge where it is round."""
    outward = np.sqrt((u / half_width) ** 2 + (v / half_height) ** 2) - 1
    return outward * np.minimum(half_width, half_height)


class Frame:
    """The canvas in the face's own coordinates.

    Attributes:
        u, v: float32 (n, rows, 48), coordinates; across = |u|; side = -1 left, 1 right.
        skull: u as seen from the head's outline: when the head turns, the features move across it.
        grey: float32, what is drawn so far, 0..1; region: uint8.
        shade: float32, the light that a smooth head would receive, about 0.4..1.1.
        pixel: float32 (n, 1, 1), a pixel's side in these coordinates.
    """

    def __init__(self, p: SimpleNamespace):
        steps = ((np.arange(SIDE, dtype=np.float32) + 0.5) * 2 / SIDE) - 1
        x, y = steps[None, None, :] - p.shift_u, steps[None, :, None] - p.shift_v
        cosine, sine = np.cos(p.angle) / p.scale, np.sin(p.angle) / p.scale
        self.u, self.v = x * cosine + y * sine, y * cosine - x * sine
        self.pixel = np.float32(2 / SIDE) / p.scale
        self.skull = self.u + p.turn
        self.side, self.across = np.sign(self.u), np.abs(self.u)
        self.grey = np.zeros_like(self.u)
        self.shade = np.zeros_like(self.u)
        self.region = np.full(self.u.shape, GROUND, np.uint8)

    def rows(self, top: int, bottom: int) -> "Frame":
        """The same canvas, rows top..bottom only: what lies there costs less to draw."""
        part = object.__new__(Frame)
        part.__dict__ = {
            name: value if name == "pixel" else value[:, top:bottom]
            for name, value in self.__dict__.items()
        }
        return part

    def cover(self, distance, soft=1.2):
        """How much of each pixel lies inside a shape, 0..1, from the signed distance to its edge."""
        inside = distance * (-1 / (soft * self.pixel))
        inside += 0.5
        return np.clip(inside, 0, 1, out=inside)

    def blend(self, grey, amount):
        """Paint with a grey value (a number or an array) where ``amount`` (0..1) says how much."""
        self.grey += amount * (grey - self.grey)

    def mark(self, region: int, distance):
        """Give the inside of a shape to a region."""
        np.copyto(self.region, np.uint8(region), where=distance < 0)

    def paint(self, distance, grey, region=None, strength=1, soft=1.2):
        """Paint the inside of a shape; its region is what lies inside, however faint the paint."""
        self.blend(grey, self.cover(distance, soft) * strength)
        if region is not None:
            self.mark(region, distance)
