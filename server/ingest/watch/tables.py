"""What is watched: rules, how long alarms lasted, who was told, what is muted."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from server.storage import BigKey, JsonData, UtcInstant, metadata

alarm_rule = Table(
    "alarm_rule",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("is_on", Boolean, nullable=False),
    # a rule that was removed stays for the history of what it told
    Column("removed_at", UtcInstant),
    # `RuleTerms` without the name and the receivers
    Column("terms", JsonData, nullable=False),
)

alarm_receiver = Table(
    "alarm_receiver",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("rule_id", ForeignKey("alarm_rule.id"), nullable=False, index=True),
    Column("escalation", Boolean, nullable=False),
    Column("kind", String(16), nullable=False),
    # a role, an account, the number of a webhook; mail addresses are sealed instead
    Column("value", Text, nullable=False),
    Column("sealed", LargeBinary),
    CheckConstraint("kind IN ('role', 'account', 'mail', 'webhook')", name="kind"),
)

alarm_episode = Table(
    "alarm_episode",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("key", String(200), nullable=False),
    # the key while it lasts, so that one alarm has one episode
    Column("open_key", String(200), unique=True),
    Column("kind", String(32), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("subject", Text, nullable=False),
    Column("href", Text, nullable=False),
    Column("site_id", ForeignKey("site.id"), index=True),
    Column("text", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("facts", JsonData, nullable=False),
    Column("begun_at", UtcInstant, nullable=False),
    Column("seen_at", UtcInstant, nullable=False),
    Column("ended_at", UtcInstant),
    Column("taken_at", UtcInstant),
    Column("taken_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_alarm_episode_ended_at", "ended_at"),
)

alarm_told = Table(
    "alarm_told",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("episode_id", ForeignKey("alarm_episode.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("rule_id", ForeignKey("alarm_rule.id"), nullable=False),
    Column("step", String(16), nullable=False),
    Column("at", UtcInstant, nullable=False),
    CheckConstraint("step IN ('began', 'lasts', 'escalated', 'over')", name="step"),
)

alarm_mute = Table(
    "alarm_mute",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("key", String(200), nullable=False),
    Column("until", UtcInstant, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
)

alarm_watch = Table(
    "alarm_watch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # when somebody looked last; whoever comes for a moment that is not later was called twice
    Column("looked_at", UtcInstant, nullable=False),
    CheckConstraint("id = 1", name="single_row"),
)
