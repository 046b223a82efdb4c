"""The people, the phrases and the deeds behind tools/make_demo.py."""

import re
from datetime import timedelta

import numpy as np
from demo_post import MIDNIGHT, Author, Post, Texts

CITIES = {
    "Oslo": "Oslo", "Bergen": "Bergen", "Kopenhagen": "Copenhagen", "Helsinki": "Helsinki", "Stockholm": "Stockholm",
    "Göteborg": "Gothenburg", "Reykjavik": "Reykjavik", "Nice": "Nice", "Lissabon": "Lisbon", "Valencia": "Valencia",
    "Krakau": "Krakow", "Edinburgh": "Edinburgh", "Dublin": "Dublin", "Wenen": "Vienna", "Milaan": "Milan",
    "Tromsø": "Tromsø", "Turijn": "Turin", "Riga": "Riga",
}  # fmt: skip
NAMES = (
    "Fatima", "Joost", "Anneke", "Sem", "Mehmet", "Lotte", "Kees", "Priya", "Bram", "Sanne", "Youssef", "Femke", "Tom",
    "Marije", "Daan", "Wei", "Ingrid", "Ravi", "Noor", "Hugo", "Esther", "Pieter", "Zeynep", "Roos", "Jelle", "Amber",
)  # fmt: skip
HANDLES = (
    "koffer", "polder", "wolk", "regen", "fiets", "stoel14a", "drop", "haring", "molen", "noorderling", "perron",
    "tulp", "brug", "duin", "kaas", "reiger", "sloot", "wind", "zon", "trui", "stroopwafel", "gate", "hagel",
    "oma", "ijs",
)  # fmt: skip
TAILS = (
    "praat",
    "reist",
    "kijkt",
    "_nl",
    "zegt",
    "denkt",
    "op_reis",
    "thuis",
    "vliegt",
    "schrijft",
    "lacht",
    "1983",
    "x",
)
HAPPY, CROSS = ("😊", "🙏", "❤️", "👏", "☀️", "🎉", "✈️"), ("😡", "😤", "🤦‍♀️", "🙄", "😭", "💔", "🤬")
GLAD = {"lof", "gewoon", "app-dank", "app-omweg"}
CHAT = {"gewoon", "eten", "spam", "app-grap", "app-omweg", "app-eerste"}
SAD = {"vertraging", "dienst", "weg", "app-groeit", "app-boos"}
SYNONYMS = {
    "niet": "echt niet",
    "de": "die",
    "is": "blijft",
    "en": "&",
    "the": "that",
    "and": "&",
    "een": "1",
    "app": "App",
}


class Story:
    """Everything that was told so far; each verb appends one activity."""

    def __init__(self, rng: np.random.Generator, texts: Texts) -> None:
        self.rng = rng
        self.texts = texts
        self.posts: list[Post] = []
        self._handles: set[str] = set()
        self.authors = [self._author() for _ in range(1_100)]
        self._decks: dict[tuple[str, str], list[str]] = {}
        ranks = 1.0 / np.arange(1, len(self.authors) + 1) ** 0.55
        self._share = ranks / ranks.sum()

    def _author(self) -> Author:
        rng = self.rng
        channel = str(rng.choice(("mastodon", "bluesky", "mail", "reviews"), p=(0.36, 0.42, 0.13, 0.09)))
        handle = f"{rng.choice(HANDLES)}{rng.choice(TAILS)}"
        while handle in self._handles:
            handle += str(rng.integers(2, 99))
        self._handles.add(handle)
        name = str(rng.choice(NAMES)) + " " + "ABCDEGHJKLMNPRSTVWZ"[rng.integers(19)] + "."
        serial = "".join("abcdefghijklmnopqrstuvwxyz234567"[n] for n in rng.integers(0, 32, 24))
        if channel == "mastodon":
            return Author(channel, f"https://fedi.example/users/{handle}", handle, handle, int(rng.lognormal(4.5, 1.6)))
        if channel == "bluesky":
            return Author(channel, f"did:plc:{serial}", handle, handle, int(rng.lognormal(4.8, 1.5)))
        if channel == "mail":
            return Author(channel, f"{handle}@mail.example", name, handle, None)
        return Author(channel, f"customer-{rng.integers(10_000, 99_999)}", name, handle, None)

    def _pick(self, *channels: str) -> Author:
        while True:
            author = self.authors[self.rng.choice(len(self.authors), p=self._share)]
            if not channels or author.channel in channels:
                return author

    def _id(self, author: Author, at: float) -> str:
        serial = int(at * 3_600_000) * 1_000 + int(self.rng.integers(1_000))
        stem = {
            "mastodon": f"{author.actor}/statuses/1164{serial:014d}",
            "bluesky": f"at://{author.actor}/app.bsky.feed.post/3mj{np.base_repr(serial, 32).lower():>10}",
            "mail": f"<{serial:x}.{author.handle}@mail.example>",
            "reviews": f"review-{serial}",
            "feed": f"{author.actor}/2026/04/14/{serial}",
            "shop": f"order-completed-{serial}",
        }
        return stem[author.channel].replace(" ", "2")

    def _fill(self, text: str, language: str) -> str:
        rng = self.rng
        dutch = str(rng.choice(list(CITIES)))
        values = {
            "stad": dutch if language == "nl" else CITIES[dutch],
            "vlucht": f"NV{rng.integers(101, 899)}",
            "naam": str(rng.choice(NAMES)),
            "n": str(rng.integers(2, 9)),
            "uur": f"{rng.integers(6, 23):02d}:{rng.integers(0, 12) * 5:02d}",
            "bedrag": str(rng.integers(18, 480)),
            "gate": f"{'BCDH'[rng.integers(4)]}{rng.integers(1, 40)}",
            "getal": str(rng.integers(10_000, 99_999)),
        }
        return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], text)

    def _draw(self, language: str, theme: str) -> str:
        """Return the next sentence from a shuffled deck, so that none comes back before all were used."""
        deck = self._decks.setdefault((language, theme), [])
        if not deck:
            deck.extend(self.rng.permutation(self.texts.lines[language, theme]).tolist())
        return self._fill(deck.pop(), language)

    def _compose(self, author: Author, language: str, theme: str) -> str:
        rng = self.rng
        text = self._draw(language, theme)
        if author.channel in {"mail", "reviews"} and theme != "spam":
            text = f"{text} {self._draw(language, theme)}"
        if rng.random() < 0.45 and theme != "spam":
            text = f"{text} {self._draw(language, 'staart')}"
        if author.channel == "mail":
            hello, bye = ("Goedendag,", "Met vriendelijke groet,") if language == "nl" else ("Hello,", "Kind regards,")
            return f"{hello}\n\n{text}\n\n{bye}\n{author.name}"
        if "oordvlucht" not in text and rng.random() < 0.55:
            text = f"@noordvlucht {text}" if rng.random() < 0.6 else f"{text} #noordvlucht"
        if rng.random() < 0.2 and theme in GLAD | SAD:
            text = f"{text} {rng.choice(HAPPY if theme in GLAD else CROSS)}"
        return text.lower() if rng.random() < 0.08 else text

    def say(self, at: float, theme: str, *, language: str | None = None) -> Post:
        """Let somebody post."""
        rng = self.rng
        language = language or ("nl" if rng.random() < 0.62 else "en")
        is_social = theme in CHAT or (theme.startswith("app") and rng.random() < 0.9)
        author = self._pick(*(("mastodon", "bluesky") if is_social else ()))
        post = Post(at, self._id(author, at), "Create", theme, author, language=language)
        post.text = self._compose(author, language, theme)
        post.weight = float(rng.pareto(1.3) + 0.2)
        if author.channel in {"mastodon", "bluesky"}:
            post.fields = {"likes": int(post.weight), "reposts": int(post.weight / 3)}
            post.fields |= {"mentions": ["noordvlucht"]} if "@noordvlucht" in post.text else {}
            post.fields |= {"tags": ["noordvlucht"]} if "#noordvlucht" in post.text else {}
        if author.channel == "reviews":
            post.fields = {"properties": {"stars": int(rng.integers(4, 6) if theme in GLAD else rng.integers(1, 4))}}
        self.posts.append(post)
        return post

    def react(self, post: Post, deed: str) -> None:
        """Let somebody do something with a post."""
        at = post.at + float(self.rng.exponential(0.35)) + 0.01
        if deed in {"reply", "copy", "near"}:
            self._repeat(post, at, deed)
            return
        type_ = {"share": "Announce", "like": "Like", "edit": "Update", "delete": "Delete"}[deed]
        author = post.author if deed in {"edit", "delete"} else self._pick(post.channel)
        moment = int((MIDNIGHT + timedelta(hours=at)).timestamp() * 1_000) * 1_000
        child = Post(at, f"{post.id}#{type_.lower()}-{moment}", type_, post.theme, author, fields={"object": post.id})
        if deed == "edit":
            # An edit says when the object was first published; `rev` is the moment of the edit.
            added = "\nUpdate: opgelost, dank!" if post.language == "nl" else "\nEdit: solved, thanks!"
            child.text = f"{post.text}{added}"
            child.fields |= {"published": post.published, "rev": moment}
        self.posts.append(child)

    def _repeat(self, post: Post, at: float, deed: str) -> None:
        author = self._pick(post.channel)
        child = Post(at, self._id(author, at), "Create", post.theme, author, language=post.language)
        if deed == "reply":
            child.text, child.parent = self._draw(post.language, "reactie"), post
        else:
            child.text = post.text if deed == "copy" else self._reworded(post.text or "")
        self.posts.append(child)

    def _reworded(self, text: str) -> str:
        words = text.split(" ")
        known = [n for n, word in enumerate(words) if word.lower() in SYNONYMS]
        if not known or self.rng.random() < 0.3:
            return f"RT: {text}"
        n = int(self.rng.choice(known))
        words[n] = SYNONYMS[words[n].lower()]
        return " ".join(words)

    def answer(self, post: Post, theme: str, at: float) -> None:
        """Let the airline answer a post."""
        author = Author(post.channel, *_OURS.get(post.channel, ("noordvlucht", "Noordvlucht", "noordvlucht")), None)
        text = self._draw(post.language, theme)
        child = Post(at, self._id(author, at), "Create", theme, author, "out", text, post.language, parent=post)
        self.posts.append(child)

    def state(self, at: float, text: str) -> None:
        """Let the airline say something to everybody, on both networks."""
        for channel in ("mastodon", "bluesky"):
            author = Author(channel, *_OURS[channel], 88_000)
            self.posts.append(Post(at, self._id(author, at), "Create", "statement", author, "out", text))

    def headline(self, at: float, text: str) -> None:
        """Let a newspaper's feed carry a headline."""
        author = Author("feed", "https://nieuws.example", "Het Nieuws", "nieuws", None)
        post = Post(at, self._id(author, at), "Create", "nieuws", author, text=text)
        post.fields = {"url": post.id}
        self.posts.append(post)

    def order(self, at: float) -> None:
        """Let a customer book a flight."""
        rng = self.rng
        author = Author("shop", f"customer-{rng.integers(10_000, 99_999)}", str(rng.choice(NAMES)), "", None)
        quantity = int(rng.integers(1, 5))
        post = Post(at, self._id(author, at), "Track", "order", author)
        city = str(rng.choice(list(CITIES)))
        post.fields = {
            "object": f"NVB{rng.integers(100_000, 999_999)}", "event": "Order Completed",
            "product": f"Amsterdam-{city}", "brand": "Noordvlucht", "quantity": quantity,
            "value": round(quantity * float(rng.uniform(39, 240)), 2), "currency": "EUR",
        }  # fmt: skip
        self.posts.append(post)


_OURS = {
    "mastodon": ("https://fedi.example/users/noordvlucht", "Noordvlucht", "noordvlucht"),
    "bluesky": ("did:plc:noordvluchtnoordvluchtnv", "Noordvlucht", "noordvlucht"),
    "mail": ("service@noordvlucht.example", "Noordvlucht", "service"),
}
