"""Words from numbers: the templates in ``answers/`` rendered with what the notebooks recorded.

A template is Markdown with Jinja. What it places (figures, tables, notes) and points to (``ref``, ``cite``, ``term``)
is kept as marks, which the report resolves when it knows every number.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import jinja2
from markupsafe import Markup

from helpers import ROOT, records
from helpers.display import SUFFIXES
from helpers.errors import UserError
from helpers.formats import BLANK, Numbers, plain
from helpers.kinds import ANSWERS, languages
from helpers.stats import Estimate

LANGUAGE = "en"
COMPILED = ROOT / "data" / ".cache" / "templates"
PLACE = re.compile("\ue000([0-9]+)\ue001")
POINT = re.compile("\ue002(ref|cite|term):([^\ue003]*)\ue003")
# Where a Chinese sentence has a space around a Latin name or a number that a result filled in.
GAP = re.compile("(?<=[一-鿿])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[一-鿿])")
# A number stays on the line of its unit or name.
BOUND = re.compile("(?<=[一-鿿]) (?=[0-9])|(?<=[0-9]) (?=[一-鿿])")


@dataclass(frozen=True)
class Placed:
    """What a template places.

    Attributes:
        kind: ``figure``, ``table`` or ``note``.
        name: of the figure or table.
        text: the caption, or the note; Markdown with marks.
        alt: a figure in words, plain text.
        width: ``text``, ``wide`` or ``margin``.
        heads, formats: of a table's columns.
    """

    kind: str
    name: str = ""
    text: str = ""
    alt: str = ""
    width: str = "text"
    heads: tuple = ()
    formats: tuple = ()


class Wording:
    """The templates of one language, with the results of one run.

    Args:
        language: a folder of ``answers/``.
        sources: run folders; the first that has a result counts.

    Raises:
        UserError: a language there is no folder for.
    """

    def __init__(self, language: str, sources: list[Path]):
        if language not in languages():
            raise UserError(f"language {language!r}: there is {', '.join(languages())}")
        self.language, self.sources = language, sources
        self.page = tomllib.loads((ANSWERS / language / "page.toml").read_text("utf-8"))
        self.glossary = tomllib.loads((ANSWERS / language / "glossary.toml").read_text("utf-8"))
        self.numbers = Numbers(self.page["numbers"], self.page.get("classes", {}))

    @cached_property
    def environment(self) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(ANSWERS / self.language),
            bytecode_cache=_compiled(),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        for name in ("pct", "points", "signed", "num", "count", "p", "interval", "listed", "cls"):
            environment.filters[name] = getattr(self.numbers, name)
        environment.filters["plain"] = plain
        environment.filters["told"] = self.told
        environment.filters["start"] = lambda text: text[:1].upper() + text[1:]
        return environment

    def told(self, note: str) -> str:
        """What a reader of data noted in English, as [notes] of page.toml has it; ``{}`` stands for what varies."""
        for english, other in self.page.get("notes", {}).items():
            pattern = re.escape(english).replace(r"\{\}", "(.+)")
            if found := re.fullmatch(pattern, note):
                return other.format(*found.groups())
        return note

    @cached_property
    def results(self) -> dict[str, records.Record]:
        """All that was recorded, by name."""
        found = {}
        for folder in reversed(self.sources):
            for path in sorted((folder / "metrics").glob("*.json")):
                found[path.stem.replace("-", "_")] = records.loads(path.read_bytes())
        return found

    def table(self, name: str) -> records.Record | None:
        """The columns and rows of a table, or None if no notebook made it."""
        paths = (folder / "tables" / f"{name}.json" for folder in self.sources)
        found = next((path for path in paths if path.is_file()), None)
        return None if found is None else records.loads(found.read_bytes())

    def picture(self, name: str) -> Path | None:
        """The file of a figure, or None if no notebook made it."""
        for folder in self.sources:
            for suffix in SUFFIXES:
                if (path := folder / "figures" / f"{name}.{suffix}").is_file():
                    return path
        return None

    def blocks(self, template: str, **variables) -> "Blocks":
        """A template with its variables, whose blocks can be rendered.

        Raises:
            jinja2.TemplateError: a template that does not exist, or that cannot be read.
        """
        return Blocks(self, template, {**self.results, **variables})


class Blocks:
    """The blocks of one template; ``placed`` holds what they place, by the number in the mark."""

    def __init__(self, wording: Wording, template: str, variables: dict):
        self.wording, self.placed = wording, []
        self.template = wording.environment.get_template(f"{template}.md.j2")
        functions = {
            "figure": self._figure,
            "table": self._table,
            "note": self._note,
            "ref": lambda name: _point("ref", name),
            "cite": lambda *keys: Markup("").join(_point("cite", key) for key in keys),
            "term": lambda word, entry=None: _point("term", f"{entry or word}:{word}"),
        }
        self.context = self.template.new_context({**variables, **functions})
        # What is set outside of the blocks, and no block itself.
        blocks, self.context.blocks = self.context.blocks, {}
        for name in blocks:
            self.context.blocks[name] = [lambda context: iter(())]
        for _ in self.template.root_render_func(self.context):
            pass
        self.context.blocks = blocks

    def __contains__(self, name: str) -> bool:
        return name in self.template.blocks

    def render(self, name: str) -> str:
        """A block as Markdown with marks; empty where the template has none of that name.

        Raises:
            jinja2.TemplateError: an unknown name, with the template's name and line.
        """
        if name not in self:
            return ""
        return self._spaced("".join(self.template.blocks[name](self.context)).strip())

    def plain(self, name: str) -> str:
        """A block as Markdown for a notebook: words for the marks, nothing for what stands above already."""
        text = PLACE.sub("", self.render(name))
        return POINT.sub(lambda found: found[2].rpartition(":")[2], text).strip()

    def _spaced(self, text: str) -> str:
        if not self.wording.language.startswith("zh"):
            return text
        return BOUND.sub(BLANK, GAP.sub(" ", text))

    def _place(self, placed: Placed) -> Markup:
        texts = {"text": self._spaced(placed.text), "alt": self._spaced(placed.alt)}
        self.placed.append(replace(placed, **texts))
        return Markup(f"\n\n\ue000{len(self.placed) - 1}\ue001\n\n")

    def _figure(self, name: str, caption: str, alt: str, width: str = "text") -> Markup:
        if not str(caption).strip() or not str(alt).strip():
            raise jinja2.TemplateRuntimeError(
                f"the figure {name!r} needs a caption and an alt text"
            )
        return self._place(Placed("figure", name, str(caption), unescaped(alt), width))

    def _table(self, name: str, caption: str, heads, formats, width: str = "text") -> Markup:
        table = self.wording.table(name)
        if not str(caption).strip() or len(heads) != len(formats):
            raise jinja2.TemplateRuntimeError(
                f"the table {name!r} needs a caption, and a format a head"
            )
        if table is not None and len(table.columns) != len(heads):
            raise jinja2.TemplateRuntimeError(
                f"the table {name!r} has the columns {', '.join(table.columns)}: {len(heads)} heads do not fit"
            )
        return self._place(Placed("table", name, str(caption), "", width, (*heads,), (*formats,)))

    def _note(self, text: str) -> Markup:
        return self._place(Placed("note", text=str(text)))


def _compiled() -> jinja2.BytecodeCache | None:
    """Where compiled templates stay: reading one takes a third of a second."""
    try:
        COMPILED.mkdir(parents=True, exist_ok=True)
    except OSError:  # a checkout that cannot be written
        return None
    return jinja2.FileSystemBytecodeCache(str(COMPILED))


def _point(kind: str, what: str) -> Markup:
    return Markup(f"\ue002{kind}:{what}\ue003")


def unescaped(text) -> str:
    """Alt text, which is not Markdown: without the backslashes."""
    bare = POINT.sub(lambda found: found[2].rpartition(":")[2], str(text))
    return re.sub(r"\\([^\w\s]|_)", r"\1", bare).strip()


def _finalize(value):
    """What an expression puts into a template: text is escaped, a number must have its form."""
    if isinstance(value, jinja2.Undefined | Markup):
        return value
    if isinstance(value, bool) or value is None:
        raise jinja2.TemplateRuntimeError(f"{value} cannot stand in a sentence")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Estimate):
        raise jinja2.TemplateRuntimeError(f"{value} needs a filter: pct, points, signed or num")
    return plain(value)
