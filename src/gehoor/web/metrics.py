"""The newest indices as OpenMetrics, for Prometheus and what reads it."""

from collections.abc import Iterable, Iterator

from litestar import Response, get

from gehoor.core.clock import SECOND_US
from gehoor.core.edition import Edition
from gehoor.core.mirror_reader import MirrorReader
from gehoor.web.frame import Ask, frame_of

__all__ = ["METRICS", "open_metrics"]

_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_TOLD = {
    "index": "How captivating or binding, 0 to 100; 50 is normal over the year.",
    "level": "The same, comparable between organisations, 0 to 100.",
    "index_low": "The lower end of the index' 90 % interval.",
    "index_high": "The upper end of the index' 90 % interval.",
    "component": "A share of 0 to 1 that an index is made of.",
    "people": "People who did anything on the day.",
    "posts": "What was said on the day.",
    "made_timestamp_seconds": "When the edition was made.",
}


def open_metrics(editions: Iterable[Edition]) -> str:
    """Return the figures of editions, one a brand, in OpenMetrics' text form; what was not measured is left out.

    Source: OpenMetrics 1.0, Cloud Native Computing Foundation.
    """
    found = [sample for edition in editions for sample in _samples(edition)]
    lines = []
    for name, words in _TOLD.items():
        mine = [(labels, value) for sample, labels, value in found if sample == name and value is not None]
        if mine:
            lines += [f"# TYPE gehoor_mirror_{name} gauge", f"# HELP gehoor_mirror_{name} {words}"]
            lines += [f"gehoor_mirror_{name}{{{labels}}} {value:.10g}" for labels, value in mine]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _samples(edition: Edition) -> Iterator[tuple[str, str, float | None]]:
    brand = f'brand="{_escaped(edition.brand)}"'
    yield "people", brand, edition.n_people
    yield "posts", brand, edition.n_posts
    yield "made_timestamp_seconds", brand, edition.made_at / SECOND_US
    for one in (edition.captivating, edition.binding):
        name = f'{brand},index="{one.name}"'
        yield "index", name, one.relative.value
        yield "level", name, one.level.value
        yield "index_low", name, one.relative.low
        yield "index_high", name, one.relative.high
        for part in one.parts:
            yield "component", f'{name},component="{part.name}"', part.share.value


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@get("/metrics", sync_to_thread=True)
def metrics(request: Ask) -> Response[str]:
    """Show the newest editions of a day, of everything together and of each brand."""
    frame = frame_of(request)
    mirror = MirrorReader(frame.site.reader)
    found = (mirror.edition(brand=brand) for brand in ("", *frame.site.brands()))
    return Response(open_metrics(one for one in found if one is not None), media_type=_TYPE)


METRICS = (metrics,)
