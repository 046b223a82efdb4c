"""An edition as plain text, 100 columns wide: the two figures first, then what changed, then what to do."""

from collections.abc import Iterable, Iterator

from gehoor.cli.terminal import cell
from gehoor.core.edition import Edition
from gehoor.core.mirror_change import Driver
from gehoor.core.mirror_figure import Figure, Index, Unknown

__all__ = ["edition_text", "shown"]

_WIDE = 28
_ACTS = {
    "win_back": "Win back", "answer_sooner": "Answer sooner", "mend": "Mend", "keep_up": "Keep up",
    "bring_back": "Bring back", "follow": "Follow",
}  # fmt: skip
_TRUTH = {
    "better": "Yes: with binding, the next 28 days' retention was foretold better than from retention alone.",
    "alike": "Not here, not yet: binding foretold the next 28 days' retention no better than retention alone did.",
    "worse": "No: with binding, the next 28 days' retention was foretold worse than from retention alone.",
    "too early": "Too early to say whether binding foretells retention here.",
}
_WHY = {
    "nothing": "nothing was heard in these 28 days",
    "first_days": "there is no year to compare with yet; what is normal is partly a guess",
    "few_people": "fewer than ten people: each of them is a tenth of every figure",
    "no_orders": "no orders are known, so not who buys again",
    "one_brand_ordered": "orders of one brand only, so not what its size alone explains",
    "no_own_posts": "we hear nothing that you say yourself",
    "no_views": "nobody tells how often your posts are seen",
    "no_questions": "nobody asked you anything",
    "one_channel": "one channel only, so not where people went",
    "gap": "nothing was heard for some days in a row; that may be us, not them",
    "mass_deletion": "people vanished: deleted by their channel or forgotten, not lost as customers",
    "day_not_over": "this day is not over",
    "no_worth": "it is not counted for this day who is still a customer",
    "short_past": "too few weeks are known for what is compared over months",
}


def shown(figure: Figure, digits: int = 0) -> str:
    """Return a figure with its interval as people read it.

    Examples
    --------
    >>> shown(Figure(value=0.25, low=0.2, high=0.31, unit="share"))
    '25% (20 to 31%)'
    >>> shown(Figure(unit="points"))
    'unknown'
    """
    if figure.value is None:
        return "unknown"
    times = 100 if figure.unit == "share" else 1
    sign = "%" if figure.unit == "share" else " times" if figure.unit == "times" else ""
    places = 1 if figure.unit in ("times", "tone") else digits
    value = f"{figure.value * times:,.{places}f}"
    if figure.low is None or figure.high is None:
        return f"{value}{sign}"
    edges = f"{figure.low * times:,.{places}f} to {figure.high * times:,.{places}f}"
    return f"{value}{sign} ({edges}{sign if sign == '%' else ''})"


def edition_text(found: Edition) -> str:
    """Return an edition as lines; what strangers wrote cannot steer the terminal."""
    lines = [*_head(found), *_index(found.captivating), *_index(found.binding), *_truth(found)]
    lines += [*_drivers(found), *_advice(found), *_moments(found), *_around(found), *_unknown(found.unknown)]
    return "\n".join(lines) + "\n"


def _line(name: str, text: str) -> str:
    return f"  {name:<{_WIDE}}{text}"


def _title(text: str) -> list[str]:
    return ["", text.upper()]


def _head(found: Edition) -> Iterator[str]:
    about = f", about {found.brand}" if found.brand else ""
    days = found.last_day if found.first_day == found.last_day else f"{found.first_day} to {found.last_day}"
    yield f"The mirror of {cell(found.workspace)}{about}: {days}{'' if found.is_over else ' (not over)'}"
    yield f"{found.n_people:,} people, {found.n_posts:,} posts; {found.n_known:,} people known."
    if found.n_left_out == 1:
        yield "Left out: one account that talks as no person does."
    elif found.n_left_out:
        yield f"Left out: {found.n_left_out:,} accounts that talk as no person does."


def _index(one: Index) -> Iterator[str]:
    yield from _title("How captivating" if one.name == "captivating" else "How binding")
    yield _line("index (50 is your normal)", shown(one.relative))
    yield _line("the period before", f"{shown(one.before)}; change {shown(one.change, 1)}")
    yield _line("level (compares)", shown(one.level, 1))
    yield _line("slope, points a year", shown(one.slope, 1))
    for part in one.parts:
        mark = " *" if part.name in one.changed else ""
        how = (
            "not measured; the others weigh more"
            if part.is_missing
            else f"{shown(part.share, 1)}, weight {part.weight:.0%}{mark}"
        )
        yield _line(f"  {part.name}", how)
    if one.changed:
        yield _line("", "* changed beyond chance since the period before")


def _truth(found: Edition) -> Iterator[str]:
    yield from _title("Is it true?")
    yield f"  {_TRUTH[found.truth.verdict]}"
    yield f"  {found.truth.n_foretold} weeks were foretold; it takes {found.truth.n_needed}."


def _drivers(found: Edition) -> Iterator[str]:
    yield from _title("What changed")
    if not found.drivers:
        yield "  Nothing beyond chance."
    for one in found.drivers:
        yield _line(_where(one), _change(one))
        for quote in one.quotes:
            yield _line("", f"“{cell(quote.text)[:90]}”")
    for why in found.explained:
        if why.rate is not None and why.mix is not None:
            yield _line(
                f"{why.measure} by {why.dimension}",
                f"{why.change:+.1%} = {why.rate:+.1%} the same people otherwise {why.mix:+.1%} other people",
            )
    for shift in found.shifts:
        yield _line(f"{shift.measure} since {shift.day}", f"{shift.before:,.1f} a day became {shift.after:,.1f}")


def _where(one: Driver) -> str:
    return f"{one.measure}, {one.dimension} {cell(one.value)}" if one.dimension else one.measure


def _change(one: Driver) -> str:
    if one.change.unit == "share":
        return f"{one.before:.0%} became {one.now:.0%}, of {one.n_people:,} people"
    return f"{one.now:,.0f} where {one.before:,.0f} is usual: {shown(one.change)}"


def _advice(found: Edition) -> Iterator[str]:
    yield from _title("What to do")
    if not found.advice:
        yield "  Nothing that would move these figures."
    for one in found.advice:
        gain = f"; {shown(one.gain, 1)} points" if one.gain.value is not None else ""
        yield _line(_ACTS[one.act], f"{_where(one.because)}; {one.effort} effort{gain} [{one.state}]")
        yield _line("", one.id)
    for done in found.followed:
        came = "" if done.helped is None else "; it went well" if done.helped else "; it did not help"
        yield _line(f"advised {done.day}", f"{_ACTS[done.act]}, {cell(done.value)}: {done.state}{came}")


def _moments(found: Edition) -> Iterator[str]:
    told = [
        (one.name, one.lift, " now" if one.is_live else "" if one.is_real else " (may be chance)")
        for one in found.moments
    ]
    told += [(f"renewed: {one.name}", one.lift, "") for one in found.renewals if one.lift is not None]
    if told:
        yield from _title("Moments")
    for name, lift, mark in told:
        yield _line(cell(name)[: _WIDE - 2], f"{shown(lift)}{mark}")


def _around(found: Edition) -> Iterator[str]:
    yield from _title("Who was heard")
    heard = found.listening
    yield _line("answered within a day", f"{shown(heard.answered)} of {heard.n_asked:,} people who asked")
    yield _line("pleased afterwards", shown(heard.thanked))
    yield _line("we said, they said", f"{heard.n_ours:,} ({heard.n_answers:,} answers), {heard.n_theirs:,}")
    if found.channels:
        yield from _title("Channels, 28 days")
    for one in found.channels:
        next_ = f"; next 28 days {shown(one.forecast)}" if one.forecast.value is not None else ""
        yield _line(cell(one.name), f"{one.n_people:,} people (before: {one.n_people_before:,}), {one.way}{next_}")
    if found.competitors:
        yield from _title("Brands")
    for brand in found.competitors:
        yield _line(
            cell(brand.brand),
            f"voice {shown(brand.voice)}, praise {shown(brand.praise)}, leaving {shown(brand.leaving)}",
        )
    if found.relations:
        yield from _title("People by role")
    for relation in found.relations:
        yield _line(
            relation.role, f"{relation.n_people:,} people, {relation.n_posts:,} posts, tone {shown(relation.tone)}"
        )


def _unknown(found: Iterable[Unknown]) -> Iterator[str]:
    told = list(found)
    if told:
        yield from _title("What we cannot know")
    for one in told:
        when = f" ({one.days:,} more days)" if one.days is not None else ""
        missing = f": {', '.join(one.parts)}" if one.parts else ""
        yield f"  {_WHY[one.why].capitalize()}{when}{missing}."
