"""What is read once answers what it holds, as the ledger would."""

import pytest

from gehoor.core.clock import SECOND_US
from gehoor.core.post import PostFilter
from gehoor.core.reader import Reader
from gehoor.warn.lately import LatelyReader
from tests.cast import CRITIC, FAN, NOON
from tests.component.hearing import BRANDS, Hearing


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Hearing:
    """A workspace with a post each second, every tenth of which was heard late."""
    hearing = Hearing(tmp_path_factory.mktemp("lately") / "workspace", BRANDS)
    seconds = [second for second in range(60) if second % 10] + list(range(0, 60, 10))
    hearing.hear((CRITIC, FAN)[n % 2].says(f"Noordvlucht {n}", after_s=n) for n in seconds)
    return hearing


@pytest.mark.parametrize("limit", [5, 20, 59, 60, 100])
@pytest.mark.parametrize("first", [0, 10])
def test_a_later_part_of_what_was_read_is_what_the_ledger_says(hearing: Hearing, limit: int, first: int) -> None:
    reader, lately = Reader(hearing.root), LatelyReader(hearing.root)
    for since in (first, 0, 30, 45, 30, 59, 60):
        began, until = NOON + since * SECOND_US, NOON + 60 * SECOND_US
        wanted = PostFilter(kind="say", brand="noordvlucht", since=began, until=until)
        assert lately.posts(wanted, limit) == reader.posts(wanted, limit)
        assert lately.posts(wanted, 5) == reader.posts(wanted, 5)


def test_what_is_put_away_is_read_anew(hearing: Hearing) -> None:
    lately = LatelyReader(hearing.root)
    wanted = PostFilter(kind="say", since=NOON, until=NOON + 600 * SECOND_US)
    assert len(lately.posts(wanted, 100)) == 60
    hearing.hear([CRITIC.says("Nog een", after_s=300)])
    assert len(lately.posts(wanted, 100)) == 60
    lately.put_away()
    assert len(lately.posts(wanted, 100)) == 61
