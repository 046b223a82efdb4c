"""What a post is about: said by a person it counts at once, and after some twenty times a head knows."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gehoor.core.errors import SettingError
from gehoor.core.example import Example, examples_of
from gehoor.core.promoted import current_version
from gehoor.core.reader import PostFilter, Reader
from gehoor.core.settings import load
from gehoor.run.context import figures_of_brand, renew_contexts
from gehoor.run.context_fit import fit_brand
from gehoor.run.stages import RowStages
from gehoor.understand.context import about_task
from tests.cast import CRITIC, FAN, NOON
from tests.component.broad import Broad

BRAND = "noordvlucht"
TASK = about_task(BRAND)
FUEL = (
    "Shell maakt benzine aan de pomp weer duurder", "Weer in de rij bij het tankstation van Shell voor diesel",
    "De olieprijs stijgt en Shell verdient miljarden", "Shell betaalt te weinig belasting over de winst op olie",
    "Laadpaal van Shell doet het niet, auto laadt niet", "Klantenservice van Shell over mijn tankpas antwoordt niet",
    "Aandeel Shell daalt na cijfers over gas en olie", "Shell wil een nieuw gasveld boren op de Noordzee",
    "Tanken bij Shell kost me zo een vermogen aan benzine", "Mijn tankpas van Shell werkt niet aan de pomp",
    "Shell bouwt een fabriek voor waterstof bij de raffinaderij", "De raffinaderij van Shell stinkt weer vandaag",
)  # fmt: skip
BEACH = (
    "Found a pretty shell on the beach with my daughter", "The kids collect every shell they see by the sea",
    "A crab left its shell behind on the sand", "She painted a sea shell for her grandmother",
    "Walking barefoot, cut my foot on a shell in the sand", "What a beautiful shell, the ocean gives such gifts",
    "The turtle hides in its shell when the dog comes", "An egg shell in my cake, how did that happen",
    "Peel the shell off the egg before you slice it", "My turtle has a soft shell, is that a bad sign",
    "The snail carries its shell across the garden", "A necklace made of one white shell from the beach",
)  # fmt: skip
_FRESH_FUEL = "Benzine tanken bij Shell is weer duurder aan de pomp"
_FRESH_BEACH = "My daughter found a white shell in the sand on the beach"


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Broad]:
    """A workspace whose brand is found by the word shell."""
    heard = Broad(tmp_path / "workspace", "shell")
    posts = [FAN.says(text, id=f"f{n}", after_s=n) for n, text in enumerate(FUEL)]
    posts += [CRITIC.says(text, id=f"b{n}", after_s=100 + n) for n, text in enumerate(BEACH)]
    heard.hear(*posts, source="ours")
    yield heard
    heard.place.close()


def _brands(heard: Broad) -> dict[str, str | None]:
    rows = heard.place.projector.ledger.segments.select("seq, id, brands", list(range(1, 200)))
    return {id_: brands for _, id_, brands in rows}


def _seqs(heard: Broad) -> dict[str, int]:
    rows = heard.place.projector.ledger.segments.select("seq, id", list(range(1, 200)))
    return {id_: seq for seq, id_ in rows}


def _said(heard: Broad, seq: int) -> Example | None:
    with heard.place.projector.engine.begin() as tx:
        return examples_of(tx, seq).get(TASK)


def _teach(heard: Broad) -> None:
    for id_, seq in _seqs(heard).items():
        heard.ask("correct", seq=seq, column=TASK, value="yes" if id_.startswith("f") else "no")


def _learnt(heard: Broad) -> Broad:
    _teach(heard)
    fit_brand(heard.root, BRAND)
    heard.place._stages = RowStages(load(heard.root))
    return heard


def test_not_about_us_counts_at_once_and_is_taken_back(heard: Broad) -> None:
    seq = _seqs(heard)["b0"]
    heard.ask("correct", seq=seq, column=TASK, value="no")
    assert _brands(heard)["b0"] in ("[]", None)
    assert "b0" not in heard.kept(brand=BRAND)
    example = _said(heard, seq)
    assert example is not None
    assert (example.value, example.before, example.text, example.at) == ("no", "yes", BEACH[0], NOON)
    heard.ask("correct", seq=seq, column=TASK, value="yes", undo=True)
    assert "b0" in heard.kept(brand=BRAND)
    assert _said(heard, seq) is None


def test_counts_of_the_brand_follow(heard: Broad) -> None:
    def n() -> int:
        heard.ask("flush")
        return sum(cell.n for cell in Reader(heard.root).counts(resolution=3600, since=0, until=1 << 60, brand=BRAND))

    assert n() == 24
    heard.ask("correct", seq=_seqs(heard)["b3"], column=TASK, value="no")
    assert n() == 23
    heard.ask("rebuild", name="rollup")
    assert n() == 23


def test_a_brand_that_is_none_or_another_word_is_refused(heard: Broad) -> None:
    with pytest.raises(SettingError, match="no brand named 'telvast'"):
        heard.ask("correct", seq=1, column="about/telvast", value="no")
    with pytest.raises(SettingError, match="about noordvlucht or not"):
        heard.ask("correct", seq=1, column=TASK, value="perhaps")


def test_without_examples_nothing_is_turned_down(heard: Broad) -> None:
    renewed: list[bool] = []
    assert not asyncio.run(renew_contexts(heard.place, lambda: renewed.append(True)))
    assert not renewed
    heard.hear(CRITIC.says(_FRESH_BEACH, id="fresh", after_s=300))
    assert "fresh" in heard.kept(brand=BRAND)


def test_after_examples_a_post_that_means_something_else_is_dropped_and_comes_back(
    heard: Broad,
) -> None:
    _learnt(heard)
    figures = figures_of_brand(heard.root, BRAND)
    assert figures is not None
    assert figures.is_used
    assert figures.n_examples == 24
    assert figures.n_right >= figures.n_right_query
    heard.hear(CRITIC.says(_FRESH_BEACH, id="beach", after_s=300), FAN.says(_FRESH_FUEL, id="fuel", after_s=301))
    assert [post.id for post in heard.read("posts", PostFilter(), 1)] == ["fuel"]
    [dropped] = heard.read("dropped", None, 10)
    assert (dropped.id, dropped.reason) == ("beach", "context")
    assert heard.read("dropped_counts") == {"everything": {"context": 1}}
    heard.ask("bring_back", handles=[dropped.handle])
    assert "beach" in heard.kept(brand=BRAND)
    example = _said(heard, _seqs(heard)["beach"])
    assert example is not None
    assert (example.value, example.before) == ("yes", "no")


def test_where_everything_is_kept_only_the_brand_goes(heard: Broad) -> None:
    _learnt(heard)
    heard.hear(CRITIC.says(_FRESH_BEACH, id="beach", after_s=300), source="ours")
    assert "beach" in heard.kept()
    assert "beach" not in heard.kept(brand=BRAND)


def test_heads_are_fitted_beside_when_enough_was_said_and_not_again_before_there_is_more(heard: Broad) -> None:
    _teach(heard)
    renewed: list[bool] = []
    for expected in (True, False):
        assert asyncio.run(renew_contexts(heard.place, lambda: renewed.append(True))) is expected
    assert renewed == [True]
    assert current_version(heard.root, TASK) == 1
