"""The demo: one Tuesday of Noordvlucht, a Dutch airline that does not exist, and the settings to hear it with.

The stream is written for gehoor (CC0) and made by `tools/make_demo.py`: about 2,500 activities in the order in which
they happened, in the plain form, from midnight to midnight in Amsterdam. An ordinary day, until at 16:12 somebody's
app does not load.
"""

from pathlib import Path

__all__ = ["DEMO_STREAM", "demo_settings"]

DEMO_STREAM: Path = Path(__file__).parent / "demo_stream" / "noordvlucht.jsonl.gz"
"""JSON lines, gzipped. `published` rises from line to line, save that an edit tells when its post was made."""

_SETTINGS = """\
[workspace]
name = "Noordvlucht"
languages = ["nl", "en"]
timezone = "Europe/Amsterdam"
interface = "{interface}"

[brands.noordvlucht]
terms = ["noordvlucht"]
label = "Noordvlucht"

[brands.zuiderlucht]
terms = ["zuiderlucht"]
label = "Zuiderlucht"

[web]
port = {port}
"""


def demo_settings(*, interface: str = "nl", port: int = 8400) -> str:
    """Return the text of a `gehoor.toml` for the demo: its brands, no source (the stream is replayed).

    Parameters
    ----------
    interface : str
        `nl` or `en`.
    port : int
        Where the page is served, on 127.0.0.1.

    Examples
    --------
    >>> from pathlib import Path
    >>> from gehoor.core.settings import parse
    >>> parse(demo_settings(interface="en"), Path(".")).workspace.interface
    'en'
    """
    return _SETTINGS.format(interface=interface, port=port)
