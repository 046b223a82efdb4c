"""Where we may connect to: every address of a name is checked, and it is that address that we connect to."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable

import httpcore

from gehoor.core.errors import TransientError

__all__ = ["CheckedNetwork", "resolve"]

_REFUSED_S = 300.0
_ADDRESS_S = 5.0
_METADATA = frozenset({"100.100.100.200", "168.63.129.16", "169.254.169.254", "192.0.0.192", "fd00:ec2::254"})
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_NUMBER = re.compile(r"\d+|0[xX][0-9a-fA-F]*")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


async def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Return the addresses of a host, each of which may be connected to.

    Connect to what is returned, not to the name: a name that is looked up a second time may point elsewhere.

    Parameters
    ----------
    host : str
        A name, or an address in its usual spelling: `2130706433`, `0x7f.1` and `0177.0.0.1` are refused.
    allow_private : bool
        Allow addresses of one's own network and machine. What hands out the secrets of a cloud's machine (link-local
        and metadata addresses), multicast and 0.0.0.0 stay refused.

    Raises
    ------
    TransientError
        When the name is not found, or one of its addresses is refused. It is a mistake of the sender or of the
        settings, or it is an attack; a name server can mend it, so it is tried again after a while.

    Notes
    -----
    One bad address refuses the whole name, because a name that points both inside and outside is how rebinding looks.
    """
    name = _spelled(host)
    literal = _literal(name)
    addresses = [str(literal)] if literal is not None else await _looked_up(name, port)
    for address in addresses:
        if not _is_allowed(ipaddress.ip_address(address), allow_private=allow_private):
            advice = "" if allow_private else " If it is yours, set allow_private = true for this source."
            where = name if literal is not None else f"{name[:80]} ({address})"
            raise TransientError(f"{where} is no public address.{advice}", _REFUSED_S)
    return addresses


def _spelled(host: str) -> str:
    """Return a host in lower case ASCII, without the dot or brackets around it."""
    name = host.removeprefix("[").removesuffix("]").removesuffix(".").lower()
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        raise _no_name(host) from None


def _literal(name: str) -> _Address | None:
    """Return the address that a host spells out; None when it is a name that must be looked up."""
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        pass
    # what the C library reads as an address though nobody writes one so: octal, hexadecimal, one number, three parts
    if _NUMBER.fullmatch(name.rpartition(".")[2]) or not _NAME.fullmatch(name):
        raise _no_name(name)
    return None


def _no_name(host: str) -> TransientError:
    return TransientError(f"{host[:80]!r} is no name of a server: check the address.", _REFUSED_S)


async def _looked_up(name: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise TransientError(f"{name} cannot be found: check its name, or whether this machine is online.") from None
    # a zone (%eth0) only comes with link-local addresses, and those are refused
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def _is_allowed(address: _Address, *, allow_private: bool) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id or address.ipv4_mapped is not None:  # no name server hands these out
            return False
        inside = address.sixtofour or (address.teredo or (None, None))[1] or _nat64(address)
        if inside is not None:
            return _is_allowed(inside, allow_private=False)
    if str(address) in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address.is_loopback or getattr(address, "is_site_local", False):  # ::1 counts as reserved, fec0:: as global
        return allow_private
    return not address.is_reserved and (address.is_global or allow_private)


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(address.packed[-4:]) if any(address in net for net in _NAT64) else None


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """The network as `resolve` allows it; connections go to the addresses that were checked.

    Parameters
    ----------
    allow_private : bool
        As in `resolve`.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers."""
        addresses = await resolve(host, port, allow_private=self._allow_private)
        limit = min(timeout or _ADDRESS_S, _ADDRESS_S)  # one address that swallows packets leaves time for the next
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, limit, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, limit, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._network.sleep(seconds)
