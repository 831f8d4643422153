"""Pages around a database behind a real port, for a real browser: in a thread, with whoever is signed in."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from server.settings import ServerSettings
from server.storage import Database
from server.wiring import build_pages

START_SECONDS = 240


@contextmanager
def served(app: ASGIApp, keys: tuple[Path, Path] | None = None) -> Iterator[str]:
    """The address of the application while it is served. keys: certificate and private key, for HTTPS."""
    tls: dict[str, str] = {} if keys is None else {"ssl_certfile": str(keys[0]), "ssl_keyfile": str(keys[1])}
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off", **tls))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(START_SECONDS)


@contextmanager
def served_copy(template: Path, folder: Path) -> Iterator[tuple[str, Database]]:
    """The whole application, as it is built from settings, with a copy of an SQLite database: its address, and the copy."""
    url = f"sqlite:///{shutil.copy(template, folder / 'copy.db')}"
    app = build_pages(ServerSettings(data_dir=folder, database_url=url))
    with closing(app.state.database), closing(Database(url)) as database, served(app) as base:
        yield base, database
