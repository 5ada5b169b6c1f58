"""What is wrong with a translation: in its messages, and in the site that is built from them."""

import html.parser
import pathlib
import re
import sys

import polib

LANGUAGE = "zh-CN"
CHINESE = "\u3400-\u4dbf\u4e00-\u9fff"
# Also what stands beside Chinese without a space.
FULL_WIDTH = "\u3000-\u303f\uff00-\uffef\u2018-\u201d\u2026\u2014"

CODE = re.compile(r"`+[^`]*`+|<code>.*?</code>")
LINK = re.compile(r"\]\(([^)]*)\)|<(https?:[^>]*)>")
PLACEHOLDER = re.compile(r"\{\w*\}")
BLOCK = re.compile(r"^\s*(///?|//!)", re.MULTILINE)


def same(what, pattern, message, errors):
    def all_of(text):
        return sorted(" ".join(filter(None, it)) if isinstance(it, tuple) else it for it in pattern.findall(text))

    ours, theirs = all_of(message.msgid), all_of(message.msgstr)
    if ours != theirs:
        missing = [it for it in ours if it not in theirs]
        added = [it for it in theirs if it not in ours]
        errors.append(f"{what}: missing {missing}, added {added}")


def typography(text):
    """What breaks the rules of book/po/README.md, in text without markup and code (`\x01`)."""
    checks = [
        (rf"[{CHINESE}] +[{CHINESE}]", "a space between Chinese characters"),
        (rf"[{CHINESE}][A-Za-z0-9\x01]|[A-Za-z0-9%\x01][{CHINESE}]", "no space between Chinese and Latin or code"),
        (rf"[{CHINESE}] ?[,;:?!]|[{CHINESE}]\.(?!\w|\.)|[,;:?!(][{CHINESE}]|[{CHINESE}]\s?[()]", "half-width punctuation beside Chinese"),
        (rf"[{CHINESE}] [，。：；？！（）“”、]|[，。：；？！（）、] [{CHINESE}]", "a space beside full-width punctuation"),
        (rf"[{CHINESE}{FULL_WIDTH}](?:_|\*\*)|(?:_|\*\*)[{CHINESE}{FULL_WIDTH}]", "a literal _ or ** beside Chinese"),
    ]
    if re.search(f"[{CHINESE}]", text) and re.search(r"[,.;:?!]$", text.strip()):
        yield f"half-width punctuation at the end: {text.strip()[-12:]!r}"
    for pattern, problem in checks:
        for found in re.finditer(pattern, text):
            around = text[max(0, found.start() - 8):found.end() + 8].replace("\x01", "`…`")
            yield f"{problem}: {around!r}"


def message_errors(message):
    errors = []
    if "fuzzy" in message.flags:
        return ["fuzzy"]
    if not message.msgstr:
        return ["not translated"]
    for what, pattern in [("code", CODE), ("links", LINK), ("comments", BLOCK)]:
        if what != "comments" or BLOCK.match(message.msgid):
            if what == "comments":
                # The lines may be fewer, but of the same kind.
                if set(BLOCK.findall(message.msgid)) != set(BLOCK.findall(message.msgstr)):
                    errors.append("its comment marks")
                if message.msgid.endswith("\n") != message.msgstr.endswith("\n"):
                    errors.append("its last line break")
            else:
                same(what, pattern, message, errors)
    without_code = polib.POEntry(msgid=CODE.sub("", message.msgid), msgstr=CODE.sub("", message.msgstr))
    same("placeholders", PLACEHOLDER, without_code, errors)
    text = re.sub(r"<https?:[^>]*>", "\x01", CODE.sub("\x01", message.msgstr))
    text = LINK.sub("]", text)
    text = re.sub(r"</?\w+>|[\[\]]", "", text)
    plain = re.sub(r"\*\*|(?<!\w)_|_(?!\w)", "", text)
    errors += typography(plain)
    # CommonMark takes these for text.
    if re.search(rf"[{CHINESE}]_\S|\S_[{CHINESE}]", text):
        errors.append("_ beside Chinese")
    for bold, after in zip(text.split("**")[1::2], text.split("**")[2::2]):
        if re.search("[，。：；？！）”]$", bold) and re.match(f"[{CHINESE}]", after):
            errors.append(f"punctuation within **{bold}**, before Chinese")
    return errors


class Texts(html.parser.HTMLParser):
    """The texts of a page, without code and scripts."""

    def __init__(self):
        super().__init__()
        self.silent, self.texts, self.lang = [], [], None

    def handle_starttag(self, tag, attributes):
        if tag == "html":
            self.lang = dict(attributes).get("lang")
        if tag in ("code", "script", "style", "pre"):
            self.silent.append(tag)

    def handle_endtag(self, tag):
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data):
        if not self.silent:
            self.texts.append(data)


def pages(folder):
    return {str(it.relative_to(folder)) for it in folder.rglob("*.html")}


def site_errors(site):
    chinese = site / LANGUAGE
    ours = {it for it in pages(site) if not it.startswith(f"{LANGUAGE}/")}
    for page in sorted(ours ^ pages(chinese)):
        yield f"{page}: is there in one language alone"
    for page in sorted(ours & pages(chinese)):
        texts = Texts()
        texts.feed((chinese / page).read_text())
        if texts.lang != LANGUAGE:
            yield f"{page}: lang is {texts.lang}"
        for text in texts.texts:
            if re.search(rf"[{CHINESE}{FULL_WIDTH}](?:_|\*\*)|(?:_|\*\*)[{CHINESE}{FULL_WIDTH}]", text):
                yield f"{page}: a literal _ or **: {text.strip()[:60]!r}"
        if not page.endswith(("404.html", "toc.html")):
            yield from missing_ids(site, page)


def missing_ids(site, page):
    """Every place that a link may lead to in English is there in Chinese."""
    ids = [set(re.findall(r'\bid="([^"]+)"', (folder / page).read_text())) for folder in (site, site / LANGUAGE)]
    for name in sorted(ids[0] - ids[1]):
        yield f"{page}: the id {name} is missing"


def main(site):
    catalog = polib.pofile(f"book/po/{LANGUAGE}.po")
    problems = []
    for message in catalog:
        place = message.occurrences[0][0] if message.occurrences else "?"
        problems += [f"{place}: {error}: {message.msgid[:60]!r}" for error in message_errors(message)]
    problems += site_errors(pathlib.Path(site))
    for problem in problems:
        print(problem)
    missing = sum(not it.translated() for it in catalog)
    print(f"{len(catalog) - missing} of {len(catalog)} messages are translated; {len(problems)} problems")
    return min(len(problems), 1)


sys.exit(main(sys.argv[1]))
