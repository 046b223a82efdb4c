"""gehoor hears what customers say and do, and helps an organisation to answer."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    from gehoor.run.opened import Opened

__all__ = ["__version__", "open"]

__version__ = "0.1.0"


def open(folder: "str | PathLike[str]") -> "Opened":  # noqa: A001  # read as gehoor.open(folder), it is what it says
    """Open a workspace to read it from Python; changes nothing. `docs/how-to/loyalty.md` shows what it gives.

    Parameters
    ----------
    folder : str or PathLike
        Where its `gehoor.toml` stands.

    Raises
    ------
    SettingError
        There is no workspace, or its `gehoor.toml` cannot be read.
    """
    from pathlib import Path  # an import of gehoor costs next to nothing; what it reads with, 0.5 s

    from gehoor.run.opened import Opened

    return Opened(Path(folder))
