"""What texts point to: figures and tables by their numbers, papers, words of the glossary."""

import re
from collections.abc import Iterable

from helpers.formats import plain
from helpers.report import references
from helpers.report.author import CITE, REFER
from helpers.report.document import Figure, Note, Part, Reference, Section, Table
from helpers.wording import POINT


class Links:
    """The marks of one report, replaced by Markdown links.

    Args:
        words: ``[words]`` of page.toml.
        glossary: term -> its explanation, or its name in this language and its explanation.
        own: the author's references, from report.toml.

    Attributes:
        placed: figures and tables by name, once each.
        warnings: marks that lead nowhere, a sentence each.
    """

    def __init__(self, words: dict, glossary: dict, own: Iterable[dict]):
        self.words, self.glossary, self.own = words, glossary, list(own)
        self.papers = references.PAPERS | {e["key"]: e for e in self.own if "key" in e}
        self.placed: dict[str, Figure | Table] = {}
        self.warnings: list[str] = []
        self._counts: dict[tuple[str, bool], int] = {}
        self._cited: list[str] = []
        self._shown = 0  # how many of them the PDF cites
        self._terms: dict[str, str] = {}

    def number(self, parts: Iterable[Part], more: bool = False) -> None:
        """Number figures and tables; further evidence apart, S1, S2: a reader of the PDF misses no number."""
        for part in parts:
            if isinstance(part, Figure | Table):
                kind = type(part).__name__.lower()
                self._counts[kind, more] = self._counts.get((kind, more), 0) + 1
                part.number = f"{'S' if more else ''}{self._counts[kind, more]}"
                part.anchor = f"{kind}-{part.number.lower()}"

    def resolve(self, text: str) -> str:
        """A template's Markdown with every mark replaced."""
        return POINT.sub(lambda found: getattr(self, f"_{found[1]}")(found[2]), text)

    def resolve_section(self, section: Section) -> None:
        """Replace the marks of a question, in reading order; the author's ``{ref:…}`` and ``{cite:…}``, too."""
        section.own = REFER.sub(lambda found: self._ref(found[1].strip()), section.own)
        section.own = CITE.sub(lambda found: self._cite(found[1].strip()), section.own)
        section.short = self.resolve(section.short)
        for parts in (section.answer, section.parts):
            parts[:] = [self._resolved(part) for part in parts]
        section.settings = self.resolve(section.settings)
        section.doubt = self.resolve(section.doubt)

    def resolve_more(self, sections: Iterable[Section], data: str) -> None:
        """Replace the marks of further evidence, last of all: the PDF lists no paper that only it cites."""
        paper = references.OF_DATA.get(data)
        self._cited += [paper] if paper and paper not in self._cited else []
        self._shown = len(self._cited)
        for section in sections:
            section.more[:] = [self._resolved(part) for part in section.more]

    def terms(self) -> list[tuple[str, str, str]]:
        """The glossary's entries that were pointed to: term, Markdown, anchor."""
        found = []
        for key, anchor in self._terms.items():
            entry = self.glossary[key]
            found.append((*((key, entry) if isinstance(entry, str) else entry), anchor))
        return sorted(found, key=lambda entry: entry[0].lower())

    def references(self) -> list[Reference]:
        """What was cited, in that order, what every report on such data cites, and what else the author names."""
        found, last = [], len(self._cited)
        entries = [self.papers[key] for key in self._cited]
        entries += [entry for entry in self.own if entry.get("key") not in self._cited]
        for number, entry in enumerate(entries, 1):
            place, more = f"reference-{number}", self._shown < number <= last
            found.append(Reference(number, entry["text"], entry.get("url"), place, more))
        return found

    def _resolved(self, part: Part) -> Part:
        if isinstance(part, str):
            return self.resolve(part)
        if isinstance(part, Note):
            part.text = self.resolve(part.text)
        else:
            part.caption = self.resolve(part.caption)
        return part

    def _ref(self, name: str) -> str:
        part = self.placed.get(name)
        if part is None:
            self.warnings.append(f"no figure or table of this report is called {name!r}")
            return f"({plain(name)})"
        named = self.words[type(part).__name__.lower()].format(number=part.number)
        return f"[{named.rstrip('.。')}](#{part.anchor})".replace(" ", "\u00a0")

    def _cite(self, key: str) -> str:
        if key not in self.papers:
            self.warnings.append(f"no reference has the key {key!r}")
            return f"({plain(key)})"
        if key not in self._cited:
            self._cited.append(key)
        number = self._cited.index(key) + 1
        return f"[[{number}]](#reference-{number})"

    def _term(self, entry: str) -> str:
        key, _, word = entry.partition(":")
        if key not in self.glossary:
            self.warnings.append(f"the glossary has no {key!r}")
            return word
        slug = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")
        self._terms.setdefault(key, f"term-{slug or len(self._terms)}")
        return f"[{word}](#{self._terms[key]})"
