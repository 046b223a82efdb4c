"""Hands letters to an SMTP server, and says what it said; `unknown` when the line breaks before the answer."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Annotated, Literal

import msgspec

from gehoor.core.errors import SettingError, TransientError
from gehoor.core.message import Delivery
from gehoor.listen.mail_login import MailLogin

__all__ = ["SmtpLogin", "hand_over", "knock", "wire_of"]

_TIMEOUT_S = 20.0
_LONG_S = 300.0
_WIRE = policy.SMTP.clone(cte_type="7bit")  # lines end as servers demand, and no sign needs 8 bits on the way


class SmtpLogin(MailLogin, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How we get to the server that takes our mail: as `MailLogin`.

    Attributes
    ----------
    port : int
        587 with `starttls`, 465 with `tls`.
    """

    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 587
    security: Literal["tls", "starttls", "none"] = "starttls"


def wire_of(letter: EmailMessage) -> bytes:
    """Return a letter as it goes over the line."""
    return letter.as_bytes(policy=_WIRE)


def hand_over(login: SmtpLogin, letter: bytes, sender: str, to: Sequence[str]) -> Delivery:
    """Send one letter to some addresses. Blocks for at most 20 s a step: use a thread.

    Raises
    ------
    TransientError
        Nothing was taken: the server is away, refuses us for now, or refuses our password.
    SettingError
        It will never be taken like this: every address is refused, or the letter is.
    """
    with _spoken(login), _connected(login) as server:
        server.ehlo_or_helo_if_needed()
        _accepted(server.mail(parseaddr(sender)[1]), "the sender")
        refused = [address for address in to if server.rcpt(parseaddr(address)[1])[0] >= 300]
        if len(refused) == len(to):
            server.rset()
            raise SettingError(f"{login.host} refuses every address: {', '.join(refused)}.")
        try:
            code, said = server.data(letter)  # from here on a broken line leaves us in doubt
        except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
            return Delivery(state="unknown", receipt=f"The line broke before the answer ({error}).")
        _accepted((code, said), "the letter")
        note = f"; refused: {', '.join(refused)}" if refused else ""
        return Delivery(receipt=f"{code} {said.decode(errors='replace')}{note}")


def knock(login: SmtpLogin) -> None:
    """Log in and leave again; errors as of `hand_over`."""
    with _spoken(login), _connected(login) as server:
        server.noop()


@contextmanager
def _connected(login: SmtpLogin) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context()
    if login.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(login.host, login.port, timeout=_TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(login.host, login.port, timeout=_TIMEOUT_S)
    with server:
        if login.security == "starttls":
            server.starttls(context=context)
        if login.user is not None:
            _admit(server, login.user, login)
        yield server


def _admit(server: smtplib.SMTP, user: str, login: SmtpLogin) -> None:
    secret = login.secret()
    if login.login == "password":
        server.login(user, secret)
        return
    server.ehlo_or_helo_if_needed()
    # a second question is how a server says why it refuses; an empty answer ends it
    asked = iter([f"user={user}\x01auth=Bearer {secret}\x01\x01"])
    server.auth("XOAUTH2", lambda _challenge=None: next(asked, ""))


@contextmanager
def _spoken(login: SmtpLogin) -> Iterator[None]:
    """Say in words what went wrong."""
    host = login.host
    try:
        yield
    except smtplib.SMTPAuthenticationError:  # what the server said may quote what we sent
        what = "token" if login.login == "xoauth2" else "password"
        raise TransientError(f"{host} refuses our {what} for {login.user}: check it.", _LONG_S) from None
    except smtplib.SMTPNotSupportedError as error:
        raise SettingError(f"{host} cannot do that: {error}. Choose another `security`.") from error
    except ssl.SSLError as error:
        raise TransientError(f"{host} shows a certificate that is not right: {error}.", _LONG_S) from error
    except (OSError, smtplib.SMTPException) as error:
        raise TransientError(f"{host} does not take our mail now: {error}.") from error


def _accepted(reply: tuple[int, bytes], what: str) -> None:
    code, said = reply
    words = f"The server refuses {what}: {code} {said.decode(errors='replace')}"
    if 400 <= code < 500:
        raise TransientError(words)
    if code >= 500:
        raise SettingError(words)
