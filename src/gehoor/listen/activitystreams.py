"""Hears ActivityStreams 2.0 documents: what people say, from any application that can post JSON.

In: `POST /v1/activities` with an activity, an object, or a collection of these. Out: one activity an item.
Sources: https://www.w3.org/TR/activitystreams-core/ and https://www.w3.org/TR/activitystreams-vocabulary/
"""

import hmac
from typing import Annotated, Any

import msgspec

from gehoor.core.errors import RejectedRecord
from gehoor.core.page import Decoded, ItemResult, RawPage, Receipt, Reject
from gehoor.core.secret import secret_of
from gehoor.listen.as2_activity import read_item
from gehoor.listen.as2_links import own_id, values
from gehoor.listen.as2_rules import check_context, check_object
from gehoor.listen.as2_types import COLLECTIONS, main_type
from gehoor.listen.base import Answer, Request
from gehoor.listen.json_body import answer_json, page_position, parse_json, read_body

__all__ = ["ActivityStreamsDecoder", "ActivityStreamsReceiver"]

_MAX_RAW = 65_536
_MEMBERS = ("items", "orderedItems")


class ActivityStreamsOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of `type = "activitystreams"` under `[receivers.<name>]`.

    Attributes
    ----------
    token : str, optional
        What senders show as `Authorization: Bearer <token>`. None: everybody who can reach the port may send, which
        is this machine alone as long as `[web] host` is left as it is.
    channel : str
        The channel that its activities get.
    max_bytes : int
        Largest document after inflation.
    """

    token: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    channel: Annotated[str, msgspec.Meta(min_length=1)] = "activitystreams"
    max_bytes: Annotated[int, msgspec.Meta(ge=1_024, le=64_000_000)] = 4_000_000


class ActivityStreamsReceiver:
    """Takes ActivityStreams 2.0 documents, one a request.

    A document that breaks the rules goes on to the rejects, where the operator sees it; the sender is told 422 with
    the property and what is allowed.
    """

    Options: type[msgspec.Struct] = ActivityStreamsOptions
    paths: tuple[str, ...] = ("/v1/activities",)

    def __init__(self, name: str, options: ActivityStreamsOptions) -> None:
        self.name = name
        self._options = options

    def receive(self, request: Request) -> RawPage | Answer:
        """Return the page to commit, or at once 401, 413, 415 or 400 with the reason."""
        if not self._is_allowed(request):
            reason = "The token is missing or wrong: send `Authorization: Bearer` with the token in gehoor.toml."
            return answer_json(401, {"status": "refused", "reason": reason})
        body = read_body(request, self._options.max_bytes)
        if isinstance(body, Answer):
            return body
        return RawPage(
            source=self.name,
            decoder="activitystreams",
            payload=body,
            received=request.received,
            position=page_position(body),
            options={"channel": self._options.channel},
            wants_items=True,
        )

    def _is_allowed(self, request: Request) -> bool:
        token = secret_of(self._options.token)
        if token is None:
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(
            given.strip().encode("utf-8", "surrogatepass"), token.encode()
        )

    def answer(self, receipt: Receipt) -> Answer:
        """Return 200 with the fate of each item, or 422 with the reason when everything was refused."""
        items = [_result(item) for item in receipt.items]
        if receipt.n_rejected and not (receipt.n_stored or receipt.n_seen or receipt.n_dropped):
            reason = next((item.reason for item in receipt.items if item.reason), "Nothing in it could be read.")
            return answer_json(422, {"status": "refused", "reason": reason, "items": items})
        return answer_json(200, {"status": "stored" if receipt.n_stored else "seen", "items": items})


def _result(item: ItemResult) -> dict[str, str | None]:
    result = {"id": item.id, "status": item.status}
    return result | {"reason": item.reason} if item.reason else result


class ActivityStreamsDecoder:
    """Reads an ActivityStreams 2.0 document: an activity, a bare object, or a collection of these (each an item).

    | AS2 | Activity |
    |---|---|
    | `Create Update Delete Announce Like Follow Flag Undo` | the same |
    | any other activity (`Offer`, `Join`, an extension ...) | `Track`; the AS2 type is its `event` |
    | an `Update` without the new text | `Track`, for it cannot be applied |
    | Note, Article, Page, Question, Event, Image ... | `Create`; `Update` as `<id>#<rev>` when it says `updated` |
    | an object of an unknown type, or none, with content or `inReplyTo` | the same |
    | Person, Organization, Group, Service, Application; an `Update` of one | `Identify` |
    | Tombstone | `Delete` |
    | Place, Profile, Relationship, a link or IRI, an empty collection ... | `Track`; the AS2 type is its `event` |

    The rest follows the names: `content` (markup taken off; kept in `html`) with the `name` above it, or else `name`
    or `summary`, is the text of a post; `actor`, else `attributedTo`, is the actor; `inReplyTo`, `context`, `tag`,
    `attachment`, `url`, `published`, `updated` (-> `rev`) and `to`/`cc` (-> `visibility`) are what they say. An
    activity or object without an id is known by the digest of its canonical form. The words of a post that somebody
    liked or shared are not taken for his. `properties` holds the whole object, less the text that the row has.

    A document that breaks a rule of AS2 is a reject, with the property and what is allowed; so is one item of a
    collection, and the others go on.
    """

    version = "1"

    def decode(self, page: RawPage) -> Decoded:
        """Return the page's activities and rejects.

        Raises
        ------
        RejectedRecord
            It is not JSON, or not an object.

        Examples
        --------
        >>> body = b'{"type": "Note", "id": "https://example.org/1", "content": "<p>Hallo</p>"}'
        >>> page = RawPage(source="site", decoder="activitystreams", payload=body, received=0)
        >>> ActivityStreamsDecoder().decode(page).activities[0].text
        'Hallo'
        """
        document = parse_json(page.payload.removeprefix(b"\xef\xbb\xbf"))
        if not isinstance(document, dict):
            what = "list" if isinstance(document, list) else type(document).__name__
            raise RejectedRecord(
                f"The document is a {what}: send one JSON object; many go into a Collection's `items`."
            )
        decoded = Decoded(activities=[], rejects=[], items=[], raws=[])
        try:
            check_context(document)
            members = _members(document)
            if members:
                check_object(_shell(document))
        except RejectedRecord as error:
            decoded.rejects.append(_reject(page, 0, page.payload, document, error))
            return decoded
        language = _language(document)
        for item, member in enumerate(members or [document]):
            _read_member(decoded, page, item, member, language)
        return decoded


def _members(document: dict[str, Any]) -> list[Any]:
    """Return the members of a collection and of the page that it carries with it; none of any other object."""
    if main_type(document) not in COLLECTIONS:
        return []
    first = document.get("first")
    holders = [document, first] if isinstance(first, dict) else [document]
    return [member for holder in holders for name in _MEMBERS for member in values(holder, name)]


def _shell(document: dict[str, Any]) -> dict[str, Any]:
    """Return a collection without its members, which are checked one by one."""
    shell = _emptied(document)
    return shell | {"first": _emptied(shell["first"])} if isinstance(shell.get("first"), dict) else shell


def _emptied(holder: dict[str, Any]) -> dict[str, Any]:
    return {name: [] if name in _MEMBERS and value is not None else value for name, value in holder.items()}


def _read_member(decoded: Decoded, page: RawPage, item: int, member: object, language: str | None) -> None:
    assert decoded.items is not None and decoded.raws is not None
    raw = msgspec.json.encode(member)
    try:
        if isinstance(member, dict):
            check_context(member)
            check_object(member)
        elif not isinstance(member, str):
            raise RejectedRecord(f"A member of a collection must be an object or an IRI, not {raw[:60].decode()}.")
        activity = read_item(member, page, language)
    except RejectedRecord as error:
        decoded.rejects.append(_reject(page, item, raw, member, error))
        return
    decoded.activities.append(activity)
    decoded.items.append(item)
    decoded.raws.append(raw)


def _reject(page: RawPage, item: int, raw: bytes, member: object, error: RejectedRecord) -> Reject:
    return Reject(
        position=page.position + item,
        item=item,
        stage="decode",
        reason=error.reason,
        raw=raw[:_MAX_RAW],
        id=own_id(member) if isinstance(member, dict) else None,
    )


def _language(document: dict[str, Any]) -> str | None:
    """Return the language that the document's context gives to what names none."""
    for context in values(document, "@context"):
        language = context.get("@language") if isinstance(context, dict) else None
        if isinstance(language, str):
            return language
    return None
