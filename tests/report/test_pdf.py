"""The pages on paper: tagged, in budget, full, and deaf to what data and authors inject."""

import io

import pytest
from pypdf import PdfReader
from sample_document import sample

from helpers import fonts
from helpers.report import pdf


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A document, its folder and its PDF."""
    folder = tmp_path_factory.mktemp("pdf")
    document = sample(folder)
    data, warnings = pdf.make(document, folder)
    assert warnings == []
    return document, folder, PdfReader(io.BytesIO(data)), data


@pytest.fixture(scope="module")
def pages(made):
    """The text of every page."""
    return [" ".join(page.extract_text().split()) for page in made[2].pages]


def test_it_is_tagged_named_described_and_the_same_each_time(made):
    document, folder, reader, data = made
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert (reader.metadata.title, reader.metadata.author) == (document.title, "Ada Chen 陳雅達")
    things = [reader.get_object(number) for number in range(1, int(reader.trailer["/Size"]))]
    alts = [thing["/Alt"] for thing in things if isinstance(thing, dict) and "/Alt" in thing]
    assert document.sections[0].parts[0].alt in alts
    assert "\\partial z_k / \\partial x" in alts
    assert len(data) < 3_000_000
    assert pdf.make(document, folder)[0] == data


def test_the_first_page_holds_it_all(made, pages):
    document, _, reader, _ = made
    for section in document.sections:
        assert section.title in pages[0]
    assert document.sentence in pages[0] and document.limits[-1][0] in pages[0]
    assert document.provenance[-1][0] in pages[0] and "bonus question" in pages[0]
    questions = [entry for entry in reader.outline if getattr(entry, "title", "")[:1].isdigit()]
    begun = [reader.get_destination_page_number(entry) for entry in questions]
    assert begun[0] == 1
    assert all(f" {page + 1} " in pages[0] for page in begun)


def test_what_is_written_is_text(pages):
    text = " ".join(pages)
    for trap in (
        "#read(“/etc/passwd”)",
        "$5 and $$",
        "<img",
        "{{ 7*7 }}",
        "#panic()",
        "@nobody //",
    ):
        assert trap in text
    assert "<b>no data</b>" in text and "陳雅達" in text
    assert "More evidence" not in text and "root:" not in text


def test_plain_fields_are_no_code_and_a_missing_font_is_told_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fonts, "_installed", list)
    monkeypatch.setattr(fonts, "_told", set())
    fonts._cover.cache_clear()
    document = sample(tmp_path, 2, "zh-TW")
    bad = '"); #panic("x") \\ ] $ </b> \u202e\x07'
    document.title = document.subtitle = bad
    section, table = document.sections[0], document.sections[0].parts[3]
    section.title = section.parts[0].alt = table.heads[0] = table.rows[0][0] = bad
    document.references[0].text = bad
    document.glossary[0] = (bad, "text", "term-logit")
    reader = PdfReader(io.BytesIO(pdf.make(document, tmp_path)[0]))
    fonts._cover.cache_clear()
    text = reader.pages[0].extract_text()
    assert '#panic("x")' in text
    assert "Ada Chen ???" in text
    assert capsys.readouterr().out.count("no font here has") == 1
    assert reader.trailer["/Root"]["/Lang"] == "zh-TW"
