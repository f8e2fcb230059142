"""Random changes to training images: one Keras layer that goes in front of a network for ``fit`` only."""

import math

from helpers.backend import keras, ops
from helpers.networks.recipes import Augmentation


class RandomChange(keras.layers.Layer):
    """Flips, turns, scales, shifts, re-lights and partly erases images, in one pass.

    One affine transformation costs a third of the four stock layers that do the same. Images
    (n, height, width, channels) in 0..255 come out in the same shape and range; borders are filled with the nearest
    pixel, an erased square with the image's mean. Does nothing outside training.
    """

    def __init__(self, change: Augmentation, **kwargs):
        super().__init__(dtype="float32", **kwargs)
        self.change = change
        self.seed_generator = keras.random.SeedGenerator(0)

    def _uniform(self, count, low=-1.0, high=1.0):
        return keras.random.uniform((count,), low, high, seed=self.seed_generator)

    def _affine(self, count, height, width):
        """Output to input coordinates, (n, 8), about the image's centre."""
        change = self.change
        angle = self._uniform(count) * math.radians(change.rotation)
        scale = 1 / (1 + self._uniform(count) * change.zoom)
        mirror = ops.sign(self._uniform(count)) if change.flip else ops.ones((count,))
        a, b = scale * ops.cos(angle), scale * ops.sin(angle)
        x0, y0 = (width - 1) / 2, (height - 1) / 2
        dx = x0 + self._uniform(count) * change.shift * width
        dy = y0 + self._uniform(count) * change.shift * height
        x_of_x, x_of_y, y_of_x, y_of_y = a * mirror, -b, b * mirror, a
        zero = ops.zeros_like(a)
        of_x = [x_of_x, x_of_y, dx - x_of_x * x0 - x_of_y * y0]
        of_y = [y_of_x, y_of_y, dy - y_of_x * x0 - y_of_y * y0]
        return ops.stack([*of_x, *of_y, zero, zero], axis=1)

    def _tone(self, images, count):
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
        gain = 1 + self._uniform(count) * self.change.contrast
        lift = self._uniform(count, -255.0, 255.0) * self.change.brightness
        gain, lift = (ops.reshape(each, (count, 1, 1, 1)) for each in (gain, lift))
        return ops.clip((images - mean) * gain + mean + lift, 0.0, 255.0)

    def _erase(self, images, count, height, width):
        mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)

        def inside(size):
            half = self._uniform(count, 0.0, 0.5) * self.change.erase * size
            middle = self._uniform(count, 0.0, 1.0) * size
            away = ops.abs(ops.arange(size, dtype="float32")[None] - middle[:, None])
            return away < half[:, None]

        hole = inside(height)[:, :, None, None] & inside(width)[:, None, :, None]
        return ops.where(hole, mean, images)

    def call(self, images, training=False):
        if not training:
            return images
        count = ops.shape(images)[0]
        height, width = images.shape[1:3]
        told = {"fill_mode": "nearest", "data_format": "channels_last"}
        change = self._affine(count, height, width)
        images = ops.image.affine_transform(images, change, **told)
        if self.change.contrast or self.change.brightness:
            images = self._tone(images, count)
        if self.change.erase:
            images = self._erase(images, count, height, width)
        return images

    def compute_output_shape(self, input_shape):
        return input_shape


def augmentation(shape: tuple[int, int, int], change: Augmentation | None) -> keras.Sequential:
    """The stack that goes in front of a network for training images of this shape; empty for None."""
    stack = keras.Sequential([keras.layers.Input(shape)], name="augmentation")
    if change is not None:
        stack.add(RandomChange(change, name="random_change"))
    return stack
