"""Hears mail: what comes into the folders of a mailbox, over IMAP."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from gehoor.core.clock import SECOND_US, Clock
from gehoor.core.errors import TransientError
from gehoor.core.page import RawPage
from gehoor.listen.imap import Letter, Mailbox
from gehoor.listen.json_body import page_position
from gehoor.listen.mail_options import MailOptions
from gehoor.listen.mail_place import FolderPlace, MailPlace

__all__ = ["MailSource"]

_WHOLE = 32 << 20  # what mail servers take today is at most 25 to 50 MB
_START = 1 << 20
_AT_ONCE, _BYTES_AT_ONCE = 50, 1 << 20
_SIZES_AT_ONCE = 500
_TRIES = 3


class MailSource:
    """Read folders of a mailbox: first what is there, then what comes, at once where the server tells of it (IDLE).

    A mail is one page. Reading marks nothing as seen, and moves and deletes nothing; what is deleted in the mailbox
    stays here. When the server numbers its mails anew (UIDVALIDITY), the folder is read again from `back_days` ago:
    a mail is known by its Message-ID, so nothing counts twice.

    A mail that the server cannot hand over is a reject with the reason. One over which the connection breaks is asked
    for by itself, then for its start only, and passed over as a reject when that breaks it too.

    Notes
    -----
    With CONDSTORE (RFC 7162) a folder in which nothing changed is not opened. Mails over 32 MB are read for the first
    MB. A mail that arrives in the moment before we wait is heard after `every_s` at the latest.
    """

    Options = MailOptions

    def __init__(self, name: str, options: MailOptions, clock: Clock) -> None:
        self.name = name
        self._options, self._clock = options, clock
        self._broke: dict[tuple[str, int], int] = {}

    async def read(self, cursor: bytes | None) -> AsyncIterator[RawPage]:
        """Yield raw pages from `cursor` on, for ever.

        Raises
        ------
        TransientError
            When the server is away or refuses us.
        SettingError
            When there is no such folder, or the environment lacks the password.
        """
        options = self._options
        place = MailPlace.of(cursor, f"{options.user}@{options.host}", options.folders)
        stamps: dict[str, Any] = {}
        box = Mailbox(options)
        try:
            await asyncio.to_thread(box.open)
            while True:
                for folder in options.folders:
                    stamp = await asyncio.to_thread(box.stamp, folder) if len(options.folders) > 1 else None
                    if stamp is not None and stamp == stamps.get(folder):
                        continue
                    async for page in self._folder(box, folder, place):
                        yield page
                    stamps[folder] = stamp
                if box.tells:
                    first = options.folders[0]
                    await asyncio.to_thread(box.wait, first, place.folders[first].uid, options.every_s)
                else:
                    await asyncio.sleep(options.every_s)
        finally:
            box.cut()

    async def _folder(self, box: Mailbox, folder: str, place: MailPlace) -> AsyncIterator[RawPage]:
        """Yield what is new in one folder."""
        here = place.folders[folder]
        validity = await asyncio.to_thread(box.enter, folder)
        if validity != here.uidvalidity:
            here = place.folders[folder] = FolderPlace(validity, 0)
        now = datetime.fromtimestamp(self._clock.now() // SECOND_US, UTC)
        since = (now - timedelta(days=self._options.back_days)).date()
        uids = await asyncio.to_thread(box.newer, here.uid, since)
        for first in range(0, len(uids), _SIZES_AT_ONCE):
            sizes = await asyncio.to_thread(box.sizes, uids[first : first + _SIZES_AT_ONCE])
            for group in self._groups(folder, sizes):
                letters = await self._letters(box, folder, group, sizes)
                for uid in group:
                    here.uid = uid
                    if uid in letters:
                        yield self._page(place, folder, letters[uid], sizes[uid])

    def _groups(self, folder: str, sizes: dict[int, int]) -> Iterator[list[int]]:
        """Put small mails together, in order; what is large, or broke a connection, comes by itself."""
        group: list[int] = []
        n_bytes = 0
        for uid in sorted(sizes):
            is_alone = (folder, uid) in self._broke
            if group and (is_alone or len(group) == _AT_ONCE or n_bytes + sizes[uid] > _BYTES_AT_ONCE):
                yield group
                group, n_bytes = [], 0
            group.append(uid)
            n_bytes += sizes[uid]
            if is_alone:
                yield group
                group, n_bytes = [], 0
        if group:
            yield group

    async def _letters(self, box: Mailbox, folder: str, group: list[int], sizes: dict[int, int]) -> dict[int, Letter]:
        """Fetch a group; remember over which mails the connection broke."""
        uid, n_tries = group[0], self._broke.get((folder, group[0]), 0)
        if n_tries >= _TRIES:
            return {uid: Letter(trouble=f"the connection broke {n_tries} times over it")}
        try:
            if sizes[uid] > _WHOLE or n_tries == _TRIES - 1:  # by itself: no other fits beside it
                letter = await asyncio.to_thread(box.start_of, uid, _START)
                return {} if letter is None else {uid: letter}
            return await asyncio.to_thread(box.letters, group)
        except TransientError:
            for one in group:
                self._broke[folder, one] = self._broke.get((folder, one), 0) + (len(group) == 1)
            raise

    def _page(self, place: MailPlace, folder: str, letter: Letter, size: int) -> RawPage:
        known: dict[str, Any] = {"folder": folder, "ours": self._options.own_addresses, "arrived": letter.arrived}
        if letter.trouble:
            known["unread"] = f"the server cannot hand over mail {place.folders[folder].uid} of {folder}"
            known["unread"] += f": {letter.trouble}"
        elif letter.is_start:
            known["size"] = size
        name = letter.raw or f"{place.mailbox} {folder} {place.folders[folder]}".encode()
        return RawPage(
            source=self.name,
            decoder="mail",
            payload=letter.raw,
            received=self._clock.now(),
            cursor=place.cursor(),
            position=page_position(name),
            options=known,
        )
