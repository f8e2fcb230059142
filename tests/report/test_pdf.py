"""The pages on paper: tagged, in budget, full, and deaf to what data and authors inject."""

import io
import re

import pytest
from pypdf import PdfReader
from sample_document import sample

from helpers import fonts
from helpers.report import pdf


@pytest.fixture(scope="module", params=[4, pytest.param(11, marks=pytest.mark.slow)])
def made(request, tmp_path_factory):
    """A document, its folder and its PDF."""
    folder = tmp_path_factory.mktemp("pdf")
    document = sample(folder, request.param)
    data, warnings = pdf.make(document, folder)
    assert warnings == []
    return document, folder, PdfReader(io.BytesIO(data)), data


def starts(reader: PdfReader) -> dict[str, int]:
    """The page, from 0, of every heading in the outline."""
    flat = [entry for entry in reader.outline if not isinstance(entry, list)]
    return {entry.title: reader.get_destination_page_number(entry) for entry in flat}


def test_it_is_tagged_and_named(made):
    document, _, reader, data = made
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en"
    assert reader.metadata.title == document.title
    assert reader.metadata.author == "Ada Chen 陳雅達"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert len(data) < 3_000_000


def test_pictures_and_formulas_are_described(made):
    document, _, reader, _ = made
    things = [reader.get_object(number) for number in range(1, int(reader.trailer["/Size"]))]
    alts = [thing["/Alt"] for thing in things if isinstance(thing, dict) and "/Alt" in thing]
    assert document.sections[0].parts[0].alt in alts
    assert "\\partial z_k / \\partial x" in alts


def test_the_first_page_holds_it_all(made):
    document, _, reader, _ = made
    first = " ".join(reader.pages[0].extract_text().split())
    for section in document.sections:
        assert section.title in first
    for name in (
        document.sentence,
        document.limits[-1][0],
        document.provenance[-1][0],
        "bonus question",
    ):
        assert name in first
    pages = [page for title, page in starts(reader).items() if title[:1].isdigit()]
    assert min(pages) == 1
    for page in pages:
        assert f" {page + 1} " in first


def test_what_is_written_is_text(made):
    _, _, reader, _ = made
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for trap in (
        "#read(“/etc/passwd”)",
        "$5 and $$",
        "<img",
        "{{ 7*7 }}",
        "#panic()",
        "@nobody // end",
        "<b>no data</b>",
    ):
        assert trap in text
    assert "陳雅達" in text
    assert "More evidence" not in text
    assert "root:" not in text


def test_drawings_stay_drawings(made):
    _, _, reader, _ = made
    assert not any(page.images for page in reader.pages)


def test_the_same_document_gives_the_same_bytes(made):
    document, folder, _, data = made
    assert pdf.make(document, folder)[0] == data


def test_plain_fields_cannot_be_code(tmp_path):
    document = sample(tmp_path, 2)
    bad = '"); #panic("x") \\ ] $ </b> \u202e\x07'
    document.title = document.subtitle = document.author["name"] = bad
    section, table = document.sections[0], document.sections[0].parts[3]
    section.title = section.parts[0].alt = table.heads[0] = table.rows[0][0] = bad
    document.references[0].text = bad
    document.glossary[0] = (bad, "text", "term-logit")
    text = PdfReader(io.BytesIO(pdf.make(document, tmp_path)[0])).pages[0].extract_text()
    assert '#panic("x")' in text


def test_chinese_is_said_to_be_chinese(tmp_path):
    reader = PdfReader(io.BytesIO(pdf.make(sample(tmp_path, 2, "zh-TW"), tmp_path)[0]))
    assert reader.trailer["/Root"]["/Lang"] == "zh-TW"


def test_a_missing_font_is_told_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fonts, "_installed", list)
    monkeypatch.setattr(fonts, "_told", set())
    fonts._cover.cache_clear()
    document = sample(tmp_path, 2)
    text = PdfReader(io.BytesIO(pdf.make(document, tmp_path)[0])).pages[0].extract_text()
    pdf.make(document, tmp_path)
    fonts._cover.cache_clear()
    assert "Ada Chen ???" in text
    told = capsys.readouterr().out
    assert told.count("no font here has") == 1
    assert "install" in told


def test_figures_stand_in_order_with_their_captions(made):
    _, _, reader, _ = made
    texts = [page.extract_text() for page in reader.pages]
    pages = {}
    for number, text in enumerate(texts):
        for found in re.findall(r"Figure (\d+)\.", text):
            pages.setdefault(int(found), number)
    assert list(pages) == sorted(pages) and len(pages) >= 12
