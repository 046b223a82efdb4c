"""The API of the desk's figures, as the manager's page shows them."""

from typing import Annotated, Literal, cast

from litestar.params import QueryParameter

from gehoor.answer.figures import DeskFigures
from gehoor.core.clock import DAY_US
from gehoor.run.desk_figures import figures_of
from gehoor.run.desk_satisfaction import Answered, Helped
from gehoor.web.api_routes import reads
from gehoor.web.frame import Ask, frame_of
from gehoor.web.story_seen import SeenStories

__all__ = ["API_FIGURES"]


@reads("/figures", "figures")
def figures(request: Ask) -> DeskFigures:
    """Get how the desk stands and did in the last 28 days; moments here are microseconds since 1970, UTC."""
    frame = frame_of(request)
    return figures_of(frame.site.overdue, frame.site.settings, frame.site.team.members(), frame.now)


@reads("/satisfaction", "figures")
def satisfaction(
    request: Ask,
    *,
    by: Annotated[Literal["all", "need", "channel", "story"], QueryParameter(description="A line each.")] = "all",
    days: Annotated[int, QueryParameter(ge=1, le=366, description="Answered in the last so many days.")] = 28,
) -> list[Helped]:
    """Get whether people were helped: of all together, or by need, channel or story; never by member."""
    frame = frame_of(request)
    answered = Answered(frame.site.reader, frame.now - days * DAY_US, frame.now, frame.now)
    if by == "story":
        seen = cast(SeenStories, request.app.state.stories)
        return answered.by_story(one.story for one in seen.listed())
    return answered.by("" if by == "all" else by)


API_FIGURES = [figures, satisfaction]
