"""How we get into a mail server, whichever way the mail goes."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from gehoor.core.errors import SettingError
from gehoor.core.secret import secret_of

__all__ = ["MailLogin"]


class MailLogin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Server, and who we are there.

    Attributes
    ----------
    host, port : str, int
        The mail server.
    security : str
        `tls`, `starttls`, or `none` (only on a line that nobody else can hear).
    user, password : str, optional
        The password as `$NAME` is read from the environment.
    password_file : path, optional
        A file that holds the password, read each time; so another program may renew a token there.
    login : str
        `password`, or `xoauth2`: then the password is an access token. gehoor fetches no token by itself.
    """

    host: Annotated[str, msgspec.Meta(min_length=1)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] | None = None
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str | None = None
    password: str | None = None
    password_file: Path | None = None
    login: Literal["password", "xoauth2"] = "password"

    def __post_init__(self) -> None:
        n_given = (self.password is not None) + (self.password_file is not None)
        if self.user is not None and n_given != 1:
            raise ValueError("set password (such as $MAIL_PASSWORD) or password_file, one of the two")

    def __repr__(self) -> str:
        """Show who logs in where, without the password, which must be in no log."""
        return f"{type(self).__name__}(host={self.host!r}, user={self.user!r})"

    def secret(self) -> str:
        """Return the password or token.

        Raises
        ------
        SettingError
            When the environment or the file does not hold it.
        """
        if self.password_file is None:
            return secret_of(self.password) or ""
        try:
            found = self.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingError(f"{self.password_file} cannot be read: it must hold the password for mail.") from None
        if not found:
            raise SettingError(f"{self.password_file} is empty: it must hold the password for mail.")
        return found
