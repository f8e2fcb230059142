"""One's own photo: its path, its shape, and the errors in one sentence."""

import numpy as np
import pytest
from PIL import Image

from helpers import photo
from helpers.errors import UserError


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "me.png"
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(path)
    return path


@pytest.mark.parametrize("shape", [(48, 48, 1), (12, 16, 3)])
def test_has_the_networks_shape(picture, shape):
    found = photo.read(picture, shape)
    assert found.shape == (1, *shape)
    assert found.dtype == np.uint8


def test_is_found_from_both_folders_and_in_quotes(picture, tmp_path, monkeypatch):
    full = photo.read(picture, (8, 8, 1))
    monkeypatch.setattr(photo, "ROOT", tmp_path)
    assert np.array_equal(photo.read("me.png", (8, 8, 1)), full)
    assert np.array_equal(photo.read(f'"{picture}" ', (8, 8, 1)), full)
    monkeypatch.setattr(photo, "ROOT", tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    assert np.array_equal(photo.read("me.png", (8, 8, 1)), full)


def test_says_what_is_wrong(tmp_path):
    with pytest.raises(UserError, match=r"there is no photo nothing\.png: give the path"):
        photo.read("nothing.png", (8, 8, 1))
    (tmp_path / "words.png").write_text("no picture")
    with pytest.raises(UserError, match=r"words\.png is not a picture"):
        photo.read(tmp_path / "words.png", (8, 8, 1))
