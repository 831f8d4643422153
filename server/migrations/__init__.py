"""The schema, from the first release on: every database ever released is brought up to date, a newer one is refused.

One `migrate` is one transaction, with foreign keys off and checked at the end (Alembic's table copies on SQLite would else delete
the rows that point at the copied table, silently).
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from server.storage import Database, DatabaseBrokenError, DatabaseOutdatedError, DatabaseTooNewError

_LOCK = 0x436C6F636B  # "Clock": of PostgreSQL's advisory locks, ours for migrations
FOLDERS = (Path(__file__).parent / "versions",)
"""Where the revisions are: one file each, whose name begins with the revision."""


def known_revisions() -> list[str]:
    """The revisions of this program, oldest first, by the names of their files: every process asks, and few need Alembic for more."""
    return sorted(file.name.partition("_")[0] for folder in FOLDERS for file in folder.glob("[0-9]*.py"))


def head_revision() -> str:
    """The revision this program needs."""
    return known_revisions()[-1]


def current_revision(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.reading() as uow:
        return _revision_of(uow.connection)


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def require_current(database: Database) -> None:
    """Return quietly when the schema is the one this program needs; raises DatabaseOutdatedError or DatabaseTooNewError."""
    found, wanted = current_revision(database), head_revision()
    if found != wanted:
        require_known(found)
        raise DatabaseOutdatedError(found=found or "nothing", wanted=wanted)


def migrate(database: Database) -> tuple[str | None, str]:
    """Bring the schema to this program's revision, all or nothing; returns the revisions before and after.

    An SQLite file that is not there is made. Raises DatabaseTooNewError, and then nothing was touched; DatabaseBrokenError when rows
    point at rows that are not there.
    """
    database.make_file()
    with database.plain_connection() as connection:
        if connection.dialect.name == "sqlite":
            return _without_foreign_keys(connection)
        with connection.begin():
            connection.execute(text("SET LOCAL lock_timeout = '30s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            return _upgrade(connection)


def _without_foreign_keys(connection: Connection) -> tuple[str | None, str]:
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction, so before it
    try:
        with connection.begin():
            revisions = _upgrade(connection)
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if orphans:
                raise DatabaseBrokenError(detail=f"{len(orphans)} rows of {orphans[0][0]} point at rows that are not there")
            return revisions
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _upgrade(connection: Connection) -> tuple[str | None, str]:
    from alembic import command  # only here: it is a fifth of the time that a process needs to start
    from alembic.config import Config

    before = _revision_of(connection)
    require_known(before)
    config = Config()
    config.set_main_option("script_location", _escaped(Path(__file__).parent))
    config.set_main_option("version_locations", ":".join(map(_escaped, FOLDERS)))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before, head_revision()


def require_known(revision: str | None) -> None:
    """Raises DatabaseTooNewError for a revision that this program has never heard of."""
    if revision is not None and revision not in known_revisions():
        raise DatabaseTooNewError(found=revision, wanted=head_revision())


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
