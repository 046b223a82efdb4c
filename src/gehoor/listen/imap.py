"""One connection to an IMAP server, for the few things that we ask of one. Every call blocks: use a thread."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any

import msgspec
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from gehoor.core.clock import SECOND_US
from gehoor.core.errors import SettingError, TransientError
from gehoor.listen.mail_options import ImapLogin

__all__ = ["Letter", "Mailbox"]

_TIMEOUT = SocketTimeout(connect=15, read=60)
_LONG_S = 300.0
_Stamp = tuple[int | None, int | None, int | None]


class Letter(msgspec.Struct, frozen=True):
    """A mail as the server handed it over, or why it did not.

    Attributes
    ----------
    raw : bytes
        The mail; only its start where that was asked for.
    arrived : int, optional
        When it came into the mailbox, microseconds UTC.
    trouble : str
        Why the server cannot hand it over; empty when it did.
    is_start : bool
        There is more of it.
    """

    raw: bytes = b""
    arrived: int | None = None
    trouble: str = ""
    is_start: bool = False


class Mailbox:
    """What one user of a mail server has; opened read-only, so nothing is marked as seen.

    Parameters
    ----------
    login : ImapLogin
        How to get in.

    Raises
    ------
    TransientError
        Of every method: the server is away, breaks off, or refuses our password.
    SettingError
        There is no such folder; or the server cannot do what `security` asks.
    """

    def __init__(self, login: ImapLogin) -> None:
        self._login = login
        self._client: Any = None
        self._folder: str | None = None
        self._validity = 0

    def open(self) -> None:
        """Connect and log in."""
        login, secret = self._login, self._login.secret()
        with self._spoken():
            context = ssl.create_default_context()
            is_tls = login.security == "tls"
            self._client = client = IMAPClient(
                login.host, login.port, ssl=is_tls, ssl_context=context if is_tls else None, timeout=_TIMEOUT
            )
            client.normalise_times = False  # else a moment loses its zone
            if login.security == "starttls":
                self._secure(context)
            self._admit(secret)

    def _secure(self, context: ssl.SSLContext) -> None:
        if not self._client.has_capability("STARTTLS"):
            raise SettingError(f"{self._login.host} cannot do starttls: set security to tls.")
        self._client.starttls(context)

    def _admit(self, secret: str) -> None:
        login = self._login
        try:
            if login.login == "xoauth2":
                self._client.oauth2_login(login.user, secret)
            else:
                self._client.login(login.user, secret)
        except (LoginError, UnicodeEncodeError):  # what the server said may quote what we sent
            what = "token" if login.login == "xoauth2" else "password"
            raise TransientError(f"{login.host} refuses our {what} for {login.user}: check it.", _LONG_S) from None

    def cut(self) -> None:
        """Break the connection, from any thread: whoever waits on it goes on at once."""
        client, self._client, self._folder = self._client, None, None
        if client is not None:
            with suppress(OSError, IMAPClientError):
                client.socket().shutdown(socket.SHUT_RDWR)
            with suppress(OSError, IMAPClientError):
                client.shutdown()

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """Say in words what went wrong."""
        host = self._login.host
        try:
            yield
        except ssl.SSLError as error:
            raise TransientError(f"{host} shows a certificate that is not right: {error}.", _LONG_S) from error
        except (IMAPClientError, OSError, AttributeError) as error:  # AttributeError: cut in the middle of a call
            raise TransientError(f"{host} does not hand over mail now: {str(error)[:200]}.") from error

    def stamp(self, folder: str) -> _Stamp:
        """Return what changes when anything in a folder does: UIDVALIDITY, UIDNEXT and HIGHESTMODSEQ (RFC 7162)."""
        asked = ["UIDVALIDITY", "UIDNEXT"]
        with self._spoken():
            if self._client.has_capability("CONDSTORE"):
                asked.append("HIGHESTMODSEQ")
            with self._naming(folder):
                said = self._client.folder_status(folder, asked)
        return said.get(b"UIDVALIDITY"), said.get(b"UIDNEXT"), said.get(b"HIGHESTMODSEQ")

    @contextmanager
    def _naming(self, folder: str) -> Iterator[None]:
        """Say which folders there are, when the server does not know the one that was asked for."""
        try:
            yield
        except (IMAPClientAbortError, ProtocolError):
            raise
        except IMAPClientError as error:
            if self._client.folder_exists(folder):
                raise
            known = ", ".join(str(name) for _, _, name in self._client.list_folders()[:20])
            raise SettingError(f"{self._login.host} has no folder {folder!r}. It has: {known}.") from error

    def enter(self, folder: str) -> int:
        """Open a folder, for reading only; return its UIDVALIDITY."""
        if folder != self._folder:
            with self._spoken(), self._naming(folder):
                self._validity = int(self._client.select_folder(folder, readonly=True).get(b"UIDVALIDITY", 0))
            self._folder = folder
        return self._validity

    def newer(self, uid: int, since: date) -> list[int]:
        """Return the numbers above `uid` in the open folder, in order, without drafts; of 0 those since a day."""
        with self._spoken():
            # a draft is not sent yet, and may be an answer of ours on its way
            found = self._client.search(["UNDRAFT", *(["UID", f"{uid + 1}:*"] if uid else ["SINCE", since])])
        return sorted(int(number) for number in found if number > uid)  # `n:*` always gives the last one

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return how many bytes each mail has; those that are gone are missing."""
        with self._spoken():
            found = self._client.fetch(uids, ["RFC822.SIZE"])
        return {uid: int(said.get(b"RFC822.SIZE", 0)) for uid, said in found.items()}

    def letters(self, uids: Sequence[int]) -> dict[int, Letter]:
        """Return mails whole; one that the server cannot hand over costs no other. Those that are gone are missing."""
        with self._spoken():
            try:
                return _letters(self._client.fetch(uids, ["INTERNALDATE", "BODY.PEEK[]"]), b"BODY[]")
            except IMAPClientAbortError:
                raise
            except (IMAPClientError, ValueError, TypeError, LookupError):  # a refusal, or an answer nobody can read
                return {uid: letter for uid in uids if (letter := self._single(uid)) is not None}

    def _single(self, uid: int) -> Letter | None:
        try:
            return _letters(self._client.fetch([uid], ["BODY.PEEK[]"]), b"BODY[]").get(uid)
        except IMAPClientAbortError:
            raise
        except (IMAPClientError, ValueError, TypeError, LookupError) as error:
            return Letter(trouble=str(error)[:200])

    def start_of(self, uid: int, n_bytes: int) -> Letter | None:
        """Return the first bytes of a mail."""
        with self._spoken():
            found = self._client.fetch([uid], ["INTERNALDATE", f"BODY.PEEK[]<0.{n_bytes}>"])
        letter = _letters(found, b"BODY[]<0>").get(uid)
        return None if letter is None else msgspec.structs.replace(letter, is_start=len(letter.raw) >= n_bytes)

    @property
    def tells(self) -> bool:
        """Whether the server tells of new mail by itself (IDLE)."""
        return bool(self._client.has_capability("IDLE"))

    def wait(self, folder: str, uid: int, seconds: float) -> None:
        """Wait until something changes in a folder, or until the time is up; not when there is a mail above `uid`."""
        self.enter(folder)
        with self._spoken():
            if uid and any(number > uid for number in self._client.search(["UNDRAFT", "UID", f"{uid + 1}:*"])):
                return  # it came while we asked for others, and the server does not say so again
            self._client.idle()
            self._client.idle_check(timeout=seconds)
            self._client.idle_done()

    def sent_folder(self) -> str | None:
        """Return the folder of sent mail: what the server marks so (RFC 6154), or calls so; None: there is none."""
        with self._spoken():
            found = self._client.find_special_folder(b"\\Sent")
        return None if found is None else str(found)

    def find(self, folder: str, message_id: str) -> dict[int, frozenset[bytes]]:
        """Return the mails with this Message-ID in a folder: number -> flags. It is open for writing from then on."""
        with self._spoken():
            with self._naming(folder):
                self._client.select_folder(folder)
            self._folder = None  # it is no folder that we only read
            found = self._client.search(["HEADER", "Message-ID", message_id])
            flags = self._client.get_flags(found)
        return {int(uid): frozenset(flags.get(uid, ())) for uid in found}

    def head(self, folder: str, message_id: str) -> bytes | None:
        """Return the headers of the mail with this Message-ID; None when it is not in the folder."""
        self.enter(folder)
        with self._spoken():
            found = self._client.search(["HEADER", "Message-ID", message_id])
            heads = self._client.fetch(found[:1], ["BODY.PEEK[HEADER]"])
        return next((bytes(said.get(b"BODY[HEADER]") or b"") for said in heads.values()), None)

    def keep(self, folder: str, raw: bytes, flags: Sequence[bytes]) -> None:
        """Put a mail of ours into a folder."""
        with self._spoken(), self._naming(folder):
            self._client.append(folder, raw, flags=flags)

    def unmark(self, uids: Sequence[int], flag: bytes) -> None:
        """Take a flag off mails of the folder in which they were found."""
        with self._spoken():
            self._client.remove_flags(uids, [flag], silent=True)

    def drop(self, uids: Sequence[int]) -> None:
        """Delete mails of the folder in which they were found; no other that is marked for it, where the server can."""
        with self._spoken():
            self._client.delete_messages(uids, silent=True)
            if self._client.has_capability("UIDPLUS"):
                self._client.uid_expunge(uids)


def _letters(found: dict[int, dict[bytes, Any]], part: bytes) -> dict[int, Letter]:
    return {
        uid: Letter(bytes(said[part] or b""), _micros(said.get(b"INTERNALDATE")))
        for uid, said in found.items()
        if part in said
    }


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None or moment.tzinfo is None else round(moment.timestamp()) * SECOND_US
