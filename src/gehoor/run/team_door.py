"""Whether the pages may be opened at an address: to more than this machine only where people log in."""

from ipaddress import ip_address
from pathlib import Path

from gehoor.core.errors import SettingError
from gehoor.core.reader import Reader
from gehoor.core.settings import Web
from gehoor.core.team import TeamReader

__all__ = ["check_door", "is_here_only"]

_HOW = 'gehoor team add "Your name" you@example.org --role admin'


def is_here_only(host: str, web: Web) -> bool:
    """Tell whether only this machine reaches the pages: a loopback address, and no proxy in front of it.

    Examples
    --------
    >>> is_here_only("127.0.0.1", Web()), is_here_only("0.0.0.0", Web()), is_here_only("::1", Web(proxy="127.0.0.1"))
    (True, False, False)
    """
    if web.proxy is not None:
        return False
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name: others may know it too
        return False


def check_door(root: Path, host: str, web: Web) -> str:
    """Return what to say of who gets in, when gehoor starts.

    Raises
    ------
    SettingError
        Others could reach the pages, and nobody of the team can log in.
    """
    reader = Reader(root)
    try:
        team = TeamReader(reader)
        has_members = team.is_there() and team.has_members()
    finally:
        reader.close()
    if has_members:
        is_sealed = is_here_only(host, web) or web.proxy is not None
        return (
            "" if is_sealed else f"{host} is reached without TLS: put a proxy in front of it, see docs/how-to/team.md"
        )
    if is_here_only(host, web):
        return "No login is asked: only this computer reaches the pages. For a team: gehoor team add --help"
    where = f"{host} is reached from elsewhere" if web.proxy is None else f"A proxy at {web.proxy} lets others in"
    raise SettingError(f"{where}, and nobody can log in yet. Add yourself first: {_HOW}")
