"""Asks a Mastodon-like server for pages of timelines, and for statuses by their numbers."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from gehoor.core.errors import RejectedRecord, TransientError
from gehoor.listen.http import Fetched, Http
from gehoor.listen.json_body import parse_json
from gehoor.listen.mastodon_options import MastodonOptions, Timeline
from gehoor.listen.mastodon_place import number_of
from gehoor.listen.mastodon_status import text_of

__all__ = ["MastodonServer"]

_PAGE = 40  # most that a server gives of a timeline
_AT_ONCE = 20  # most that a server gives by their numbers
_MOST_SINGLE = 40
_GONE = (404, 410)
_NO_SUCH_CALL = (400, 404, 405, 422, 501)
_NOT_ALLOWED = (403, 404, 422)


class MastodonServer:
    """The calls that we make.

    Parameters
    ----------
    http : Http
        Through which they are made.
    """

    def __init__(self, http: Http, options: MastodonOptions) -> None:
        self._http, self._base, self._host = http, options.base, options.host
        secret = options.secret()
        self.headers = {"authorization": f"Bearer {secret}"} if secret else {}
        self._accounts: dict[str, str] = {}
        self._gives_many = True

    async def page(self, timeline: Timeline, **where: str) -> list[Any]:
        """Return a page of a timeline.

        Parameters
        ----------
        where : str
            `min_id`: what came right after that number; `max_id`: right before it; neither: the newest.

        Raises
        ------
        TransientError
            The server is away, refuses us, or gives something that is no page: it is asked again.
        """
        path = timeline.path
        if timeline.account:
            path = path.format(await self._account(timeline.account))
        answer = await self._get(path, timeline.params | where | {"limit": str(_PAGE)})
        return self._list(answer)

    async def ours(self) -> str | None:
        """Return the actor whose token it is; None without a token, or where it may not be asked."""
        if not self.headers:
            return None
        answer = await self._get("/api/v1/accounts/verify_credentials", {}, ok=(200, *_NOT_ALLOWED))
        account = self._json(answer) if answer.status == 200 else None
        return text_of(account.get("uri")) or text_of(account.get("url")) if isinstance(account, dict) else None

    async def stands(self, numbers: Sequence[str]) -> tuple[list[Any], list[str]]:
        """Return what statuses look like now, and the numbers of those that are gone.

        What a server leaves out is asked for by itself: only when it says then that it has no such status is it gone.
        Where a server gives none by their numbers, only the last 40 are asked for.
        """
        found: list[Any] = []
        for start in range(0, len(numbers), _AT_ONCE):
            found += await self._many(numbers[start : start + _AT_ONCE])
        known = {number_of(status) for status in found}
        gone: list[str] = []
        for number in [number for number in numbers if number not in known][-_MOST_SINGLE:]:
            answer = await self._get(f"/api/v1/statuses/{quote(number, safe='')}", {}, ok=(200, *_GONE))
            status = self._json(answer)
            if answer.status in _GONE:
                gone.append(number)
            else:
                found.append(status)
        return found, gone

    async def _many(self, numbers: Sequence[str]) -> list[Any]:
        if not self._gives_many:
            return []
        answer = await self._get("/api/v1/statuses", {"id[]": list(numbers)}, ok=(200, *_NO_SUCH_CALL))
        self._gives_many = answer.status == 200
        return self._list(answer) if self._gives_many else []

    async def _account(self, name: str) -> str:
        if name not in self._accounts:
            answer = await self._get("/api/v1/accounts/lookup", {"acct": name}, ok=(200, *_GONE))
            number = number_of(self._json(answer))
            if number is None:
                raise TransientError(f"{self._host} knows no account @{name[:80]}: check its name.", 300.0)
            self._accounts[name] = number
        return self._accounts[name]

    async def _get(self, path: str, params: dict[str, Any], ok: tuple[int, ...] = (200,)) -> Fetched:
        return await self._http.get(f"{self._base}{path}", params=params, headers=self.headers, ok=ok)

    def _list(self, answer: Fetched) -> list[Any]:
        value = self._json(answer)
        if not isinstance(value, list):
            raise TransientError(f"{self._host} gives something that is no list of posts, and is asked again.")
        return value

    def _json(self, answer: Fetched) -> Any:
        try:
            return parse_json(answer.body)
        except RejectedRecord as error:
            # nothing of it is taken: a cut-off page holds posts that would never be asked for again
            raise TransientError(f"{self._host} gives a broken answer, and is asked again. {error.reason}") from None
