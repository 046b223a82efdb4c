"""Choose what the shipped table is fitted on: `python tools/choose_texts.py DATA PACKAGES.jsonl OUT.jsonl`.

DATA is the folder of public sets, PACKAGES.jsonl comes from tools/cleared_texts.py. A third is Dutch, which is scarce:
nearly all there is; of English what is nearest to service; of what is translated also the translations, for the encoder
some of them, all others into OUT.translations.jsonl. What any public set is tested on stays out, whatever differs in
case, signs or numbers. The same files give the same choice.
"""

import argparse
import csv
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.model_selection import train_test_split

from tools.cleared_texts import key_of

__all__ = ["Choice", "main"]

ROOT = Path(__file__).parents[1]
UNDERSTAND = ROOT / "src/gehoor/understand/data"
SIMULATE = ROOT / "src/gehoor/run/simulate/texts"
SLOTS = {"flight": "NV218", "city": "Oslo", "time": "14:20", "n": "3", "gate": "D16", "number": "4821"}
TESTED = (
    ("intents/banking77_test", ""), ("intents/clinc150", "split!='train'"),
    ("intents/multidogo_finance", "split!='train'"),
    ("intents/xsid_nl_valid", ""), ("intents/xsid_de_valid", ""), ("intents/xsid_en_valid", ""),
    ("sentiment/tweeteval_emotion_test", ""), ("sentiment/tweeteval_offensive_test", ""),
    ("sentiment/umsab_english_test", ""), ("sentiment/umsab_german_test", ""),
)  # fmt: skip
# at first and then: of the large packages so many Dutch texts, so that none drowns the others
DUTCH = {
    "chromium-l10n": (2200, 2500), "homeassistant": (1400, 1800), "home-assistant-frontend": (800, 1000),
    "apache-superset": (500, 700), "scratch-l10n": (900, 800), "matrix-react-sdk": (900, 900), "trac": (300, 400),
    "@openui5/*": (300, 500), "@openstreetmap/id-tagging-schema": (500, 600), "emojibase-data": (0, 0),
    "wagtail": (500, 500), "ovos-skill-*": (1200, 1000), "django-oscar": (1200, 1000),
    "chatterbot-corpus": (1200, 1000),
}  # fmt: skip
PUBLIC = {
    ("banking77", "en"): (4500, 1500), ("clinc150", "en"): (4500, 3000), ("service_english", "en"): (2000, 2500),
    ("multidogo", "en"): (700, 1000), ("sms_spam", "en"): (1000, 1200),
}  # fmt: skip
HOME = {"nl": (9999, 0), "en": (600, 600), "de": (800, 700), "fr": (200, 400), "es": (200, 400)}
TRANSLATED = {"en": (2500, 4000), "de": (1800, 3500), "fr": (500, 1200), "es": (500, 1200)}
SPOKEN = {"en": (500, 700), "de": (900, 1600), "fr": (200, 400), "es": (200, 400)}
SPOKEN_OF = re.compile(
    "alert|weather|date_time|local_media|news|music|volume|wikipedia|spotify|application|homescreen|parrot|hello|movie"
    "|personal|stop|naptime|white|fallback"
)
TALK = {"en": (300, 900), "de": (216, 0), "fr": (50, 100), "es": (50, 100)}
WORDS = {"nl": (9000, 5000, 18000), "en": (4500, 4000, 8000), "de": (3500, 0, 10000)}
TRANSLATIONS = ("nl", "en", "de")
MOST_ASKED = 144_000
"""What lies beyond is kept where it is a translation of something before."""

Row = dict[str, Any]


class Taken:
    """Texts taken in turn from several sets: none twice, none that something is tested on."""

    def __init__(self, tested: set[str], chance: random.Random) -> None:
        self.rows: list[Row] = []
        self._seen, self._chance = set(tested), chance

    def take(self, texts: Iterable[str], language: str, source: str, most: int = 9999) -> None:
        """Take at most so many, drawn by chance."""
        drawn = [str(text).strip() for text in texts]
        self._chance.shuffle(drawn)
        for text in drawn:
            key = key_of(text)
            if key and key not in self._seen and len(text) <= 400 and most:
                self._seen.add(key)
                self.rows.append({"text": text, "language": language, "source": source, "group": None})
                most -= 1


def public_texts(data: Path, tested: set[str], chance: random.Random) -> list[Row]:
    """Return our own texts and the training parts of the public sets, in an order of chance."""
    taken = Taken(tested, chance)
    for path in sorted((UNDERSTAND / "voices").glob("*.jsonl")):
        posts = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        taken.take([post["text"] for post in posts], posts[0]["language"], "voices")
    for language in ("nl", "en", "de", "fr", "es"):
        lines = [line.strip() for line in (SIMULATE / f"{language}.txt").read_text("utf-8").splitlines()]
        said = [re.sub(r"^[hcqpilo][-0+] ", "", line) for line in lines if line and line[0] not in "#["]
        filled = [re.sub(r"\{(\w+)\}", lambda hole: SLOTS.get(hole[1], ""), line) for line in said]
        taken.take(filled, language, "demo")
    home = pd.read_csv(data / "text/home_sentences.csv.gz")
    for language, most in (("nl", 9999), ("en", 9999), ("de", 1500), ("fr", 800), ("es", 800)):
        taken.take(home[home.language == language].text, language, "home_sentences", most)
    taken.take(pd.read_csv(data / "intents/banking77_train.csv.gz").text, "en", "banking77", 6000)
    taken.take(pd.read_csv(data / "intents/clinc150.csv.gz").query("split=='train'").text, "en", "clinc150", 9000)
    for _, part in pd.read_csv(data / "text/service_english.csv.gz").groupby("domain"):
        taken.take([text for text in part.text if len(str(text)) > 12], "en", "service_english", 1600)
    turns = pd.read_csv(data / "intents/multidogo_finance.csv.gz").query("split=='train'").text
    taken.take([text for text in turns if len(str(text)) > 8], "en", "multidogo", 2500)
    sms = pd.read_csv(data / "spam/sms_spam.csv.gz")
    held = sms_held_out(sms)
    taken.take(sms.text[[at for at in sms.index if at not in held]], "en", "sms_spam", 2500)
    chance.shuffle(taken.rows)
    return taken.rows


def sms_held_out(sms: pd.DataFrame) -> set[int]:
    """Return the fifth of the SMS set that is scored, whether it is drawn by class or not."""
    plain = train_test_split(sms.index, test_size=0.2, random_state=0)[1]
    by_class = train_test_split(sms.index, test_size=0.2, random_state=0, stratify=sms.label)[1]
    return {*plain, *by_class}


def tested_keys(data: Path) -> set[str]:
    """Return the keys of all texts that something is tested on."""
    keys: set[str] = set()
    for name, which in TESTED:
        rows = pd.read_csv(data / f"{name}.csv.gz")
        keys.update(key_of(str(text)) for text in (rows.query(which) if which else rows).text)
    sms = pd.read_csv(data / "spam/sms_spam.csv.gz")
    return keys | {key_of(text) for text in sms.text[sorted(sms_held_out(sms))]}


class Choice:
    """Texts chosen in two helpings, the most useful first; the rest of what there is comes after."""

    def __init__(self, public: list[Row], packages: list[Row], chance: random.Random) -> None:
        self.chance = chance
        self.public: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.packages: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.groups: dict[str, dict[str, Row]] = defaultdict(dict)
        for row in public:
            self.public[row["source"], row["language"]].append(row)
        for row in packages:
            self.packages[row["source"], row["language"]].append(row)
            self.groups[row["group"]][row["language"]] = row
        for rows in [*self.public.values(), *self.packages.values()]:
            chance.shuffle(rows)
        self.first: list[Row] = []
        self.then: list[Row] = []
        self.last: list[Row] = []
        self._seen: set[tuple[str, str]] = set()

    def _give(self, rows: list[Row], first: int, then: int = 0) -> None:
        self.first.extend(rows[:first])
        self.then.extend(rows[first : first + then])

    def helpings(self) -> None:
        """Choose from the public sets, the packages and their translations, and emoji with their names."""
        for source in ("voices", "demo"):
            for language in ("nl", "en", "de", "fr", "es"):
                self._give(self.public.get((source, language), []), 9999)
        for language, (first, then) in HOME.items():
            self._give(self.public["home_sentences", language], first, then)
        for key, (first, then) in PUBLIC.items():
            self._give(self.public[key], first, then)
        self._translated(self._dutch())
        for language, (first, then) in SPOKEN.items():
            heard = [row for row in self.packages["ovos-skill-*", language] if len(row["text"].split()) >= 3]
            self._give([row for row in heard if SPOKEN_OF.search(row["group"])], first, then)
        for language, (first, then) in TALK.items():
            talk = self.packages["chatterbot-corpus", language]
            self._give([row for row in talk if "coding" not in row["group"]], first, then)
        named = [
            group for key, group in self.groups.items() if key.startswith("emojibase") and {"emoji", "nl"} <= {*group}
        ]
        self.chance.shuffle(named)
        for at, group in enumerate(named[:1700]):
            some = ("emoji", "nl", "en") if at < 700 else ("emoji", "nl", "en", "de")
            (self.first if at < 700 else self.then).extend(row for name, row in group.items() if name in some)
        self.chance.shuffle(self.first)
        self.chance.shuffle(self.then)

    def _dutch(self) -> list[Row]:
        chosen: list[Row] = []
        for (source, language), rows in sorted(self.packages.items()):
            if language == "nl":
                least = 2 if source.startswith("@openstreet") else 3
                long = [row for row in rows if len(row["text"].split()) >= least]
                first, then = DUTCH.get(source, (250, 1000))
                self._give(long, first, then)
                chosen += long[: first + then]
        return chosen

    def _translated(self, dutch: list[Row]) -> None:
        pairs = [row for row in dutch if len(self.groups[row["group"]]) > 1]
        self.chance.shuffle(pairs)
        n: Counter[str] = Counter()
        for row in pairs:
            for language, (first, then) in TRANSLATED.items():
                other = self.groups[row["group"]].get(language)
                if other is not None and n[language] < first + then:
                    (self.first if n[language] < first else self.then).append(other)
                    n[language] += 1

    def words(self) -> tuple[list[Row], list[Row]]:
        """Return words alone, the frequent ones and those of the lexicon in an order of chance, then rarer ones."""
        count: dict[str, Counter[str]] = defaultdict(Counter)
        for (source, language), rows in [*self.packages.items(), *self.public.items()]:
            if language in WORDS and source != "emojibase-data":
                for row in rows[:5000] if (source, language) == ("ovos-skill-*", "en") else rows:
                    count[language].update(sorted(set(re.findall(r"[^\W\d_]{3,}(?:'[a-z]+)?", row["text"].lower()))))
        known: dict[str, list[str]] = defaultdict(list)
        for line in csv.reader((UNDERSTAND / "lexicon.csv").open(encoding="utf-8")):
            known[line[0]].append(line[1])
        frequent, rare = [], []
        for language, (first, of_lexicon, then) in WORDS.items():
            ranked = [word for word, _ in count[language].most_common(then)]
            frequent += [(word, language, "words") for word in ranked[:first]]
            more = [word for word in known[language] if word not in set(ranked[:first])]
            self.chance.shuffle(more)
            frequent += [(word, language, "lexicon") for word in more[:of_lexicon]]
            rare += [(word, language, "words") for word in ranked[first:]]
        self.chance.shuffle(frequent)
        made = (
            [dict(zip(("text", "language", "source"), word, strict=True)) for word in some] for some in (frequent, rare)
        )
        return next(made), next(made)

    def distinct(self, rows: list[Row], most: int = 1 << 30) -> list[Row]:
        """Return those rows that were not chosen before."""
        fresh = []
        for row in rows:
            key = (row["language"], row["text"].lower())
            if key not in self._seen and len(fresh) < most:
                self._seen.add(key)
                fresh.append({name: row.get(name) for name in ("text", "language", "source", "group")})
        return fresh

    def rest(self, home: list[str]) -> None:
        """Choose from what is left: all of Dutch, and more in which an assistant is spoken to."""
        self.last += self.distinct([{"text": text, "language": "de", "source": "home_sentences"} for text in home])
        dull = re.compile("confucius|dictation|spelling|wordnet|word_of")
        for language, most in (("de", 3000), ("nl", 3000), ("es", 900), ("fr", 700), ("en", 2500)):
            heard = [row for row in self.packages["ovos-skill-*", language] if len(row["text"].split()) >= 3]
            self.last += self.distinct(
                [row for row in heard if language != "en" or not dull.search(row["group"])], most
            )
        for (_, language), rows in sorted(self.packages.items()):
            if language == "nl":
                self.last += self.distinct([row for row in rows if len(row["text"].split()) >= 2], 4000)
        pairs = [row for row in self.last if row["language"] == "nl" and row["group"]]
        self.chance.shuffle(pairs)
        n: Counter[str] = Counter()
        for row in pairs:
            for language, most in (("de", 4000), ("en", 2500), ("fr", 800), ("es", 800)):
                other = self.groups[row["group"]].get(language)
                if other is not None and n[language] < most:
                    fresh = self.distinct([other])
                    self.last += fresh
                    n[language] += len(fresh)
        self.chance.shuffle(self.last)


def main() -> None:
    """Choose, and write what was chosen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("packages", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    tested = tested_keys(options.data)
    public = public_texts(options.data, tested, random.Random(0))
    packages = [json.loads(line) for line in options.packages.read_text("utf-8").splitlines()]
    packages = [row for row in packages if row["language"] == "emoji" or key_of(row["text"]) not in tested]
    choice = Choice(public, packages, random.Random(1))
    choice.helpings()
    frequent, rare = choice.words()
    rows = choice.distinct([*choice.first, *frequent[:8000], *choice.then, *frequent[8000:]])
    home = pd.read_csv(options.data / "text/home_sentences.csv.gz").query("language=='de'").text.tolist()
    choice.rest(home)
    rows += [*choice.distinct(rare), *choice.last]
    asked, also = rows[:MOST_ASKED], rows[MOST_ASKED:]
    _write(options.out, asked)
    groups = {row["group"] for row in asked if row["group"]}
    also += choice.distinct([row for row in packages if row["language"] in TRANSLATIONS])
    _write(options.out.with_suffix(".translations.jsonl"), [row for row in also if row["group"] in groups])


def _write(path: Path, rows: list[Row]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    print(path.name, Counter(row["language"] for row in rows).most_common())


if __name__ == "__main__":
    main()
