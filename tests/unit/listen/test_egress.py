"""Whatever way an address is written, and wherever a name points: we connect to public addresses only."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gehoor.core.errors import TransientError
from gehoor.listen.egress import resolve

PRIVATE = [
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "192.0.2.1",
    "198.18.0.1", "[::1]", "::1", "fc00::1", "fd12:3456::1", "2001:db8::1", "fec0::1", "localhost", "localhost.",
    "LOCALHOST", "127.0.0.1.", "127。0。0。1", "１２７.0.0.1",
]  # fmt: skip
NEVER = [
    "0.0.0.0", "::", "169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "100.100.100.200", "168.63.129.16",
    "fd00:ec2::254", "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:7f00:1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1",
    "::7f00:1", "::127.0.0.1",
]  # fmt: skip
ODD = [
    "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "1",
    "0", "0x", "127.0.0.01", "127.0.0.256", "127.0.0.1.5", "١٢٧.0.0.1", "3232235777",
    "localhost%00.example.org", "exa mple.org", "example.org/", "user@example.org", "", ".", "a..b", "-a.example",
    "a" * 64 + ".example", "::ffff:0x7f.1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "[2606:4700::1111]", "64:ff9b::808:808", "192.88.99.1"]


def _found(host: str, *, allow_private: bool) -> list[str]:
    return asyncio.run(resolve(host, 80, allow_private=allow_private))


@pytest.mark.parametrize("host", [*PRIVATE, *NEVER, *ODD])
def test_what_is_not_public_is_refused_for_a_while(host: str) -> None:
    with pytest.raises(TransientError) as refused:
        _found(host, allow_private=False)
    assert refused.value.retry_after_s == 300.0


@pytest.mark.parametrize("host", [*NEVER, *ODD])
def test_what_is_never_right_is_refused_even_where_private_is_allowed(host: str) -> None:
    with pytest.raises(TransientError):
        _found(host, allow_private=True)


@pytest.mark.parametrize("host", PRIVATE)
def test_an_own_network_is_allowed_when_it_is_asked_for(host: str) -> None:
    assert _found(host, allow_private=True)


@pytest.mark.parametrize("host", PUBLIC)
def test_a_public_address_is_returned_as_it_is(host: str) -> None:
    assert _found(host, allow_private=False) == [host.strip("[]")]


def test_a_refusal_says_what_to_do() -> None:
    with pytest.raises(TransientError, match=r"localhost .* is no public address\. If it is yours, set allow_private"):
        _found("localhost", allow_private=False)


@given(host=st.text(max_size=40) | st.integers(0, 2**33).map(str) | st.integers(0, 2**33).map(hex))
def test_no_spelling_of_a_host_brings_it_down(host: str) -> None:
    if "." in host.strip(".") or host.isascii():
        host = host.replace(".", "。") + ".1"  # a number behind: never looked up
    with pytest.raises(TransientError):
        _found(host, allow_private=True)
