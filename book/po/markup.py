"""What mdbook-i18n-helpers cannot do. mdBook runs this before it: a preprocessor that

- gives every heading and every term of a definition list the id that it has in English, so that
  links lead to the same place in every language;
- writes definition lists and alerts, which the helper takes for paragraphs, as HTML around text;
- translates the words within HTML and SVG, from the same messages as the text.

`--extract FILE` writes these messages instead; `--filter TEMPLATE` takes out of a template what is
code and stays; `title` and `description` print those of the book. Needs polib.
"""

import json
import os
import pathlib
import re
import sys
import tomllib

import polib

BOOK = pathlib.Path(__file__).parent.parent
SETTINGS = tomllib.loads((BOOK / "book.toml").read_text())["book"]

# A code block is no markup.
CODE_BLOCK = re.compile(r"^(```.*?^```)", re.DOTALL | re.MULTILINE)
ELEMENT = re.compile(r"(<(?:(?:button|desc|figcaption|label|summary|text|title)\b[^>]*|p class=\"alert\")>)((?:[^<]|</?code>)+)(?=<)")
ATTRIBUTE = re.compile(r'(\s(?:aria-label|data-scenarios|placeholder)=")([^"]+)(")')
# The scenarios of a console are a list.
SEPARATOR = re.compile(r"(\s*[|,]\s*)")
# Fewer letters are hexadecimal digits, or a unit.
WORDS = re.compile("[A-Za-z]{3}")

DEFINITION = re.compile(r"^(\S.*)\n: (.*(?:\n  \S.*)*)", re.MULTILINE)
ALERT = re.compile(r"^> \[!(\w+)\]\n((?:>.*\n?)+)", re.MULTILINE)
# In a template: a code block, a string literal of a listing, one piece of code, or no word at all.
CODE = re.compile(r'```.*```|"(?:[^"\\]|\\.)*"|`[^`]*`|[^A-Za-z]*|//!?\s*(?:cargo .*)?', re.DOTALL)


class Ids:
    """The ids of a page, as mdBook makes them."""

    def __init__(self):
        self.used = {}

    def of(self, text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", text).lower()
        plain = "".join(c for c in plain if c.isalnum() or c.isspace() or c in "_-")
        name = re.sub(r"\s", "-", plain.strip())
        number = self.used[name] = self.used.get(name, -1) + 1
        return f"{name}-{number}" if number else name


def prepare(content):
    """The page for the helper: the same in all languages, but for its words."""
    ids = Ids()

    def heading(match):
        marks, text = match.groups()
        return match[0] if "{#" in text else f"{marks} {text} {{#{ids.of(text)}}}"

    def definition(match):
        term, text = match.groups()
        text = re.sub(r"\n  ", "\n", text)
        return f'<dl>\n<dt id="{ids.of(term)}">\n\n{term}\n\n</dt>\n<dd>\n\n{text}\n\n</dd>\n</dl>\n'

    def alert(match):
        kind, text = match.groups()
        text = re.sub("^> ?", "", text, flags=re.MULTILINE)
        start = f'<blockquote class="blockquote-tag blockquote-tag-{kind.lower()}">'
        return f'{start}\n<p class="alert">{kind.capitalize()}</p>\n\n{text}\n</blockquote>\n'

    parts = CODE_BLOCK.split(content)
    for i in range(0, len(parts), 2):
        part = re.sub(r"^(#{1,6}) (.+)$", heading, parts[i], flags=re.MULTILINE)
        parts[i] = ALERT.sub(alert, DEFINITION.sub(definition, part))
    return "".join(parts)


def translate_markup(content, translate):
    """`content`, with `translate` applied to each of its texts that are not Markdown."""

    def one(text):
        words = text.strip()
        return text.replace(words, translate(words)) if WORDS.search(words) else text

    def attribute(match):
        start, value, end = match.groups()
        parts = SEPARATOR.split(value) if "data-scenarios" in start else [value]
        return start + "".join(map(one, parts)) + end

    def element(match):
        return match[1] + one(match[2])

    parts = CODE_BLOCK.split(content)
    parts[::2] = [ATTRIBUTE.sub(attribute, ELEMENT.sub(element, part)) for part in parts[::2]]
    return "".join(parts)


def chapters(items):
    for item in items:
        if isinstance(item, dict) and "Chapter" in item:
            yield item["Chapter"]
            yield from chapters(item["Chapter"]["sub_items"])


def read_messages(language):
    path = BOOK / "po" / f"{language}.po"
    return {it.msgid: it.msgstr for it in polib.pofile(path) if it.translated()}


def extract(book, path):
    messages = polib.POFile()
    messages.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    found = {SETTINGS[it]: ["book.toml"] for it in ("title", "description")}
    for chapter in chapters(book["items"]):
        place = f"src/{chapter['source_path']}"

        def note(text):
            places = found.setdefault(text, [])
            if place not in places:
                places.append(place)
            return text

        translate_markup(chapter["content"], note)
    for text, places in found.items():
        occurrences = [(place, "") for place in places]
        messages.append(polib.POEntry(msgid=text, occurrences=occurrences))
    messages.save(path)


def drop_code(path):
    template = polib.pofile(path)
    kept = [it for it in template if not CODE.fullmatch(it.msgid.strip())]
    template[:] = kept
    # It would change every day.
    template.metadata.pop("POT-Creation-Date", None)
    template.save(path)


def main(arguments):
    if "supports" in arguments:
        return
    match arguments:
        case ["title" | "description" as setting]:
            text = SETTINGS[setting]
            print(read_messages(os.environ["MDBOOK_BOOK__LANGUAGE"]).get(text, text))
            return
        case ["--filter", path]:
            return drop_code(path)
    context, book = json.load(sys.stdin)
    for chapter in chapters(book["items"]):
        chapter["content"] = prepare(chapter["content"])
    if arguments:
        extract(book, arguments[1])
    else:
        messages = read_messages(context["config"]["book"]["language"])
        for chapter in chapters(book["items"]):
            chapter["content"] = translate_markup(chapter["content"], lambda it: messages.get(it, it))
    json.dump(book, sys.stdout)


main(sys.argv[1:])
