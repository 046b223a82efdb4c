"""Write the stream that `gehoor demo` replays: one Tuesday of Noordvlucht, a Dutch airline that does not exist.

An ordinary day; at 16:12 somebody's app does not load, at 20:20 half of vertrekhal 2 is talking about it. Sentences
stand in tools/demo_texts (written for gehoor, CC0); everything else follows from the seed, so the same seed gives the
same bytes.

    .venv/bin/python tools/make_demo.py --seed 14 src/gehoor/run/demo_stream/noordvlucht.jsonl.gz
"""

import argparse
import gzip
import io
import json
from pathlib import Path

import numpy as np
from demo_post import MIDNIGHT, Post, Texts
from demo_story import Story

HERE = Path(__file__).resolve().parent / "demo_texts"

# What people talk about on an ordinary day, and how much of it.
ORDINARY = {
    "gewoon": 17, "lof": 12, "vertraging": 12, "bagage": 12, "inchecken": 11, "dienst": 6, "prijs": 6, "geld": 8,
    "omboeken": 7, "eten": 4, "dieren": 4, "idee": 5, "groen": 4, "weg": 3, "ander": 3, "spam": 4,
}  # fmt: skip
# Posts an hour, by hour of the day: people sleep, commute, have lunch and a sofa.
HOURS = (10, 6, 4, 4, 8, 22, 40, 56, 62, 54, 48, 48, 58, 52, 46, 46, 52, 60, 62, 66, 70, 62, 44, 24)
# The evening: theme, from, until, where it peaks (hours), posts.
EVENING = (
    ("app-eerste", 16.2, 17.6, 16.9, 18),
    ("app-groeit", 16.6, 20.8, 19.2, 210),
    ("app-boos", 17.9, 22.2, 20.3, 170),
    ("app-grap", 17.6, 21.8, 20.0, 90),
    ("app-omweg", 19.0, 21.9, 20.6, 60),
    ("app-dank", 20.6, 23.9, 21.7, 90),
)
STATEMENTS = (18.35, 19.1, 20.2, 20.65, 21.55)
DEEDS = ("reply", "copy", "reply", "like", "reply", "near", "reply", "share", "reply", "like")
NEWS = (8.1, 9.5, 18.6, 19.2, 20.1, 20.8, 21.9, 12.4)


def ordinary(story: Story) -> None:
    """Tell the day as it would have been."""
    rng = story.rng
    themes, weights = list(ORDINARY), np.array(list(ORDINARY.values()), float)
    for hour, n in enumerate(HOURS):
        for at in np.sort(rng.uniform(hour, hour + 1, rng.poisson(n))):
            story.say(float(at), themes[rng.choice(len(themes), p=weights / weights.sum())])


def evening(story: Story) -> None:
    """Tell how one voice becomes a crowd, and how it calms down."""
    story.say(16.2, "app-eerste", language="nl")
    for theme, low, high, peak, n in EVENING:
        for at in story.rng.triangular(low, peak, high, n):
            story.say(float(at), theme)


def company(story: Story) -> None:
    """Let the airline answer: some posts at once, some late, the storm with statements."""
    rng, texts = story.rng, story.texts
    for n, at in enumerate(STATEMENTS):
        story.state(at, texts.line("nl", "agent-app", n))
    asked = [post for post in story.posts if post.is_question and 7 < post.at < 23]
    for post in rng.permutation(np.array(asked, dtype=object))[:170]:
        theme = "agent-app" if post.theme.startswith("app") else "agent"
        story.answer(post, theme, post.at + float(rng.gamma(2.0, 0.25)))


def crowd(story: Story) -> None:
    """Add what others do with posts: answer, copy, share, like, think better of it."""
    rng = story.rng
    posts = [post for post in story.posts if post.direction == "in" and post.channel in {"mastodon", "bluesky"}]
    loud = np.array([(8.0 if post.theme.startswith("app") else 1.0) * post.weight for post in posts])
    chosen = rng.choice(len(posts), 560, p=loud / loud.sum())
    for n, index in enumerate(chosen):
        story.react(posts[index], DEEDS[n % len(DEEDS)])
    for post in rng.permutation(np.array(posts, dtype=object))[:45]:
        story.react(post, "edit" if post.is_question else "delete")


def shop(story: Story) -> None:
    """Add what customers do: orders, few at night, fewer while the app is down."""
    for hour, n in enumerate(HOURS):
        n_orders = story.rng.poisson(n / (28 if 17 <= hour < 21 else 9))
        for at in story.rng.uniform(hour, hour + 1, n_orders):
            story.order(float(at))


def news(story: Story) -> None:
    """Add the headlines, each at its hour."""
    order = (4, 5, 0, 1, 2, 3, 7, 6)
    for at, line in zip(NEWS, order, strict=True):
        story.headline(at, story.texts.line("nl", "nieuws", line))
    for n, at in enumerate((19.6, 20.3, 9.9)):
        story.headline(at, story.texts.line("en", "nieuws", n))


def tell(seed: int) -> list[Post]:
    """Return the whole day in the order in which it happened."""
    story = Story(np.random.default_rng(seed), Texts.read(HERE))
    for chapter in (ordinary, evening, company, crowd, shop, news):
        chapter(story)
    return sorted((post for post in story.posts if 0 <= post.at < 24), key=lambda post: post.at)


def main() -> None:
    """Write the file that was asked for and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=14)
    options = parser.parse_args()
    posts = tell(options.seed)
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, filename="") as packed:
        for post in posts:
            packed.write(json.dumps(post.plain(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(buffer.getvalue())
    texts = [post.text for post in posts if post.text]
    print(f"{options.out}: {len(posts)} activities from {MIDNIGHT}, {len(set(texts))} distinct of {len(texts)} texts, "
          f"{len(buffer.getvalue()) / 1024:.0f} KB")  # fmt: skip


if __name__ == "__main__":
    main()
