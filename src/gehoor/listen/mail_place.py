"""Where a mail source reads on: of each folder the number of the last mail, and which numbering that is."""

from collections.abc import Iterable

import msgspec

__all__ = ["FolderPlace", "MailPlace"]


class FolderPlace(msgspec.Struct):
    """Of one folder.

    Attributes
    ----------
    uidvalidity : int
        Names the numbering; when the server has another one, the numbers of before mean nothing (RFC 3501, 2.3.1.1).
    uid : int
        The last mail that was read; 0: none.
    """

    uidvalidity: int = 0
    uid: int = 0


class MailPlace(msgspec.Struct):
    """The cursor, as JSON.

    Attributes
    ----------
    mailbox : str
        Whose numbers these are: server and user.
    folders : dict of str to FolderPlace
        By name.

    Examples
    --------
    >>> place = MailPlace.of(b'{"mailbox": "a", "folders": {"INBOX": {"uidvalidity": 7, "uid": 3}}}', "a", ["INBOX"])
    >>> place.folders["INBOX"].uid
    3
    """

    mailbox: str
    folders: dict[str, FolderPlace] = {}

    @classmethod
    def of(cls, cursor: bytes | None, mailbox: str, folders: Iterable[str]) -> "MailPlace":
        """Return the place of a cursor: of these folders, and from the start where it is of another mailbox."""
        try:
            known = msgspec.json.decode(cursor, type=cls) if cursor else cls(mailbox)
        except msgspec.DecodeError:
            known = cls(mailbox)
        places = known.folders if known.mailbox == mailbox else {}
        return cls(mailbox, {name: places.get(name, FolderPlace()) for name in folders})

    def cursor(self) -> bytes:
        """Return it as bytes."""
        return msgspec.json.encode(self)
