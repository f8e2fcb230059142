"""Figures as bytes: few of them, and no difference to see."""

import io
import time
from contextlib import nullcontext
from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
from datasets_made import image
from PIL import Image
from skimage.data import astronaut

from helpers import display
from helpers.errors import UserError
from helpers.files import write_json
from helpers.options import in_a_notebook


def test_grey_pictures_get_a_palette():
    rng = np.random.default_rng(0)
    tiles = rng.integers(0, 256, (60, 60), "uint8").repeat(5, 0).repeat(5, 1)
    before = image(np.stack([tiles] * 3, -1), "PNG", dpi=(200, 200))
    suffix, after = display.lighter(before)
    assert display.lighter(before) == (suffix, after) and suffix == "png"
    assert len(after) < 0.7 * len(before)
    found = Image.open(io.BytesIO(after))
    assert found.info["dpi"][0] == 199.9996
    error = np.abs(np.asarray(found.convert("L")).astype(int) - tiles)
    assert error.max() <= 6


def test_a_photograph_becomes_a_jpeg():
    pixels = np.asarray(Image.fromarray(astronaut()).resize((900, 900)))
    before = image(pixels, "PNG")
    suffix, after = display.lighter(before)
    found = Image.open(io.BytesIO(after))
    assert (suffix, found.format, found.info["dpi"]) == ("jpg", "JPEG", (200, 200))
    assert len(after) < len(before) / 3
    assert np.abs(np.asarray(found).astype(int) - pixels).mean() < 3


def test_a_stop_a_fault_and_a_missing_name_are_one_sentence():
    assert display.said(KeyboardInterrupt()) == display.STOPPED
    assert display.said(UserError("DATA=x"), in_a_notebook) == "data = x"
    assert "from the top" in display.said(NameError(name="results"))
    assert display.said(UnboundLocalError(name="x")) is display.said(ValueError()) is None


def test_messages_have_the_words_of_the_place():
    said = "pass DATA=path of it, SIZE=64, or RETRAIN=1; DATASET, not DATABASE"
    told = "pass data = path of it, size = 64, or retrain = True; dataset, not DATABASE"
    assert in_a_notebook(said) == told


def test_a_slow_cell_has_a_bar_with_the_time_that_it_took_in_the_report(monkeypatch, tmp_path):
    shell = SimpleNamespace(
        events=SimpleNamespace(register=lambda at, call: calls.update({at: call}))
    )
    calls, bars = {}, []
    monkeypatch.delenv("WORKBOOK_HEADLESS", raising=False)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("tqdm.auto.tqdm", lambda **look: bars.append(look) or nullcontext(Mock()))
    monkeypatch.setattr(display, "PATIENCE", 0.05)
    at = {
        f"iopub.status.{name}": f"2026-01-01T00:00:0{n}.5Z"
        for name, n in (("busy", 1), ("idle", 9))
    }
    executed = {"cells": [{"source": ["slow\n", "cell"], "metadata": {"execution": at}}]}
    write_json(tmp_path / "04.ipynb", executed)
    for _ in range(2):  # the opening cell, run twice
        display.watch_cells(tmp_path / "04.ipynb")
    for source, seconds in (("slow\ncell", 0.5), ("quick", 0), ("new", 0.5)):
        calls["pre_run_cell"](SimpleNamespace(raw_cell=source))
        time.sleep(seconds)
        calls["post_run_cell"](None)
    assert [bar["total"] for bar in bars] == [8, None]
