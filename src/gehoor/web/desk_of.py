"""What pages and programs ask of the desk."""

from gehoor.core.desk_reader import DeskReader
from gehoor.web.frame import Frame

__all__ = ["desk_of"]


def desk_of(frame: Frame) -> DeskReader:
    """Return what is asked of the desk; it knows what is late."""
    site, now = frame.site, frame.now
    return DeskReader(
        site.reader, site.clock, site.settings.desk.public_days, late=lambda: site.overdue.late(site.settings, now)
    )
