"""The report for keyboards, screen readers and weak eyes, judged by axe-core in headless Chromium."""

import html as text
import json
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from chromium import CHROMIUM, shown
from sample_document import sample

from helpers.report import html

pytestmark = pytest.mark.slow
AXE = "axe-core@4.14.1"
LOOKS = {"screen": (1500, 1), "tablet": (900, 1), "phone in the dark": (400, 0)}
"""Width, and Chromium's name for light or dark."""
FRAME = '<iframe style="width: {width}px; height: 900px" srcdoc="{page}"></iframe>'
# Everything unfolded, since axe does not look into what is folded.
SCRIPT = """
for (const one of document.querySelectorAll("details")) one.open = true;
const why = node => node.target.join(" ") + ": " + (node.any[0] || node.all[0] || node.none[0]).message;
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  const line = document.createElement("pre");
  line.id = "axe";
  line.textContent = JSON.stringify({
    told: found.violations.map(rule => ({rule: rule.id, help: rule.help, nodes: rule.nodes.map(why)})),
    rules: found.passes.length,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    wide: document.documentElement.scrollWidth,
    width: innerWidth,
  });
  parent.document.body.append(line);
});
"""


@pytest.fixture(scope="module")
def axe(request) -> str:
    """axe-core's source, fetched from the npm registry once and kept in pytest's cache."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    if shutil.which("npm") is None:
        pytest.skip("npm, which fetches axe-core, is not installed")
    folder = Path(request.config.cache.mkdir("axe"))
    archive = folder / f"{AXE.replace('@', '-')}.tgz"
    if not archive.is_file():
        command = ["npm", "pack", AXE, "--silent", "--pack-destination", str(folder)]
        fetched = subprocess.run(command, capture_output=True, text=True, timeout=50)
        if fetched.returncode or not archive.is_file():
            pytest.skip(f"axe-core could not be fetched: {fetched.stderr.strip()[:200]}")
    with tarfile.open(archive) as package:
        return package.extractfile("package/axe.min.js").read().decode()


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    document = sample(tmp_path_factory.mktemp("axe"))
    document.quick = True
    return html.page(document)


def judge(page: str, axe: str, folder: Path, look: str) -> dict:
    """What axe says of a page."""
    page = page.replace("</body>", f"<script>{axe}</script><script>{SCRIPT}</script></body>")
    width, scheme = LOOKS[look]
    # In a frame, since Chromium opens no window narrower than 500 pixels.
    framed = FRAME.format(width=width, page=text.escape(page))
    options = ["--hide-scrollbars", "--window-size=1600,1000", "--virtual-time-budget=20000"]
    options += [f"--blink-settings=preferredColorScheme={scheme}"]
    dom = shown(f"<body>{framed}</body>", folder, *options)
    found = re.search(r'<pre id="axe">(.*?)</pre>', dom, re.DOTALL)
    assert found, f"axe gave no result: {dom[-500:]}"
    return json.loads(text.unescape(found[1]))


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_to_mend(look, page, axe, tmp_path):
    found = judge(page, axe, tmp_path, look)
    assert found["dark"] == ("dark" in look)
    assert found["rules"] > 20
    assert found["wide"] <= found["width"] == LOOKS[look][0]  # nothing to scroll sideways
    told = [
        f"{rule['rule']}: {rule['help']}\n  " + "\n  ".join(rule["nodes"][:4])
        for rule in found["told"]
    ]
    assert not told, "\n".join(told)


def test_axe_would_find_what_is_wrong(page, axe, tmp_path):
    spoilt = page.replace('<html lang="en"', "<html").replace("--soft: #575f69", "--soft: #a0a0a0")
    spoilt = spoilt.replace("</h1>", "</h1><h5>x</h5>", 1)
    rules = {rule["rule"] for rule in judge(spoilt, axe, tmp_path, "screen")["told"]}
    assert {"html-has-lang", "color-contrast", "heading-order"} <= rules
