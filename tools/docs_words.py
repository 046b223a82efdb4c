"""What each setting and column means, for the reference: code says what there is, this says what it is for.

A setting or column without words here ends the build of the documentation, so that none is left unexplained.
"""

__all__ = ["COLUMNS", "SETTINGS"]

SETTINGS: dict[str, dict[str, str]] = {
    "workspace": {
        "name": "whose it is; stands above the pages",
        "languages": "which languages to tell apart (ISO 639-1); every other one is `und`",
        "timezone": "days on the pages begin at its midnight",
        "interface": "language of pages, mail and webhooks",
    },
    "brands.<name>": {
        "terms": "what people call it; whole words, whatever the case, with or without `@` and `#`",
        "query": "what to hear, as a [query](../query.md); beside terms, either is enough",
        "label": "what the pages call it; else its name",
    },
    "duplicates": {
        "window": "with how many of the last activities a post is compared",
        "threshold": "from which similarity on a post is a near duplicate, 0 to 1",
    },
    "retention": {
        "ledger_days": "days that stay in the ledger, with search and counts; older days live in the history",
        "dropped_days": "days that posts which concern no brand can be brought back",
    },
    "ledger": {
        "batch_rows": "at most so many activities in one transaction",
        "batch_s": "how long pages of sources wait for each other, in seconds",
    },
    "alerts": {
        "to": "which `[senders.<name>]` are told",
        "false_alarms_per_week": "how often we may be wrong, over all brands together",
    },
    "web": {
        "host": "where pages and receivers listen; `0.0.0.0` is everybody in the network",
        "port": "and on which port",
        "public_url": "how others reach the receivers from outside; hubs of feeds need it",
    },
}

COLUMNS: dict[str, str] = {
    "seq": "place in the ledger; only grows",
    "id": "the activity's own id inside its channel",
    "type": "ActivityStreams type (`Create`, `Update`, `Like` ...) or Segment type (`Track`, `Identify` ...)",
    "object": "what it concerns: a post, a liked post, an order; null: the activity itself",
    "rev": "revision of the object; the highest wins",
    "published": "when it happened, as the channel gave it; null where it gave nothing",
    "received": "when gehoor heard it; `date=` in the path is its day in UTC",
    "channel": "where it was said or done; ids live inside it",
    "heard_by": "which account or source heard it",
    "direction": "`in` (theirs), `out` (yours), `internal`",
    "visibility": "`public`, `followers` or `direct`",
    "actor": "the channel's stable id of who did it",
    "actor_name": "what the actor was called at that moment",
    "actor_followers": "how many followers the actor had then",
    "place": "where, as the channel gave it",
    "text": "what was said, without markup",
    "html": "the same with its markup, where the channel gave it; hostile, never show it as it is",
    "url": "where it can be read",
    "media": "addresses of pictures and films",
    "language": "ISO 639-1, or `und`",
    "in_reply_to": "id of the post that it answers",
    "conversation": "id that the posts of a conversation share",
    "quote_of": "id of the post that it quotes",
    "mentions": "whom it names",
    "tags": "its hashtags, without `#`",
    "views": "how often it was seen, where known",
    "replies": "how often it was answered, where known",
    "reposts": "how often it was passed on, where known",
    "likes": "how often it was liked, where known",
    "event": "what was done (`Order Completed`)",
    "product": "with which product",
    "brand": "of which brand that product is, as the shop says",
    "quantity": "how many",
    "value": "for how much",
    "currency": "in which currency",
    "promotion": "with which promotion or coupon",
    "lines": "order lines, JSON",
    "properties": "all that gehoor does not read, untouched, JSON",
    "policy": "consent and purposes, JSON",
    "key": "64-bit digest of channel and id",
    "object_key": "64-bit digest of channel and object",
    "actor_key": "64-bit digest of channel and actor",
    "parent_key": "64-bit digest of channel and `in_reply_to`",
    "event_at": "the moment that is counted: `published`, at most five minutes after `received`; else `received`",
    "is_backfill": "older than a day when it arrived: fills history, fires nothing",
    "text_digest": "digest of the normalised text; equal texts have equal ones",
    "spam": "why it is spam; null: it is not, or a person said so",
    "spam_p": "how sure, 0 to 1",
    "language_p": "how sure of the language, 0 to 1",
    "brands": "which of your brands it is about",
    "sentiment": "`negative`, `neutral` or `positive`; null where there is nothing to judge",
    "sentiment_p": "how sure, 0 to 1",
    "intent": "`help`, `complaint`, `question`, `praise`, `improvement`, `leaving` or `other`",
    "intent_p": "how sure, 0 to 1",
    "duplicate_of": "`seq` of the earlier post that it nearly repeats",
}
