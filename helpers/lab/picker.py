"""The widget that chooses an image: one of the validation set, or a photo of one's own with a crop box."""

import io
from typing import NamedTuple

import numpy as np
from ipywidgets import HTML, BoundedIntText, Button, FileUpload, Image, IntSlider, Text, ValueWidget
from ipywidgets import VBox as Box
from PIL import ImageDraw

from helpers import photo
from helpers.errors import UserError
from helpers.run import Run

OF_FACES = ("faces", "fer2013")
SHOWN = 300  # pixels of a photo's longer side


class Picked(NamedTuple):
    """An image: uint8 pixels (1, height, width, channels), its class's number (None of a photo), and its name."""

    pixels: np.ndarray
    label: int | None
    name: str


class Picker(Box, ValueWidget):
    """Chooses an image; ``value`` is a ``Picked``, so that ``interact`` takes it like any other widget.

    Args:
        run: whose validation images.
        start: the number of the first one.
    """

    def __init__(self, run: Run, start: int = 0):
        self.data, self.shape, self.photo = run.dataset, run.dataset.image_shape, None
        most = len(self.data.validation) - 1
        told = {"description": f"image, 0 to {most}", "style": {"description_width": "initial"}}
        once, wide = {"continuous_update": False}, {"width": "auto"}
        self.number = BoundedIntText(int(start), 0, most, **told, **once)
        self.upload = FileUpload(accept="image/*", description="upload a photo", layout=wide)
        self.path = Text(description="or its path", placeholder="photo.jpg", **once)
        self.crop = [IntSlider(description=name, **once) for name in ("left", "top", "size")]
        self.back = Button(description="back to the data set", layout=wide)
        self.whole, self.fault = Image(format="png", layout={"max_width": "100%"}), HTML()
        self.cropping = Box([self.whole, *self.crop, self.back], layout={"display": "none"})
        super().__init__([self.number, self.upload, self.path, self.fault, self.cropping])
        self.number.observe(lambda _: self.leave(), "value")
        self.upload.observe(lambda _: self.upload.value and self.take_upload(), "value")
        self.path.observe(lambda _: self.path.value and self.take(self.path.value), "value")
        self.back.on_click(lambda _: self.leave())
        for slider in self.crop:
            slider.observe(lambda _: self.show(), "value")
        self.leave()

    def leave(self) -> None:
        """Take the image of the validation set."""
        split, number = self.data.validation, self.number.value
        self.photo, self.cropping.layout.display = None, "none"
        self.path.value = self.fault.value = ""
        name = f"image {number} ({split.ids[number]})"
        self.value = Picked(split.images[[number]], int(split.labels[number]), name)

    def take_upload(self) -> None:
        file = self.upload.value[0]
        self.take(bytes(file.content), file.name)

    def take(self, source: str | bytes, name: str = "") -> None:
        """Take a photo, cut to the face where the data set has faces; a bad one is named and changes nothing."""
        try:
            found = photo.opened(source, name)
        except UserError as fault:
            self.fault.value = str(fault)
            return
        box = self.data.name in OF_FACES and photo.face(found, self.shape)
        box = box or photo.centre(found, self.shape)
        self.photo = None  # until all three are set
        for slider, value, most in zip(self.crop, box, (*found.size, max(found.size)), strict=True):
            slider.max, slider.value = most, value
        self.photo, self.fault.value, self.cropping.layout.display = found, "", ""
        self.show()

    def show(self) -> None:
        """Draw the box on the photo, and take what is in it."""
        if self.photo is None:
            return
        left, top, wide = photo.inside(self.photo, self.shape, *(each.value for each in self.crop))
        tall = wide * self.shape[0] // self.shape[1]
        small, scale = self.photo.copy(), SHOWN / max(self.photo.size)
        small = small.resize([max(1, round(side * scale)) for side in small.size])
        corners = [scale * at for at in (left, top, left + wide, top + tall)]
        ImageDraw.Draw(small).rectangle(corners, outline="#ffd400", width=3)
        file = io.BytesIO()
        small.save(file, "PNG")
        self.whole.value = file.getvalue()
        pixels = photo.cut(self.photo, self.shape, (left, top, wide))
        self.value = Picked(pixels, None, "your photo")
