"""When a rule tells whom of an alarm. Pure: a step follows from what was told before and the clock."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from server.ingest.watch.model import Episode, Passes, Quiet, Receiver, Rule, RuleTerms, Step, Told

SATURDAY = 5


def fits(terms: RuleTerms, episode: Episode) -> bool:
    """Whether a rule is about this alarm."""
    return (
        (not terms.kinds or episode.kind in terms.kinds)
        and (not terms.sites or episode.site_id in terms.sites)
        and (not terms.only_wrong or episode.severity == "wrong")
    )


def next_step(rule: Rule, episode: Episode, told: Sequence[Told], zone: ZoneInfo, now: datetime, muted: Collection[str]) -> Step | None:
    """What is to be told now; None: nothing. told: by this rule of this episode, in order. zone: of the alarm's site.

    What quiet hours or a mute hold back is told after them where it still lasts.
    """
    terms = rule.terms
    if episode.key in muted or (is_quiet(terms.quiet, now.astimezone(zone)) and not _passes(terms, episode)):
        return None
    if episode.ended_at is not None:
        return Step.OVER if terms.tells_end and told and told[-1].step is not Step.OVER else None
    if now - episode.begun_at < timedelta(minutes=terms.wait_minutes):
        return None
    if not told:
        return Step.BEGAN
    if episode.taken_at is not None:
        return None
    escalated = any(one.step is Step.ESCALATED for one in told)
    if terms.escalate_minutes and not escalated and now - told[0].at >= timedelta(minutes=terms.escalate_minutes):
        return Step.ESCALATED
    if terms.repeat_minutes and now - told[-1].at >= timedelta(minutes=terms.repeat_minutes):
        return Step.LASTS
    return None


def receivers_of(terms: RuleTerms, step: Step, told: Sequence[Told]) -> tuple[Receiver, ...]:
    """Whom this step is told: those of the escalation from then on, too, each once."""
    escalated = step is Step.ESCALATED or any(one.step is Step.ESCALATED for one in told)
    return tuple(dict.fromkeys((*terms.receivers, *terms.escalation) if escalated else terms.receivers))


def is_quiet(quiet: Quiet | None, local: datetime) -> bool:
    """local: the moment on the site's clock."""
    if quiet is None:
        return False
    if quiet.weekends and local.weekday() >= SATURDAY:
        return True
    if quiet.since is None or quiet.until is None:
        return False
    clock = local.time()
    if quiet.since <= quiet.until:
        return quiet.since <= clock < quiet.until
    return clock >= quiet.since or clock < quiet.until


def _passes(terms: RuleTerms, episode: Episode) -> bool:
    if terms.passes is Passes.NOTHING:
        return False
    return episode.urgent or (terms.passes is Passes.WRONG and episode.severity == "wrong")
