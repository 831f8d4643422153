"""PostgreSQL for storms, as the server's tests have it."""

from tests.server.conftest import postgres

__all__ = ["postgres"]
