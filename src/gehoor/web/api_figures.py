"""The API of the desk's figures, as the manager's page shows them."""

from gehoor.answer.figures import DeskFigures
from gehoor.run.desk_figures import figures_of
from gehoor.web.api_routes import reads
from gehoor.web.frame import Ask, frame_of

__all__ = ["API_FIGURES"]


@reads("/figures", "figures")
def figures(request: Ask) -> DeskFigures:
    """Get how the desk stands and did in the last 28 days; moments here are microseconds since 1970, UTC."""
    frame = frame_of(request)
    return figures_of(frame.site.reader, frame.site.settings, frame.site.team.members(), frame.now)


API_FIGURES = [figures]
