"""The report as a whole: what a reader gets from a run's folder, on the screen and on paper."""

import base64
import io
import itertools
import json
import re
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
import render_samples as samples
from PIL import Image

from helpers.errors import UserError
from helpers.report import formulas, pdf
from helpers.report.merge import merge
from helpers.report.pictures import picture
from helpers.report.references import PAPERS
from helpers.report.render import render

needs_engine = pytest.mark.skipif(not pdf.available(), reason="PlutoPrint has no package for this system")


class Reader(HTMLParser):
    """A page as a list of (tag, attributes) and its text, by a parser that is not the product's."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.text, self._hidden = [], "", 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._hidden += tag == "style"

    def handle_endtag(self, tag):
        self._hidden -= tag == "style"

    def handle_data(self, data):
        if not self._hidden:
            self.text += data

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.tags if name == tag]


def made(folder, **options):
    run, sources = samples.make_run(folder, **options)
    render(run, sources)
    page = (run / "report.html").read_text("utf-8")
    return run, sources, page


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return made(tmp_path_factory.mktemp("good"))


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    return made(tmp_path_factory.mktemp("failed"), fails=True, quick=True)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return made(tmp_path_factory.mktemp("hostile"), hostile=samples.HOSTILE)


@pytest.fixture(scope="module")
def paper(good):
    pypdf = pytest.importorskip("pypdf")
    if not pdf.available():
        pytest.skip("PlutoPrint has no package for this system")
    return pypdf.PdfReader(good[0] / "report.pdf")


def text_of(document) -> str:
    return "\n".join(page.extract_text() for page in document.pages)


# --- the page ---


@pytest.mark.parametrize("kind", ["good", "failed", "hostile"])
def test_nothing_is_loaded_from_anywhere(kind, request):
    page = request.getfixturevalue(kind)[2]
    reader = Reader(page)
    for tag, attributes in reader.tags:
        assert tag not in ("script", "link", "iframe", "object", "embed", "base", "audio", "video", "source"), tag
        assert not any(name.startswith("on") for name in attributes), attributes
        for name in ("src", "srcset", "data", "poster", "xlink:href", "action"):
            assert attributes.get(name, "data:image/").startswith("data:image/"), attributes
        if "href" in attributes:
            assert tag == "a"
            assert attributes["href"].startswith("#") or "/references/" in where(page, attributes["href"])
    assert not re.search(r"@import|url\(|javascript:", page)
    assert len(page) < 5_000_000


def where(page: str, href: str) -> str:
    """ "/references/" if every link to the address stands in the references."""
    before, _, after = page.partition('<ol class="references">')
    return "" if f'href="{href}"' in before or f'href="{href}"' in after.partition("</ol>")[2] else "/references/"


def test_no_link_leads_nowhere_and_no_name_is_given_twice(good, failed, hostile):
    for _, _, page in (good, failed, hostile):
        reader = Reader(page)
        names = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
        assert len(names) == len(set(names))
        targets = {a["href"][1:] for a in reader.all("a") if a["href"].startswith("#")}
        labels = {i for _, a in reader.tags for i in a.get("aria-labelledby", "").split()}
        assert targets | labels <= set(names)


def test_every_picture_has_words_and_every_figure_a_number_and_a_caption(good):
    reader = Reader(good[2])
    assert len(reader.all("img")) == 7
    assert all(image["alt"] for image in reader.all("img"))
    captions = re.findall(r"<figcaption[^>]*><b>(\w+ S?\d+)\.</b> (.+?)</figcaption>", good[2])
    assert len(captions) == len(reader.all("figure")) == 13
    assert [number for number, _ in captions if number.startswith("Figure")] == [
        *("Figure 1", "Figure 2", "Figure S1", "Figure 3", "Figure S2", "Figure 4", "Figure 5")
    ]
    assert [number for number, _ in captions if number.startswith("Table S")] == ["Table S1"]
    assert all(svg["aria-label"] and svg["role"] == "img" for svg in reader.all("svg"))


def test_headings_go_down_step_by_step(good):
    levels = [int(tag[1]) for tag, _ in Reader(good[2]).tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))


def test_the_first_page_answers(good):
    page = good[2]
    first = page[: page.index('class="question"')]
    for _, _, question in samples.TITLES:
        assert question in first
    for key in ("0.838", "0.412", "fear → surprise"):
        assert first.count(key) >= 2  # in large type and in the table
    assert 'class="examples"' in first
    assert "Quick run" not in first
    assert "incomplete" not in first


def test_what_is_for_jupyterlab_stays_there(good):
    page = good[2]
    for unseen in ("explore()", "quick = True", "seed = 0", "Explore", "01 · The conv"):
        assert unseen not in page
    assert "<h3>Set-up</h3>" not in page[: page.index("Question 2")]  # nothing but code under it
    assert "<h3>Answer</h3>" not in page
    assert page.count("One training image of each class") == 1  # the caption shown in JupyterLab is dropped


def test_code_and_logs_are_folded_and_logs_capped(good):
    page = good[2]
    assert len(re.findall(r'<details class="code"><summary>Code</summary></details>\n<pre class="code"', page)) >= 8
    assert " open" not in "".join(re.findall(r"<details[^>]*>", page))
    log = re.search(r"Log, 60 lines</summary>\n<pre[^>]*>(.*?)</pre>", page, re.DOTALL)[1]
    assert len(log.splitlines()) == 41
    assert "20 lines left out" in log
    assert "Messages, 1 line<" in page


def test_code_shows_without_a_script(good):
    reader = Reader(good[2])
    assert [a for a in reader.all("input") if a["type"] == "checkbox"] == [{"type": "checkbox", "id": "all-code"}]
    assert "#all-code:checked ~ section details.code + pre { display: block; }" in " ".join(good[2].split()).replace(
        "details.code[open] + pre, #all", "#all"
    )


def test_references_are_resolved_and_unknown_ones_said(good, tmp_path, capsys):
    page = good[2]
    assert "{ref:" not in page
    assert '<a href="#table-5">Table 5</a> and (unknown reference <code>nowhere</code>)' in page
    assert 'alt="Matrix of seven classes ; see Table 5"' in page
    run, sources = samples.make_run(tmp_path)
    render(run, sources)
    assert capsys.readouterr().out.count("'nowhere'") == 1


def test_links_out_of_the_page_become_references(good):
    page = good[2]
    assert 'He et al. 2016 <a class="cite" href="#reference-2">[2]</a>' in page  # after the answer's
    assert 'learning for image recognition. CVPR. <a href="https://arxiv.org/abs/1512.03385" rel="noreferrer">' in page


def test_hostile_names_come_out_as_text(hostile):
    run, _, page = hostile
    reader = Reader(page)
    assert reader.text.count(samples.HOSTILE) >= 8  # title, classes, captions, tables, answers
    assert all(image.get("src", "").startswith("data:image/") for image in reader.all("img"))
    assert any(samples.HOSTILE in image["alt"] for image in reader.all("img"))
    assert "<script" not in page
    assert "<img src=x" not in page
    if pdf.available():
        import pypdf

        document = pypdf.PdfReader(run / "report.pdf")
        assert samples.HOSTILE in document.metadata.title
        assert "onerror" in text_of(document)


def test_further_evidence_is_folded(good):
    page = good[2]
    more = page[page.index('<details class="more">') :].partition("</section>")[0]
    assert "More evidence <span>1 figure and 1 table</span>" in more
    assert "The four trainings" in more
    assert "The four trainings" not in page.replace(more, "")


def test_the_page_tells_its_origin(good):
    text = " ".join(Reader(good[2]).text.split())
    for fact in (
        samples.COMMIT,
        "with uncommitted changes",
        "once by runs of this name, 4 times in this copy",
        "9c" * 32,
    ):
        assert fact in text
    assert "keras 3.15.0" in text.replace("\xa0", " ")
    assert "2026-01-02 03:04:05 UTC" in text


def test_an_edit_of_the_prose_needs_no_run(tmp_path):
    run, sources = samples.make_run(tmp_path)
    path = sources / "02_dnn_baseline.ipynb"
    document = json.loads(path.read_text("utf-8"))
    document["cells"].insert(2, samples.prose("New words of the author: $a^2$."))
    path.write_text(json.dumps(document), "utf-8")
    render(run, sources)
    page = (run / "report.html").read_text("utf-8")
    assert "New words of the author: " in page
    assert 'aria-label="a^2"' in page
    document["cells"].insert(2, samples.code("one_cell_more()"))  # no longer the notebook that was run
    path.write_text(json.dumps(document), "utf-8")
    render(run, sources)
    page = (run / "report.html").read_text("utf-8")
    assert "New words" not in page
    assert "stops at 0.412" in page


# --- what went wrong ---


def test_a_failed_notebook_is_said_at_the_top_and_at_the_cell(failed):
    page = failed[2]
    top = page[: page.index('class="question"')]
    assert "This report is incomplete" in top
    assert "Quick run" in top
    assert "ValueError: class disgust has no image" in top
    assert "This notebook did not run: it needs 03_confusion, which failed" in top
    third = page[page.index('id="question-3"') : page.index('id="question-4"')]
    assert third.index("This notebook failed") < third.index("Figure 4") < third.index("This cell failed: ValueError")
    assert "\x1b" not in page
    assert "An Exception was encountered" not in page
    assert "most confident mistakes" not in page
    assert "(unknown reference <code>pairs</code>)" in third


def test_what_builds_on_a_failure_says_so(tmp_path):
    run, sources = samples.make_run(tmp_path)
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    manifest["notebooks"][0].update(state="failed", error="the kernel died", cell=6)
    manifest["notebooks"][1].update(state="reused")
    (run / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (run / "notebooks" / "03_confusion.ipynb").write_text("{", "utf-8")
    report = merge(run, sources)
    assert report.sections[1].notices == ["It builds on 01_train_cnn, which gave no complete result in this run."]
    assert "missing or damaged" in report.sections[2].notices[0]
    # A kernel that dies leaves no traceback: the manifest knows the cell.
    errors = [o for c in report.books[0].cells for o in c.get("outputs", ()) if o.output_type == "error"]
    assert [error.evalue for error in errors] == ["the kernel died"]
    render(run, sources)


def test_no_manifest(tmp_path):
    with pytest.raises(UserError, match=r"manifest\.json is missing or damaged"):
        render(tmp_path, tmp_path)


def test_without_the_engine_there_is_a_page_and_a_line(tmp_path, monkeypatch, capsys):
    run, sources = samples.make_run(tmp_path)
    (run / "report.pdf").write_bytes(b"of an earlier run")
    monkeypatch.setitem(__import__("sys").modules, "plutoprint", None)
    render(run, sources)
    assert (run / "report.html").is_file()
    assert not (run / "report.pdf").exists()
    assert capsys.readouterr().out.startswith("no report.pdf: PlutoPrint")


# --- paper ---


def test_paper_has_names_language_and_fonts(paper):
    assert paper.metadata.title == "Image classifier workbook: drawn faces"
    assert paper.trailer["/Root"]["/Lang"] == "en"
    assert len(paper.pages) == 7
    fonts = [font.get_object() for page in paper.pages for font in page["/Resources"].get("/Font", {}).values()]
    for font in fonts:
        font = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert "/FontFile2" in font["/FontDescriptor"]
        assert re.search("STIX|DejaVu", font["/BaseFont"])


def test_paper_finds_its_pages(paper):
    starts = {name: paper.get_destination_page_number(mark) + 1 for name, mark in flat(paper.outline)}
    assert list(starts) == [
        *("The answers", "1 · The convolutional network", "2 · A plain network of equal size"),
        *("3 · Which classes are confused", "References", "How this report was made"),
    ]
    contents = " ".join(paper.pages[0].extract_text().split())
    for name, page in list(starts.items())[1:]:
        text = paper.pages[page - 1].extract_text()
        assert re.search(rf"{name.partition('· ')[2] or name}\s*{page}\b", contents)
        assert f"Question {name[0]}" in text or name in text
        assert name in text.splitlines()[-2:] or name in text  # at the foot
    links = [a.get_object() for page in paper.pages for a in page.get("/Annots", ())]
    names = {str(name) for name in paper.named_destinations}
    inner = [str(link["/Dest"]) for link in links if "/Dest" in link]
    assert len(inner) > 20
    assert set(inner) <= names
    outer = {link["/A"]["/URI"] for link in links if "/A" in link}
    assert outer == {"https://arxiv.org/abs/1512.03385", *(PAPERS[key][1] for key in ("mcnemar1947", "ekman1978"))}


def flat(outline):
    return [(item.title, item) for item in outline]


def test_paper_shows_the_evidence_and_nothing_else(paper):
    text = text_of(paper)
    for shown in (
        "84 of 100",
        "The layers, their outputs",
        "Figure 2.",
        "Table 5.",
        "01_train_cnn.ipynb",
        "2 twice"[:1],
    ):
        assert shown in text
    for unseen in ("run.show", "import numpy", "epoch 12/60", "The four trainings", "Show all code", "Traceback"):
        assert unseen not in text
    assert "Figure S2 (in report.html)" in text
    assert not re.search(r"\$|\\frac|\\sqrt|\\sum|\{ref:", text)


@needs_engine
def test_code_that_is_to_be_seen_is_seen_on_paper(tmp_path):
    import pypdf

    run, sources = samples.make_run(tmp_path)
    for place in (run / "notebooks", sources):
        path = place / "03_confusion.ipynb"
        document = json.loads(path.read_text("utf-8"))
        shown = [samples.code("hidden = 1"), samples.code("assert hidden < 2", tags=["show-input"])]
        document["cells"][-1:-1] = [*shown, samples.code("hidden = 3")]
        path.write_text(json.dumps(document), encoding="utf-8")
    render(run, sources)
    page = (run / "report.html").read_text("utf-8")
    opened = page.partition('<details class="code" open>')[2].partition("</pre>")[0]
    assert "hidden" in opened
    assert "3" not in re.sub(r"<[^>]*>", "", opened)
    text = text_of(pypdf.PdfReader(run / "report.pdf"))
    assert "assert hidden < 2" in text
    assert "hidden = " not in text


@needs_engine
def test_the_same_run_gives_the_same_bytes(good):
    run, sources, page = good
    before = (run / "report.pdf").read_bytes()
    render(run, sources)
    assert (run / "report.html").read_text("utf-8") == page
    assert (run / "report.pdf").read_bytes() == before


@needs_engine
def test_a_foot_cannot_break_out_of_its_rule():
    hostile = '"}</style><p>out</p>\\'
    build = lambda css, pages: (  # noqa: E731
        f'<title>t</title><style>@page{{size:A4;margin:18mm}}{css}</style><a href="#a">x</a>'
        f'<p style="break-before:page" id="a">{len(pages)}</p>'
    )
    import pypdf

    document = pypdf.PdfReader(io.BytesIO(pdf.make(build, [("a", hostile)], "t", None)))
    assert hostile in document.pages[1].extract_text()
    assert len(document.pages) == 2


# --- formulas ---


def test_brackets_around_a_sum_do_not_grow_without_end():
    for tex in (
        r"\left( \sum_j g_j \right)",
        r"\left. \sum_j g_j \right|_0",
        r"\left\lfloor \sum_j \right\rfloor \leftarrow x",
    ):
        drawn = formulas.display(tex)
        assert float(re.search(r'viewBox="[^"]* ([\d.]+)"', drawn)[1]) < 5 * formulas.SIZE


def test_an_accent_takes_no_space_before_its_letter():
    plain, hat = (re.search(r"width:([\d.]+)em", formulas.inline(tex)) for tex in ("x", r"\hat{x}"))
    assert float(hat[1]) < float(plain[1]) + 0.15


def test_formulas_are_drawn_on_the_baseline():
    flat = formulas.inline("x")
    deep = formulas.inline("y")
    assert 'role="img" aria-label="x"' in flat
    assert float(re.search(r"vertical-align:(-?[\d.]+)em", flat)[1]) > -0.05
    assert float(re.search(r"vertical-align:(-?[\d.]+)em", deep)[1]) < -0.15
    assert "id=" not in flat  # two formulas on a page share no identifier
    assert 'fill="black"' not in flat


@pytest.mark.parametrize("tex", [r"\nosuch{x}", r"\frac{a", "a & b", "", "中", '"><img src=x>\\'])
def test_tex_that_cannot_be_drawn_is_shown(tex):
    html = formulas.inline(tex)
    assert html.startswith(('<code class="tex">', "<svg"))
    assert "<img" not in html


def test_rows_are_set_below_one_another():
    html = formulas.display(r"\begin{aligned} a &= b \\ c &= d \end{aligned}")
    assert html.count('<span class="formula">') == html.count("<svg") == 2


def test_money_is_no_formula(good):
    from helpers.report.html import Page

    page = Page(merge(good[0], good[1]))
    assert page.prose("It costs $5 and $6.") == "<p>It costs $5 and $6.</p>"
    assert "<svg" in page.prose("It is $x$.")
    assert page.prose("![a](https://example.org/a.png)[b](javascript:c)") == "<p><em>a</em>b</p>"
    assert page.prose("https://example.org <b>x</b>") == "<p>https://example.org &lt;b&gt;x&lt;/b&gt;</p>"
    assert page.prose("see [two](02_dnn_baseline.ipynb)") == '<p>see <a href="#question-2">two</a></p>'


def test_a_tall_picture_of_examples_stays_in_its_section(tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "first", lambda hostile: [samples.code("show()", tall)])
    tall = samples.figure(samples.montage(3, 3), "examples", "Three rows.")
    run, sources = samples.make_run(tmp_path)
    report = merge(run, sources)
    assert report.examples is None
    assert report.marks[None, "examples"]["number"] == "Figure 1"


def test_a_picture_without_a_caption_is_told(tmp_path, monkeypatch):
    bare = samples.figure(samples.montage(2, 1), "bare", "-")[0] | {"metadata": {}}
    frame = samples.display({"text/html": "<script>alert(1)</script>", "text/plain": "   a  b"})
    monkeypatch.setattr(samples, "first", lambda hostile: [samples.code("plt.show()", bare, frame)])
    run, sources = samples.make_run(tmp_path)
    report = merge(run, sources)
    assert report.warnings == ["01_train_cnn: a picture without a caption; show it with run.show"]
    render(run, sources)
    page = (run / "report.html").read_text("utf-8")
    assert "<b>Figure S1.</b> A picture that notebook 01_train_cnn shows without a caption." in page
    assert "alert(1)" not in page  # a log shows an object's text, never its HTML


def test_colours_can_be_read():
    from helpers.report.html import TEMPLATES

    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    style = (TEMPLATES / "style.css").read_text("utf-8")
    themes = [dict(re.findall(r"--([\w-]+): (#\w{6})", rules)) for rules in re.findall(r":root \{(.*?)\}", style, re.S)]
    assert len(themes) == 2
    for theme in themes:
        for name in ("ink", "soft", "accent", "wrong"):
            for ground in ("paper", "wrong-tint" if name == "wrong" else "tint"):
                dark, bright = sorted((light(theme[name]), light(theme[ground])))
                assert (bright + 0.05) / (dark + 0.05) >= 4.5, (name, ground)


def test_only_photographs_are_printed_with_loss():
    def printed(pixels):
        found = io.BytesIO()
        Image.fromarray(pixels).save(found, "PNG")
        shown = samples.display({"image/png": base64.b64encode(found.getvalue()).decode()})
        return picture(nbformat.from_dict(shown))[0][:15]

    grain = np.random.default_rng(0).integers(0, 256, (24, 24, 3), "uint8")
    photograph = np.asarray(Image.fromarray(grain).resize((480, 480), Image.Resampling.BICUBIC))
    assert printed(photograph) == "data:image/jpeg"
    assert printed(np.kron(grain, np.ones((20, 20, 1), "uint8"))).startswith("data:image/png")
