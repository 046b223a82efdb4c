"""Passwords and tokens: written in `gehoor.toml`, or there as `$NAME` and in the environment."""

import os

from gehoor.core.errors import SettingError

__all__ = ["secret_of"]


def secret_of(value: str | None) -> str | None:
    """Return a secret: as written, or what the environment holds under the name behind `$`.

    Raises
    ------
    SettingError
        If the environment does not hold it.

    Examples
    --------
    >>> secret_of("as written"), secret_of(None)
    ('as written', None)
    """
    if value is None or not value.startswith("$"):
        return value
    found = os.environ.get(value[1:])
    if not found:
        raise SettingError(f"The environment holds no {value[1:]}: set it before gehoor starts, or write the secret.")
    return found
