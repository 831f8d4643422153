"""The database for every area: units of work, column types, writing many rows. Nobody else commits or opens connections."""

from server.storage.changes import (
    Change,
    Subject,
    UserChange,
    leave_change,
    leave_changes,
    leave_user_changes,
    take_changes,
    take_user_changes,
    waiting_changes,
    waiting_user_changes,
)
from server.storage.columns import (
    BigKey,
    JsonData,
    PackedDate,
    UtcInstant,
    from_microseconds,
    metadata,
    pack_date,
    to_microseconds,
    unpack_date,
)
from server.storage.database import Database, UnitOfWork
from server.storage.errors import (
    BackupError,
    DatabaseBrokenError,
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseOutdatedError,
    DatabaseTooNewError,
    DatabaseUnreachableError,
    StorageError,
    VaultError,
)
from server.storage.keyed import remember_key, remembered_key, require_key
from server.storage.personal import DataSubject, Holding
from server.storage.rehearsal import Part
from server.storage.rows import copy_to_intake, insert_from_intake, insert_ignoring, portions, upsert
from server.storage.vault import Vault

__all__ = [
    "BackupError",
    "BigKey",
    "Change",
    "DataSubject",
    "Database",
    "DatabaseBrokenError",
    "DatabaseBusyError",
    "DatabaseFullError",
    "DatabaseOutdatedError",
    "DatabaseTooNewError",
    "DatabaseUnreachableError",
    "Holding",
    "JsonData",
    "PackedDate",
    "Part",
    "StorageError",
    "Subject",
    "UnitOfWork",
    "UserChange",
    "UtcInstant",
    "Vault",
    "VaultError",
    "copy_to_intake",
    "from_microseconds",
    "insert_from_intake",
    "insert_ignoring",
    "leave_change",
    "leave_changes",
    "leave_user_changes",
    "metadata",
    "pack_date",
    "portions",
    "remember_key",
    "remembered_key",
    "require_key",
    "take_changes",
    "take_user_changes",
    "to_microseconds",
    "unpack_date",
    "upsert",
    "waiting_changes",
    "waiting_user_changes",
]
