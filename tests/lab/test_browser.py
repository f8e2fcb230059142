"""A student's way through JupyterLab, in a real browser: choose, train, stop, go on, look, upload a photo."""

import io

import pytest
from browser import Lab, serve
from chromium import CHROMIUM
from PIL import Image
from skimage.data import astronaut

from helpers import places
from helpers.files import read_json
from helpers.lab.__main__ import prepare

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
there = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")
pytestmark = [pytest.mark.slow, there]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the copies of notebooks that a lab works on, set to the quick recipe."""
    folder = tmp_path_factory.mktemp("workbook")
    (folder / "notebooks").symlink_to(places.BOOKS)
    for path in prepare(folder).glob("*.ipynb"):
        path.write_text(path.read_text("utf-8").replace('"quick = False', '"quick = True'), "utf-8")
    return folder


@pytest.fixture(scope="module")
def lab(folder):
    server, address = serve(folder)
    try:
        with sync_api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            yield Lab(browser.new_page(viewport={"width": 1400, "height": 1000}), address)
    finally:
        server.terminate()
        server.wait()


def test_the_data_set_is_chosen_once(lab, folder):
    lab.open("00_start_here")
    assert not lab.changed()
    lab.run_all()
    lab.page.get_by_label("data set").select_option("fer2013")
    lab.see("There is no report on fer2013 yet")
    assert read_json(folder / "reports" / places.CHOSEN)["dataset"] == "fer2013"
    lab.page.get_by_label("data set").select_option("faces")
    lab.page.get_by_label("homework").select_option("hw4-2019")
    lab.see("Homework 4")
    lab.page.get_by_role("link", name="04 · Saliency maps").click()
    lab.page.wait_for_function("jupyterapp.shell.currentWidget.title.label === '04_saliency.ipynb'")


def test_what_is_missing_is_named(lab):
    lab.open("04_saliency")
    lab.run_all()
    lab.see("no models/cnn.keras yet")
    lab.page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 6")
    lab.command("notebook:run-cell", wait=True)
    lab.see("run the notebook from the top")
    assert "Traceback" not in lab.outputs()


def test_a_training_is_stopped_and_goes_on(lab, folder):
    lab.open("01_train_cnn")
    lab.command("notebook:run-all-cells")
    lab.see("val_accuracy=")  # of the bar: an epoch is done
    lab.stop("Stopped. Run it again")
    lab.idle()
    lab.run_all()
    assert read_json(folder / "reports" / "lab-faces" / "stamps" / "01_train_cnn.json")
    assert "Traceback" not in lab.outputs()


def test_the_map_of_a_photo_changes_with_its_crop_box(lab, tmp_path):
    Image.fromarray(astronaut()).save(tmp_path / "me.jpg")
    lab.open("04_saliency")
    lab.run_all()
    assert "Traceback" not in lab.outputs()
    lab.upload(tmp_path / "me.jpg")
    lab.see("a photo; the network answers")
    before = lab.pictures()
    assert len(before) == 3
    slider = lab.page.locator(".widget-slider", has_text="left").last.get_by_role("slider")
    slider.focus()
    for _ in range(20):
        slider.press("ArrowRight")
    lab.page.wait_for_timeout(500)
    lab.idle()
    after = lab.pictures()
    assert all(old != new for old, new in zip(before, after, strict=True))
    lab.page.get_by_label("method").last.select_option("Grad-CAM")
    lab.see("Grad-CAM for")
    with lab.page.expect_download() as download:
        lab.page.get_by_role("link", name="save as PNG").last.click()
    assert Image.open(io.BytesIO(download.value.path().read_bytes())).width > 900
