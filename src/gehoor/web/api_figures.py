"""The API of the desk's figures, as the manager's page shows them."""

from typing import Annotated, Literal, cast

import msgspec
from litestar.params import QueryParameter

from gehoor.answer.figures import DeskFigures
from gehoor.core.clock import DAY_US
from gehoor.core.interval import Share
from gehoor.run.desk_figures import figures_of
from gehoor.run.desk_satisfaction import Answered
from gehoor.web.api_routes import reads
from gehoor.web.frame import Ask, frame_of
from gehoor.web.story_seen import SeenStories

__all__ = ["API_FIGURES"]


@reads("/figures", "figures")
def figures(request: Ask) -> DeskFigures:
    """Get how the desk stands and did in the last 28 days; moments here are microseconds since 1970, UTC."""
    frame = frame_of(request)
    return figures_of(frame.site.reader, frame.site.settings, frame.site.team.members(), frame.now)


class HelpedLine(msgspec.Struct, frozen=True, kw_only=True):
    """How people were helped who got an answer; each share with its 95 % interval. `name`: the need, channel or story.

    Of how many conversations in which we answered (`n`), and were asked (`n_asked`): who gave 4 or 5 (`satisfied`), who
    did not sound negative in the next message (`sounds_well`), what opened again (`came_back`), and who complained and
    was silent for two weeks after our answer (`silent`).
    """

    name: str
    n: int
    n_asked: int
    satisfied: Share
    sounds_well: Share
    came_back: Share
    silent: Share


@reads("/satisfaction", "figures")
def satisfaction(
    request: Ask,
    *,
    by: Annotated[Literal["all", "need", "channel", "story"], QueryParameter(description="A line each.")] = "all",
    days: Annotated[int, QueryParameter(ge=1, le=366, description="Answered in the last so many days.")] = 28,
) -> list[HelpedLine]:
    """Get whether people were helped: of all together, or by need, channel or story; never by member."""
    frame = frame_of(request)
    answered = Answered(frame.site.reader, frame.now - days * DAY_US, frame.now, frame.now)
    if by == "story":
        seen = cast(SeenStories, request.app.state.stories)
        found = answered.by_story(one.story for one in seen.listed())
    else:
        found = answered.by("" if by == "all" else by)
    return [msgspec.convert(one, HelpedLine, from_attributes=True) for one in found]


API_FIGURES = [figures, satisfaction]
