"""Rules of who is told of alarms and what came of it (server.ingest.watch); what goes outside, and webhooks (server.notify)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NOTICES = "kind IN ('approval', 'request', 'attendance', 'leave', 'staff', 'account', 'alarm')"


def upgrade() -> None:
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f("ck_notice_kind"), type_="check")
        notice.create_check_constraint(op.f("ck_notice_kind"), NOTICES)
    _outside()
    _rules()
    _episodes()


def _outside() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("form", sa.String(16), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.CheckConstraint("form IN ('signed', 'wecom', 'dingtalk', 'feishu')", name=op.f("ck_webhook_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("name", name=op.f("uq_webhook_name")),
    )
    op.create_table(
        "sending",
        sa.Column("id", KEY, nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=True),
        sa.Column("webhook_id", KEY, nullable=True),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("message", JSON, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("code", sa.String(100), nullable=False),
        sa.CheckConstraint("way IN ('mail', 'webhook')", name=op.f("ck_sending_way")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_sending_webhook_id_webhook"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending")),
    )
    op.create_index(op.f("ix_sending_webhook_id"), "sending", ["webhook_id"])
    op.create_index("ix_sending_due_at", "sending", ["due_at"])
    op.create_index("ix_sending_about", "sending", ["about"])


def _rules() -> None:
    op.create_table(
        "alarm_rule",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.Column("terms", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_rule")),
    )
    op.create_table(
        "alarm_receiver",
        sa.Column("id", KEY, nullable=False),
        sa.Column("rule_id", KEY, nullable=False),
        sa.Column("escalation", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("kind IN ('role', 'account', 'mail', 'webhook')", name=op.f("ck_alarm_receiver_kind")),
        sa.ForeignKeyConstraint(["rule_id"], ["alarm_rule.id"], name=op.f("fk_alarm_receiver_rule_id_alarm_rule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_receiver")),
    )
    op.create_index(op.f("ix_alarm_receiver_rule_id"), "alarm_receiver", ["rule_id"])


def _episodes() -> None:
    op.create_table(
        "alarm_episode",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("open_key", sa.String(200), nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("site_id", KEY, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_alarm_episode_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_episode")),
        sa.UniqueConstraint("open_key", name=op.f("uq_alarm_episode_open_key")),
    )
    op.create_index(op.f("ix_alarm_episode_site_id"), "alarm_episode", ["site_id"])
    op.create_index("ix_alarm_episode_ended_at", "alarm_episode", ["ended_at"])
    op.create_table(
        "alarm_told",
        sa.Column("id", KEY, nullable=False),
        sa.Column("episode_id", KEY, nullable=False),
        sa.Column("rule_id", KEY, nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("step IN ('began', 'lasts', 'escalated', 'over')", name=op.f("ck_alarm_told_step")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["alarm_episode.id"], name=op.f("fk_alarm_told_episode_id_alarm_episode"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["rule_id"], ["alarm_rule.id"], name=op.f("fk_alarm_told_rule_id_alarm_rule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_told")),
    )
    op.create_index(op.f("ix_alarm_told_episode_id"), "alarm_told", ["episode_id"])
    op.create_table(
        "alarm_mute",
        sa.Column("id", KEY, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_mute")),
    )
    op.create_index(op.f("ix_alarm_mute_until"), "alarm_mute", ["until"])
    op.create_table(
        "alarm_watch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("looked_at", INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_alarm_watch_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_watch")),
    )
