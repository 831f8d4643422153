"""Values of requests."""

from server.hr.requests.model.contents import (
    CONTENTS,
    Content,
    CorrectionContent,
    FieldWorkContent,
    LeaveContent,
    OvertimeContent,
    ShiftChangeContent,
    Span,
    SwapContent,
    TripContent,
    detail_of,
    kind_of,
    partner_of,
)
from server.hr.requests.model.findings import Finding, FindingCode, Severity, stops
from server.hr.requests.model.kinds import (
    PREFIXES,
    CorrectionCause,
    EffectKind,
    Purpose,
    RequestEvent,
    RequestKind,
    RequestState,
)
from server.hr.requests.model.requests import (
    LONGEST_COMMENT,
    LONGEST_PLACE,
    LONGEST_REASON,
    Attachment,
    Effect,
    Happened,
    NewRequest,
    Request,
    RequestFilter,
    RequestLine,
)
from server.hr.requests.model.rules import (
    RULES,
    CorrectionRules,
    FieldWorkRules,
    LeaveRules,
    OvertimeRules,
    Rules,
    RulesVersion,
    ShiftChangeRules,
    SwapRules,
    TripRules,
)

__all__ = [
    "CONTENTS", "LONGEST_COMMENT", "LONGEST_PLACE", "LONGEST_REASON", "PREFIXES", "RULES", "Attachment", "Content", "CorrectionCause",
    "CorrectionContent", "CorrectionRules", "Effect", "EffectKind", "FieldWorkContent", "FieldWorkRules", "Finding", "FindingCode",
    "Happened", "LeaveContent", "LeaveRules", "NewRequest", "OvertimeContent", "OvertimeRules", "Purpose", "Request", "RequestEvent",
    "RequestFilter", "RequestKind", "RequestLine", "RequestState", "Rules", "RulesVersion", "Severity", "ShiftChangeContent",
    "ShiftChangeRules", "Span", "SwapContent", "SwapRules", "TripContent", "TripRules", "detail_of", "kind_of", "partner_of", "stops",
]  # fmt: skip
