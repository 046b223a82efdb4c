"""How often each head is right, on what chance drew here; where it errs; and what a correction would help most."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from math import isnan

import msgspec
import numpy as np

from gehoor.core.errors import SettingError
from gehoor.core.example import Example
from gehoor.core.examples import Examples, Judged
from gehoor.core.interval import Share, share_of
from gehoor.core.judgement import JUDGED, JUDGEMENTS
from gehoor.core.promoted import SHIPPED, current_version
from gehoor.web.site import Site

__all__ = [
    "ENOUGH", "Bin", "Cell", "Confusion", "Doubt", "Figures", "HeadRow", "Said", "doubts_of", "figures_of", "heads_of",
    "said_of", "version_of",
]  # fmt: skip

ENOUGH = 30
"""Posts below which no figure is said: four minutes of work, and known within 15 points or so."""

Said = dict[str, list[Example]]
"""By task what people said, oldest first."""

_BOUNDS = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0001)
_MOST_CLASSES = 8
_MOST_DOUBTS = 6
_SHADES = 5
_REST = "rest"


class HeadRow(msgspec.Struct, frozen=True, kw_only=True):
    """One head: how often it was right on the random sample, and how many other corrections it has to learn from."""

    task: str
    share: Share
    n_corrections: int


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Posts of which a head was about equally sure: how sure (`low` to `high`, `said` on average), how often right."""

    low: float
    high: float
    said: float
    share: Share


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """How often a person said one thing and the head another; `shade` 0 to 5 is the share of its row."""

    n: int
    shade: int
    is_right: bool


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """What persons said, row by row, against what the head said, column by column."""

    classes: list[str]
    rows: list[list[Cell]]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one head on the random sample."""

    head: HeadRow
    languages: list[tuple[str, Share]]
    channels: list[tuple[str, Share]]
    bins: list[Bin]
    confusion: Confusion | None


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """Where a head is probably wrong most often: of the newest posts about the share `wrong`, by its own account."""

    task: str
    language: str
    value: str
    n: int
    wrong: float


def is_measured(example: Example) -> bool:
    """Tell whether an example says how good a head is: chance drew it, and a head had judged it."""
    return example.origin == "random" and (example.before_p is not None or example.task in ("need", "spam"))


def said_of(site: Site) -> Said:
    """Return by task what people said, beside what the heads that judge today say of the same posts.

    A post that an earlier version judged is judged anew: what chance drew was never learned from.
    """
    said: Said = defaultdict(list)
    for example in Examples(site.reader).said():
        said[example.task].append(example)
    for task in said.keys() & set(JUDGED):
        model = f"{task}/{version_of(site, task)}"
        old = [n for n, one in enumerate(said[task]) if is_measured(one) and one.model != model and one.text]
        if old:
            texts, languages = zip(*((said[task][n].text, said[task][n].language) for n in old), strict=True)
            for n, (label, p) in zip(old, site.reasons.judged(texts, languages)[task], strict=True):
                said[task][n] = msgspec.structs.replace(said[task][n], before=label, before_p=p, model=model)
    return said


def version_of(site: Site, task: str) -> int:
    """Return which version of a head judges."""
    try:
        return current_version(site.root, task)
    except SettingError:  # somebody removed the version that judged: gehoor's own does now
        return SHIPPED


def heads_of(said: Said) -> list[HeadRow]:
    """Return every head about which anything can be said, in the order of the record."""
    return [_head(task, said[task]) for task in JUDGEMENTS if task in said]


def figures_of(said: Sequence[Example], task: str) -> Figures:
    """Return what is known of one head."""
    measured = [example for example in said if is_measured(example)]
    return Figures(
        head=_head(task, said),
        languages=_by(measured, lambda example: example.language or "und"),
        channels=_by(measured, lambda example: example.channel),
        bins=_bins(measured),
        confusion=_confusion(measured),
    )


def doubts_of(judged: Judged) -> list[Doubt]:
    """Return where corrections would help most: the most probably wrong, of all that was heard lately."""
    n_posts, found = max(1, len(judged.seqs)), []
    for task in JUDGED:
        wrong: dict[tuple[str, str], float] = defaultdict(float)
        n: Counter[tuple[str, str]] = Counter()
        for language, label, p in zip(judged.languages, judged.labels[task], judged.p[task].tolist(), strict=True):
            if not isnan(p):  # a person's own word has none
                wrong[language or "und", label] += 1.0 - p
                n[language or "und", label] += 1
        found += [
            Doubt(task=task, language=language, value=value, n=n[language, value], wrong=total / n_posts)
            for (language, value), total in wrong.items()
        ]
    return sorted(found, key=lambda doubt: (-doubt.wrong, doubt.task, doubt.language, doubt.value))[:_MOST_DOUBTS]


def _head(task: str, said: Sequence[Example]) -> HeadRow:
    measured = [example for example in said if is_measured(example)]
    return HeadRow(task=task, share=_share(measured), n_corrections=sum(e.origin != "random" for e in said))


def _share(examples: Sequence[Example]) -> Share:
    return share_of(sum(example.is_right for example in examples), len(examples))


def _by(examples: Iterable[Example], name_of: Callable[[Example], str]) -> list[tuple[str, Share]]:
    """Return the share of each group, the largest first."""
    groups: Mapping[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[name_of(example)].append(example)
    return sorted(((name, _share(group)) for name, group in groups.items()), key=lambda pair: (-pair[1].n, pair[0]))


def _bins(examples: Sequence[Example]) -> list[Bin]:
    found = []
    for low, high in pairwise(_BOUNDS):
        mine = [example for example in examples if low <= (example.before_p or 0.0) < high]
        if mine:
            said = float(np.mean([example.before_p or 0.0 for example in mine]))
            found.append(Bin(low=low, high=min(high, 1.0), said=said, share=_share(mine)))
    return found


def _confusion(examples: Sequence[Example]) -> Confusion | None:
    """Return who said what against what, of the commonest words; the others stand together."""
    if not examples:
        return None
    n_of = Counter(word for example in examples for word in example.words)
    common = set(n_of) if len(n_of) <= _MOST_CLASSES + 1 else {word for word, _ in n_of.most_common(_MOST_CLASSES)}
    names = [word for word in JUDGEMENTS[examples[0].task] if word in common]
    names += [_REST] if len(common) < len(n_of) else []
    counted = Counter(tuple(word if word in common else _REST for word in example.words) for example in examples)
    return Confusion(classes=names, rows=[_row(counted, row, names) for row in names])


def _row(counted: Mapping[tuple[str, ...], int], row: str, names: Sequence[str]) -> list[Cell]:
    total = max(1, sum(counted[row, name] for name in names))
    return [
        Cell(
            n=counted[row, name],
            shade=-(-counted[row, name] * _SHADES // total),
            is_right=row == name and name != _REST,
        )
        for name in names
    ]
