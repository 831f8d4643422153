"""What a company sets for its staff records."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """most_document_mb: the largest file that is taken as a document."""

    most_document_mb: int = 20
