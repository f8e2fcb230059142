"""The pages of the report that was made last: how many, how full, how heavy."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from helpers import ROOT
from helpers.files import read_json
from helpers.report import html, pdf
from helpers.report.compose import compose
from helpers.report.render import LIMIT

EMPTY = 0.25  # of a page's height, at most, but on the last page of a question
PAGES = {"all": 28, "hw4-2019": 12, "hw3-2017": 15, "hw3-2020": 12, "hw3-2019-fall": 20}
TWO = ("04_saliency", "05_filters")  # two pages each
ASKED = [*((homework, "en") for homework in PAGES), ("all", "zh-TW"), ("hw4-2019", "zh-TW")]


@pytest.fixture(scope="module")
def latest():
    """The folder of the report, and its manifest."""
    folders = [ROOT / "reports" / name for name in ("faces", "ci")]
    made = [path for folder in folders if (path := folder / "manifest.json").is_file()]
    if not made:
        pytest.skip("no report on faces was made in this checkout: make report makes one")
    path = max(made, key=lambda path: path.stat().st_mtime)
    origin = read_json(path)
    if any(book["state"] not in ("ran", "reused") for book in origin["notebooks"]):
        pytest.skip(f"the report in {path.parent.name} is not complete")
    return path.parent, origin


@pytest.fixture(scope="module", params=ASKED, ids="-".join)
def document(request, latest):
    (folder, origin), (homework, language) = latest, request.param
    return compose(folder, origin, {"homework": homework}, language), PAGES[homework], folder


@pytest.fixture(scope="module")
def starts(document):
    """The page, from 0, of every heading in the outline, and the number of pages."""
    made, _, folder = document
    reader = PdfReader(io.BytesIO(pdf.make(made, folder)[0]))
    flat = [entry for entry in reader.outline if not isinstance(entry, list)]
    return [reader.get_destination_page_number(entry) for entry in flat], len(reader.pages)


def test_the_budget_is_kept(document, starts):
    made, most, _ = document
    begun, pages = starts
    assert begun[0] == 1  # after one page that says all
    assert pages <= most
    for section, (start, end) in zip(made.sections, itertools.pairwise(begun), strict=False):
        assert end - start <= (2 if section.notebooks[0] in TWO else 3), section.title


def test_no_page_is_left_empty(document, starts):
    made, _, folder = document
    for number, data in enumerate(pdf.pictures(made, folder, 30)[1:-1], 1):
        ink = np.asarray(Image.open(io.BytesIO(data)).convert("L")).min(axis=1) < 200
        left = 0.93 - np.flatnonzero(ink[: int(len(ink) * 0.93)]).max() / len(ink)
        assert left < EMPTY or number + 1 in starts[0], f"page {number + 1}: {left:.0%} empty"


def test_nothing_is_said_in_vain(document):
    made, *_ = document
    assert made.warnings == []
    assert len(html.page(made)) < LIMIT
