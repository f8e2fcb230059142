"""One's own photo: read right whatever it is, the face found, and errors in one sentence."""

import numpy as np
import pytest
from datasets_made import image as content
from PIL import Image
from skimage.data import astronaut

from helpers import photo
from helpers.errors import UserError


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "me.png"
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(path)
    return path


@pytest.mark.parametrize("shape", [(48, 48, 1), (12, 16, 3)])
def test_has_the_networks_shape(picture, shape):
    found = photo.opened(picture)
    pixels = photo.cut(found, shape, photo.centre(found, shape))
    assert pixels.shape == (1, *shape)
    assert pixels.dtype == np.uint8


def test_is_found_from_both_folders_and_in_quotes(picture, tmp_path, monkeypatch):
    full = photo.opened(picture).tobytes()
    assert photo.opened(picture.read_bytes()).tobytes() == full
    monkeypatch.setattr(photo, "ROOT", tmp_path)
    assert photo.opened("me.png").tobytes() == full
    assert photo.opened(f'"{picture}" ').tobytes() == full
    monkeypatch.setattr(photo, "ROOT", tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    assert photo.opened("me.png").tobytes() == full


def test_a_face_is_cut_tightly():
    image, shape = Image.fromarray(astronaut()), (48, 48, 1)
    left, top, wide = photo.face(image, shape)
    eyes, chin = (190, 90), (225, 160)
    for x, y in (eyes, chin):
        assert left < x < left + wide and top < y < top + wide
    assert wide < 150
    assert photo.face(image.rotate(180), shape) is None
    assert photo.centre(image.crop((0, 0, 300, 200)), shape) == (50, 0, 200)
    assert photo.inside(image, shape, 500, -5, 100) == (412, 0, 100)
    assert photo.inside(image, shape, 0, 0, 9999) == (0, 0, 512)


def test_says_what_is_wrong(tmp_path, monkeypatch, picture, recwarn):
    with pytest.raises(UserError, match=r"there is no photo nothing\.png: give the path"):
        photo.opened("nothing.png")
    for words in (b"no picture", picture.read_bytes()[:100]):
        with pytest.raises(UserError, match=r"words\.png is not a picture"):
            photo.opened(words, "words.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 700)
    for side in (30, 400):  # beyond Pillow's warning, and beyond its error
        with pytest.raises(UserError, match=r"big\.png is too large: give a photo of at most"):
            photo.opened(content(np.zeros((40, side), "uint8"), "PNG"), "big.png")
    assert not recwarn
