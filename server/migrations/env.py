"""Alembic's way in: runs the revisions on the connection that `server.migrations` hands over."""

from alembic import context

from server.migrations.schema import target_metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=target_metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()
