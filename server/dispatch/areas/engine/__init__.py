"""Pure: who belongs to an area, what terminals should hold of somebody, which number somebody gets, and why something is pending."""

from server.dispatch.areas.engine.belonging import Below, area_of, belongs, going, terminals_of
from server.dispatch.areas.engine.changing import row_for, row_without
from server.dispatch.areas.engine.faces import face_counts
from server.dispatch.areas.engine.numbering import Taken, fits, number_for
from server.dispatch.areas.engine.pending import why_pending
from server.dispatch.areas.engine.wanting import numbers_missing, wants

__all__ = [
    "Below",
    "Taken",
    "area_of",
    "belongs",
    "face_counts",
    "fits",
    "going",
    "number_for",
    "numbers_missing",
    "row_for",
    "row_without",
    "terminals_of",
    "wants",
    "why_pending",
]
