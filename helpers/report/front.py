"""What page 1 and the last page say: the sentence of result, limits, provenance, how the report was made."""

import re
from pathlib import Path

import jinja2
from markupsafe import Markup

from helpers.report.document import Section
from helpers.report.links import Links
from helpers.wording import Wording, unescaped

TEMPLATE = "page"
WORD = re.compile(r"[一-鿿㐀-䶿]|[^\W_]+(?:['’-]\w+)*")  # a Chinese character counts as one


def front(
    wording: Wording, links: Links, variables: dict, sections: list[Section], missing: list
) -> dict:
    """The document's fields that the template ``page`` fills: Markdown, or pairs of a name and Markdown.

    Args:
        variables: of all templates.
        sections: the answered questions; what not to trust of each is given as ``doubts``.
        missing: the questions that this workbook cannot answer.
    """
    doubts = [
        {
            "number": Markup(section.number),
            "text": Markup(section.doubt),
            "notebook": section.notebooks[0],
        }
        for section in sections
        if section.doubt
    ]
    given = {**variables, "sections": sections, "missing": missing, "doubts": doubts}

    def said(name: str) -> str:
        try:
            return wording.blocks(TEMPLATE, **given).render(name)
        except jinja2.TemplateError as fault:  # a result of an older run may lack what it asks for
            links.warnings.append(f"{wording.language}/{TEMPLATE}.md.j2: {fault}")
            return ""

    def pairs(name: str) -> list[tuple[str, str]]:
        lines = [line.partition("|") for line in said(name).splitlines()]
        found = [(unescaped(key), links.resolve(words.strip())) for key, _, words in lines]
        return [(key, words) for key, words in found if words]

    text = {name: links.resolve(said(name)) for name in ("sentence", "missing")}
    return text | {name: pairs(name) for name in ("limits", "provenance", "facts")}


def derived(manifest: dict, about: dict) -> dict:
    """What page 1 says of the networks, of time and of the author's words, from manifest and report.toml."""
    outputs = manifest["outputs"]
    digests = {Path(name).stem: sha for name, sha in outputs.items() if name.endswith(".keras")}
    shipped = [name for name in digests if f"metrics/shipped_{name}.json" in outputs]
    given = ["cnn"] if "model" in manifest["elsewhere"] else []
    trained = [name for name in digests if name not in (*shipped, *given)]
    texts = [own.get("text", "") for own in about.get("question", {}).values()]
    return {
        "networks": {"shipped": shipped, "trained": trained, "sha256": digests},
        "seconds": sum(book.get("seconds") or 0 for book in manifest["notebooks"]),
        "own_words": sum(len(WORD.findall(text)) for text in texts),
    }
