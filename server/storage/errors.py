"""How the database can fail.

StorageError
  DatabaseUnreachableError   transient; the server of the database is away, or the file's folder is not there
  DatabaseBusyError          transient; another writer held the lock too long, or two writers crossed
  DatabaseFullError          the disk under it is full; passes when a person makes room
  DatabaseBrokenError        the file is damaged or no database; a person must restore a backup
  DatabaseOutdatedError      older than this program; `clockbridge server migrate` brings it up
  DatabaseTooNewError        written by a newer release; nothing is touched
  VaultError                 personal data cannot be sealed or opened: the key is missing or another one; a person must put it back
  BackupError                a copy could not be made, or cannot be put back; the database was not touched

Transient ones may be tried again by whoever owns the work, with the delays stated there.
"""

from typing import ClassVar

from server.errors import ServerError


class StorageError(ServerError):
    """`detail` is what the database said, in one line; it holds no values of rows."""

    status = 503
    code = "storage"
    message = "The database failed: {detail}"
    transient: ClassVar[bool] = False


class DatabaseUnreachableError(StorageError):
    code = "database-unreachable"
    message = "The database cannot be reached ({detail}). Check database_url in the settings, and that the database runs."
    transient = True


class DatabaseBusyError(StorageError):
    code = "database-busy"
    message = "The database is busy ({detail}). Try again in a moment."
    transient = True


class DatabaseFullError(StorageError):
    code = "database-full"
    message = "The disk of the database is full ({detail}). Make room; the edges keep what they could not hand over."
    transient = True


class DatabaseBrokenError(StorageError):
    code = "database-broken"
    message = "The database is damaged or no database at all ({detail}). Stop the server and use `clockbridge server restore`."


class DatabaseOutdatedError(StorageError):
    """`found` and `wanted` are revisions; found is "nothing" for an empty database."""

    code = "database-outdated"
    message = "The database is at revision {found}, this program needs {wanted}. Run `clockbridge server migrate` (back up first)."


class DatabaseTooNewError(StorageError):
    code = "database-too-new"
    message = "The database is at revision {found}, which this program ({wanted}) does not know. Install the newer release again."


class BackupError(StorageError):
    """`file` is the copy, `reason` a whole sentence with the next step."""

    code = "backup"
    message = "{file}: {reason}"


class VaultError(StorageError):
    """`reason` is a whole sentence with the next step."""

    code = "vault"
    message = "{reason}"
