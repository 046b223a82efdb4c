"""What can be set for a Mastodon source, and where it reads on."""

from typing import Any

import msgspec
import pytest

from gehoor.core.errors import SettingError
from gehoor.listen.mastodon_options import MastodonOptions, Timeline
from gehoor.listen.mastodon_place import Place, is_later, newest, oldest

HOST = "fedi.example"


@pytest.mark.parametrize(
    ("name", "path", "stream"),
    [
        ("public", "/api/v1/timelines/public", "/api/v1/streaming/public"),
        ("public:local", "/api/v1/timelines/public", "/api/v1/streaming/public/local"),
        ("#één", "/api/v1/timelines/tag/%C3%A9%C3%A9n", "/api/v1/streaming/hashtag"),
        ("@an@elders.example", "/api/v1/accounts/{}/statuses", ""),
        ("notifications", "/api/v1/notifications", "/api/v1/streaming/user/notification"),
    ],
)
def test_timeline_knows_where_it_is_read_and_streamed(name: str, path: str, stream: str) -> None:
    timeline = Timeline.of(name)
    assert (timeline.path, timeline.stream) == (path, stream)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"timelines": []}, "timelines names none"),
        ({"timelines": ["home"]}, "there is no timeline 'home'; known: public"),
        ({"timelines": ["#"]}, "there is no timeline '#'"),
        ({"timelines": ["#a/../b"]}, "there is no timeline"),
        ({"timelines": ["@a@b@c"]}, "there is no timeline"),
        ({"timelines": ["notifications"]}, "notifications need a token"),
        ({"timelines": ["public"], "server": "mastodon.social"}, "server must be an address such as"),
        ({"timelines": ["public"], "server": "https://a.example/@b"}, "server must be an address such as"),
        ({"timelines": ["public"], "every_s": 0}, "every_s must lie between"),
        ({"timelines": ["public"], "back_days": -1}, "back_days must lie between"),
        ({"timelines": ["public"], "tokn": "x"}, "tokn"),
    ],
)
def test_wrong_option_is_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=words):
        msgspec.convert(options, MastodonOptions)


def test_token_comes_from_the_environment_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEDI_TOKEN", "geheim")
    options = MastodonOptions(timelines=["public"], token="$FEDI_TOKEN")
    assert options.secret() == "geheim"
    assert "geheim" not in repr(MastodonOptions(timelines=["public"], token="geheim"))
    monkeypatch.delenv("FEDI_TOKEN")
    with pytest.raises(SettingError, match="The environment has no variable FEDI_TOKEN"):
        options.secret()


def test_all_that_a_server_knows_is_kept_where_it_concerns_a_brand_only() -> None:
    assert MastodonOptions(timelines=["public", "public:local"]).keep_default == "brands"
    assert MastodonOptions(timelines=["#acme"]).keep_default == "all"


def test_server_is_known_by_its_name() -> None:
    options = MastodonOptions(timelines=["public"], server="https://Fedi.Example:8443/")
    assert (options.host, options.base) == ("fedi.example:8443", "https://Fedi.Example:8443")


def test_numbers_grow_in_length_or_in_order() -> None:
    assert (newest([{"id": "99"}, {"id": "100"}, {}, 7]), oldest([{"id": 100}, {"id": "99"}])) == ("100", "99")
    assert newest([{"id": "01HZ"}, {"id": "01JA"}]) == "01JA"
    assert newest([]) is None
    assert is_later("100", "99") and not is_later("99", "99") and not is_later(None, "1")


def test_place_survives_as_a_cursor() -> None:
    place = Place.of(None, HOST, ["#a"])
    place.after["#a"] = "12"
    place.note("update", {"id": "12", "edited_at": None})
    place.note("notification", {"id": "3", "type": "mention", "status": {"id": "13", "edited_at": "x"}})
    place.note("notification", {"id": "4", "type": "favourite", "status": {"id": "1"}})
    assert Place.of(place.cursor(), HOST, ["#a"]) == place
    assert place.recent == {"12": None, "13": "x"}
    place.note("delete", "12")
    assert place.recent == {"13": "x"}


def test_place_on_another_server_means_nothing() -> None:
    cursor = Place(HOST, after={"#a": "12", "#b": "13"}, recent={"12": None}).cursor()
    assert Place.of(cursor, "elders.example", ["#a"]) == Place("elders.example")
    assert Place.of(cursor, HOST, ["#a"]).after == {"#a": "12"}
    assert Place.of(b"7", HOST, ["#a"]) == Place(HOST)


def test_only_the_last_200_are_asked_for_again() -> None:
    place = Place(HOST)
    for number in range(1_000, 1_250):
        place.note("update", {"id": str(number)})
    place.note("update", {"id": "1060"})  # heard anew: it is the last again
    assert (len(place.recent), next(iter(place.recent)), list(place.recent)[-1]) == (200, "1050", "1060")
