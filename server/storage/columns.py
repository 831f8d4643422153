"""Column types and the one MetaData that all areas' tables belong to.

| type       | Python             | SQLite                            | PostgreSQL  |
|------------|--------------------|-----------------------------------|-------------|
| BigKey     | int                | INTEGER                           | BIGINT      |
| UtcInstant | aware datetime     | INTEGER, microseconds since 1970  | TIMESTAMPTZ |
| PackedDate | date               | INTEGER, YYYYMMDD                 | INTEGER     |
| JsonData   | what JSON can hold | JSON (text)                       | JSONB       |

A packed date compares with a packed wall time (`protocol.instants`) by arithmetic alone, on both.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigKey = BigInteger().with_variant(Integer, "sqlite")
JsonData = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970; raises TypeError for a naive instant, whose zone nobody knows."""
    return (instant - _START) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """The aware UTC instant of `to_microseconds`."""
    return _START + timedelta(microseconds=count)


def pack_date(day: date) -> int:
    """YYYYMMDD as a number."""
    return day.year * 10_000 + day.month * 100 + day.day


def unpack_date(packed: int) -> date:
    """The date of `pack_date`."""
    return date(packed // 10_000, packed // 100 % 100, packed % 100)


class UtcInstant(TypeDecorator[datetime]):
    """An instant: refuses naive values, comes back aware and in UTC, to the microsecond."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(Integer())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value if dialect.name == "postgresql" else to_microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if dialect.name == "postgresql" else from_microseconds(value)


class PackedDate(TypeDecorator[date]):
    """A date in a site's zone, as the number YYYYMMDD."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - the interface's
        return None if value is None else pack_date(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> date | None:  # noqa: ARG002 - the interface's
        return None if value is None else unpack_date(value)
