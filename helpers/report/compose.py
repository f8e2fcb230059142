"""From a run's results and the templates to one document: answers in the homework's order, everything numbered."""

import re
from pathlib import Path

import jinja2
from markupsafe import Markup

from helpers.files import read_json
from helpers.formats import plain
from helpers.records import Record
from helpers.report import homework, references
from helpers.report.author import CITE, REFER
from helpers.report.document import Document, Figure, Note, Part, Reference, Section, Table
from helpers.wording import PLACE, POINT, Blocks, Placed, Wording

BLOCKS = ("short", "answer", "evidence", "more", "settings", "doubt")
WORD = re.compile(r"[一-鿿㐀-䶿]|[^\W_]+(?:['’-]\w+)*")  # a Chinese character counts as one
PAGE = "page"  # the template of page 1 and of the last page
DONE = ("ran", "reused")
UNSEEN = {"explore", "injected-parameters", "papermill-error-cell-tag"}


class Composer:
    """One document being put together.

    Args:
        folder: the run's, with figures/, tables/ and metrics/.
        manifest: of the run; its notebooks' states decide what can be said.
        about: the content of report.toml.
        language: of the templates.
    """

    def __init__(self, folder: Path, manifest: dict, about: dict, language: str):
        self.folder, self.manifest, self.about = folder, manifest, about
        self.wording = Wording(language, [folder])
        self.words = self.wording.page["words"]
        self.states = {book["name"]: book for book in manifest["notebooks"]}
        self.counts: dict[tuple[str, bool], int] = {}
        self.placed: dict[str, Figure | Table] = {}
        self.cited: list[str] = []
        self.known = [*references.known(), *(own.get("key") for own in about.get("reference", ()))]
        self.terms: dict[str, str] = {}
        self.warnings: list[str] = []
        self.variables = {
            "data": manifest["data"],
            "run": {key: manifest[key] for key in ("seed", "quick")} | {"name": manifest["run"]},
            "manifest": Record({**manifest, **self._derived()}),
            "about": about,
        }

    def document(self) -> Document:
        """The whole report."""
        asked = homework.plan(self.about, list(self.states), self.wording.page)
        drafts = [
            (question, self._rendered(question)) for question in asked if self._is_here(question)
        ]
        sections = [self._section(question, *draft) for question, draft in drafts]
        missing = [question for question in asked if not self._is_here(question)]
        self._number([part for each in sections for part in (*each.answer, *each.parts)], False)
        self._number([part for each in sections for part in each.more], True)
        for section in sections:
            section.thumbnail = next(filter(_is_figure, [*section.answer, *section.parts]), None)
        page = Blocks(self.wording, PAGE, self._of_page(sections, missing))
        found = {name: page.render(name) for name in ("sentence", "limits", "provenance", "facts")}
        document = Document(
            title=homework.heading(self.about, self.wording.page),
            language=self.wording.language,
            subtitle=self.manifest["data"]["title"],
            author={"name": "", **self.about.get("author", {})},
            date=str(self.about.get("author", {}).get("date") or self.manifest["started"][:10]),
            sentence=self._final(found["sentence"]),
            strip=self._strip(),
            sections=[self._finished(section) for section in sections],
            missing=self._final(page.render("missing")),
            limits=self._lines(found["limits"]),
            provenance=self._lines(found["provenance"]),
            facts=self._lines(found["facts"]),
            words=self.words,
            quick=bool(self.manifest["quick"]),
            warnings=self.warnings,
        )
        document.code = {
            name: _code(self.folder / "notebooks" / f"{name}.ipynb") for name in self.states
        }
        document.glossary = self._glossary()
        document.references = self._references()
        return document

    # --- one question ---

    def _is_here(self, question) -> bool:
        return bool(question.topics) or bool(question.words)

    def _rendered(self, question) -> tuple[dict[str, list[tuple[str, Blocks]]], list[str], str]:
        """The question's blocks, by kind; what went wrong, as Markdown; and its state."""
        found: dict[str, list] = {name: [] for name in BLOCKS}
        notices, state = [], "done"
        for name, topics in question.topics.items():
            book = self.states[name]
            if book["state"] not in DONE:
                state = book["state"] if book["state"] in ("failed", "skipped") else "running"
                reason = book.get("error") or (book.get("reason") if state == "skipped" else "")
                notices += [f"`{name}`: {plain(reason)}"] if reason else []
                continue
            try:
                blocks = self.wording.blocks(name, **self.variables)
                for kind, block in _wanted(blocks, topics):
                    if text := blocks.render(block):
                        found[kind].append((text, blocks))
            except jinja2.TemplateError as fault:
                state = "failed"
                where = f"{self.wording.language}/{name}.md.j2: {fault}"
                self.warnings.append(where)
                notices.append(
                    self.words["failed"].format(notebook=f"`{name}`", reason=plain(where))
                )
        return found, notices, state

    def _section(self, question, found: dict, notices: list[str], state: str) -> Section:
        def joined(kind: str) -> str:
            separator = "\n" if kind == "settings" else " "
            return separator.join(text for text, _ in found[kind])

        return Section(
            number=str(question.number),
            title=question.title,
            anchor=question.anchor,
            question=question.text,
            points=question.points,
            short=joined("short"),
            own=question.words,
            collaborators=", ".join(question.collaborators),
            notices=notices,
            answer=self._parts(found["answer"]),
            parts=self._parts(found["evidence"]),
            more=self._parts(found["more"]),
            settings=joined("settings"),
            doubt=joined("doubt"),
            notebooks=list(question.topics),
            state=state,
        )

    def _parts(self, rendered: list[tuple[str, Blocks]]) -> list[Part]:
        """Texts and what stands between them."""
        parts: list[Part] = []
        for text, blocks in rendered:
            for index, piece in enumerate(PLACE.split(text)):
                if index % 2 == 0:
                    parts += [piece.strip()] if piece.strip() else []
                elif part := self._place(blocks.placed[int(piece)]):
                    parts.append(part)
        return parts

    def _place(self, placed: Placed) -> Part | None:
        """What stands at a mark; a figure or table that stands in an earlier question is named there."""
        if placed.kind == "note":
            return Note(placed.text)
        if placed.name in self.placed:
            return f"\ue002ref:{placed.name}\ue003"
        part = self._figure(placed) if placed.kind == "figure" else self._table(placed)
        if part is not None:
            self.placed[placed.name] = part
        return part

    def _figure(self, placed: Placed) -> Figure | None:
        path = self.wording.picture(placed.name)
        return path and Figure(placed.name, path, placed.text, placed.alt, placed.width)

    def _table(self, placed: Placed) -> Table | None:
        table = self.wording.table(placed.name)
        if table is None:
            return None
        numbers, rows = self.wording.numbers, []
        for row in table.rows:
            pairs = zip(row, placed.formats, strict=True)
            rows.append([numbers.cell(value, form) for value, form in pairs])
        right = [
            form not in ("text", "class") and not isinstance(form, dict) for form in placed.formats
        ]
        raw = [[getattr(value, "value", value) for value in row] for row in table.rows]
        heads = list(placed.heads)
        return Table(placed.name, heads, rows, right, raw, list(table.columns), placed.text)

    # --- numbers, links ---

    def _number(self, parts: list[Part], more: bool) -> None:
        """Number figures and tables; further evidence apart, S1, S2: a reader of the PDF misses no number."""
        for part in parts:
            if isinstance(part, Figure | Table):
                kind = type(part).__name__.lower()
                self.counts[kind, more] = self.counts.get((kind, more), 0) + 1
                part.number = f"{'S' if more else ''}{self.counts[kind, more]}"
                part.anchor = f"{kind}-{part.number.lower()}"

    def _final(self, text: str) -> str:
        """Markdown with every mark replaced by its link."""
        return POINT.sub(lambda found: getattr(self, f"_{found[1]}")(found[2]), text)

    def _ref(self, name: str) -> str:
        part = self.placed.get(name)
        if part is None:
            self.warnings.append(f"no figure or table of this report is called {name!r}")
            return f"({plain(name)})"
        named = self.words[type(part).__name__.lower()].format(number=part.number)
        return f"[{named.rstrip('.。')}](#{part.anchor})".replace(" ", "\u00a0")

    def _cite(self, key: str) -> str:
        if key not in self.known:
            self.warnings.append(f"no reference has the key {key!r}")
            return f"({plain(key)})"
        if key not in self.cited:
            self.cited.append(key)
        number = self.cited.index(key) + 1
        return f"[[{number}]](#reference-{number})"

    def _term(self, entry: str) -> str:
        key, _, word = entry.partition(":")
        if key not in self.wording.glossary:
            self.warnings.append(f"the glossary of {self.wording.language} has no {key!r}")
            return word
        self.terms[key] = f"term-{re.sub(r'[^a-z0-9]+', '-', key.lower()) or len(self.terms)}"
        return f"[{word}](#{self.terms[key]})"

    def _finished(self, section: Section) -> Section:
        """A section with its marks resolved, in reading order."""
        section.own = REFER.sub(lambda found: self._ref(found[1].strip()), section.own)
        section.own = CITE.sub(lambda found: self._cite(found[1].strip()), section.own)
        section.short = self._final(section.short)
        for parts in (section.answer, section.parts, section.more):
            parts[:] = [self._finished_part(part) for part in parts]
        section.settings, section.doubt = self._final(section.settings), self._final(section.doubt)
        return section

    def _finished_part(self, part: Part) -> Part:
        if isinstance(part, str):
            return self._final(part)
        if isinstance(part, Note):
            part.text = self._final(part.text)
        else:
            part.caption = self._final(part.caption)
        return part

    # --- page 1 and the last page ---

    def _of_page(self, sections: list[Section], missing: list) -> dict:
        results = {**self.wording.results, **self.variables}
        doubts = [
            {"number": Markup(section.number), "text": Markup(section.doubt)}
            for section in sections
            if section.doubt
        ]
        return {**results, "sections": sections, "missing": missing, "doubts": doubts}

    def _lines(self, text: str) -> list[tuple[str, str]]:
        """Lines ``name | Markdown`` as pairs."""
        lines = [self._final(line).strip() for line in text.splitlines() if "|" in line]
        pairs = [line.partition("|") for line in lines]
        return [(name.strip(), words.strip()) for name, _, words in pairs if words.strip()]

    def _strip(self) -> Figure | None:
        path = self.wording.picture("strip")
        names = ", ".join(self.manifest["data"]["classes"])
        return path and Figure(
            "strip", path, alt=self.words["strip"].format(classes=names), width="wide"
        )

    def _glossary(self) -> list[tuple[str, str, str]]:
        terms = sorted(self.terms, key=str.lower)
        return [(term, self.wording.glossary[term], self.terms[term]) for term in terms]

    def _references(self) -> list[Reference]:
        """What was cited, in that order, and what every report on such data cites."""
        of_data = references.of_data(self.manifest["data"]["name"])
        keys = [*self.cited, *([of_data] if of_data else [])]
        found = references.cited(keys, self.about.get("reference", ()))
        return [
            Reference(number, entry["text"], entry["url"], f"reference-{number}")
            for number, entry in enumerate(found, 1)
        ]

    def _derived(self) -> dict:
        """What page 1 says of the networks, of time and of the author's words, from manifest and report.toml."""
        outputs = self.manifest["outputs"]
        digests = {Path(name).stem: sha for name, sha in outputs.items() if name.endswith(".keras")}
        shipped = [name for name in digests if f"metrics/shipped_{name}.json" in outputs]
        given = ["cnn"] if "model" in self.manifest["elsewhere"] else []
        trained = [name for name in digests if name not in (*shipped, *given)]
        texts = [own.get("text", "") for own in self.about.get("question", {}).values()]
        return {
            "networks": Record(shipped=shipped, trained=trained, sha256=digests),
            "seconds": sum(book.get("seconds") or 0 for book in self.manifest["notebooks"]),
            "own_words": sum(len(WORD.findall(text)) for text in texts),
        }


def _wanted(blocks: Blocks, topics: tuple[str, ...]) -> list[tuple[str, str]]:
    """Which block says what: those of the topics asked for, or else the whole notebook's."""
    names = [topic for topic in topics if topic in blocks]
    if not names:
        return [(kind, kind) for kind in BLOCKS]
    found = []
    for topic in names:
        found += [("short", f"short_{topic}"), ("evidence", topic), ("more", f"more_{topic}")]
    return [*found, ("settings", "settings"), ("doubt", "doubt")]


def _code(path: Path) -> list[dict]:
    """The cells of an executed notebook, for who wants to read on; none if there is no such notebook."""
    cells = read_json(path).get("cells", [])
    seen = [cell for cell in cells if not UNSEEN.intersection(cell["metadata"].get("tags", ()))]
    return [{**cell, "source": "".join(cell["source"])} for cell in seen]


def _is_figure(part: Part) -> bool:
    return isinstance(part, Figure)


def compose(folder: Path, manifest: dict, about: dict, language: str) -> Document:
    """The document of a run; see ``Composer``."""
    return Composer(folder, manifest, about, language).document()
