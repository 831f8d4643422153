"""What HR may let through in somebody's name: limits of the company become warnings, contradictions still stop."""

from dataclasses import replace

from server.hr.requests.model import Finding, FindingCode, Severity

COMPANY_LIMITS = frozenset(
    {
        FindingCode.NOTICE,
        FindingCode.TOO_FAR_BACK,
        FindingCode.TOO_LONG,
        FindingCode.QUOTA,
        FindingCode.AFTERWARDS,
        FindingCode.CAUSE_NOT_OFFERED,
        FindingCode.ATTACHMENT,
    }
)


def for_hr(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings as HR has them."""
    eased = (replace(one, severity=Severity.WARNS) if one.code in COMPANY_LIMITS else one for one in findings)
    return tuple(sorted(eased, key=lambda one: one.severity is not Severity.STOPS))
