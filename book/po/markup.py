"""What mdbook-i18n-helpers leaves in English: the words within HTML and SVG. mdBook runs this.

A preprocessor in the language of the book, with the same messages as the text. As
`--extract FILE` it writes the messages there instead; `title` and `description` print those of
the book. Needs polib.
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
ELEMENT = re.compile(r"(<(?:button|desc|figcaption|label|summary|text|title)\b[^>]*>\s*)((?:[^<]|</?code>)+?)(\s*<)")
ATTRIBUTE = re.compile(r'(\s(?:aria-label|data-scenarios|placeholder)=")([^"]+)(")')
# The scenarios of a console are a list.
SEPARATOR = re.compile(r"(\s*[|,]\s*)")
# Fewer letters are hexadecimal digits, or a unit.
WORDS = re.compile("[A-Za-z]{3}")


def translate_markup(content, translate):
    """`content`, a page, with `translate` applied to each of its texts that are not Markdown."""

    def one(text):
        return translate(text) if WORDS.search(text) else text

    def attribute(match):
        start, value, end = match.groups()
        parts = SEPARATOR.split(value) if "data-scenarios" in start else [value]
        return start + "".join(map(one, parts)) + end

    def element(match):
        return match[1] + one(match[2]) + match[3]

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
    found = {}
    for setting in ("title", "description"):
        found.setdefault(SETTINGS[setting], []).append("book.toml")
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


def main(arguments):
    if "supports" in arguments:
        return
    if arguments in (["title"], ["description"]):
        text = SETTINGS[arguments[0]]
        print(read_messages(os.environ["MDBOOK_BOOK__LANGUAGE"]).get(text, text))
        return
    context, book = json.load(sys.stdin)
    if arguments:
        extract(book, arguments[1])
    else:
        messages = read_messages(context["config"]["book"]["language"])
        for chapter in chapters(book["items"]):
            chapter["content"] = translate_markup(chapter["content"], lambda it: messages.get(it, it))
    json.dump(book, sys.stdout)


main(sys.argv[1:])
