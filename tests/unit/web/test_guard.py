"""Under which names the pages answer."""

import pytest

from gehoor.web.guard import ForeignHost, check_host


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8400",
        "127.0.0.1:8400",
        "192.168.1.20",
        "[::1]:8400",
        "[::1]",
        "LOCALHOST:1",
        "ons.example:80",
    ],
)
def test_our_own_names_and_bare_addresses_are_good(host: str) -> None:
    check_host(host, "ons.example")


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8400", "", "evil.example:127.0.0.1"]
)
def test_a_strangers_name_that_was_pointed_at_us_is_refused(host: str) -> None:
    with pytest.raises(ForeignHost, match="gehoor answers to"):
        check_host(host, "127.0.0.1")
