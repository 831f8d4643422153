"""Requests and answers of the edge's own page."""

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import IO, cast

import structlog

from edge.collect.files.room import FileRoom, FileState
from edge.devices.attlog.read import MAX_BYTES
from edge.health import HealthBook
from edge.outbox import Outbox
from edge.pages import Asked, PageServer, Reply
from edge.settings import EdgeSettings
from edge.status_page.door import Door
from edge.status_page.facts import Gathering, NameOf
from edge.status_page.html import Html

OWN_HEADER = "x-edge"
AGAIN_SECONDS = 10.0
PASSWORD_BYTES = 200
SPARE_BYTES = 64 * 1024 * 1024
"""What stays free on the disk beside a file that is handed in and its punches."""
HTML = "text/html; charset=utf-8"
CLOSED_ALARM = "page-closed"

log = structlog.get_logger(__name__)


class StatusPage:
    """Build it, then `run` it."""

    def __init__(
        self, settings: EdgeSettings, outbox: Outbox, book: HealthBook, room: FileRoom, line_up: Callable[[], bool], name_of: NameOf
    ) -> None:
        self.port = 0
        """Where the page is to be had, once it is."""
        self._settings, self._outbox, self._book, self._room = settings, outbox, book, room
        self._door = Door(settings.page_password_file, settings.page.host)
        self._gathering = Gathering(settings, outbox, book, room, line_up, name_of)
        self._server = PageServer(self._reply, OWN_HEADER)
        static = files("edge.status_page") / "static"
        kinds = {"page.css": "text/css", "page.js": "text/javascript"}
        self._static = {f"/{name}": (kind, (static / name).read_bytes()) for name, kind in kinds.items()}

    async def run(self) -> None:
        """Serve until cancelled; never to the network without a password."""
        page = self._settings.page
        while True:
            if not await asyncio.to_thread(lambda: self._door.may_open):
                self._book.alarm(CLOSED_ALARM, f"{page.host}:{page.port}")
            else:
                self._book.clear(CLOSED_ALARM)
                try:
                    await self._server.serve(page.host, page.port, self._listening)
                except OSError as error:
                    log.warning("page_not_served", host=page.host, port=page.port, reason=error.strerror or str(error))
            await asyncio.sleep(AGAIN_SECONDS)

    def _listening(self, port: int) -> None:
        self.port = port
        log.info("page_served", host=self._settings.page.host, port=port)

    async def _reply(self, asked: Asked) -> Reply:
        if asked.path in self._static:
            return Reply(200, *self._static[asked.path])
        token = _cookies(asked).get("edge", "")
        asks = await asyncio.to_thread(lambda: self._door.asks)
        signed_in = asks and self._door.knows(token)
        html = Html(
            chinese=self._is_chinese(asked),
            edge=self._settings.edge,
            zone=self._settings.zone,
            now=datetime.now(UTC),
            signed_in=signed_in,
        )
        if asked.path == "/sign-in" and asked.method == "POST":
            return await self._enter(asked)
        if asks and not signed_in:
            return _page(html.sign_in(), 401)
        if "lang" in asked.query:
            where = (("Location", _here(asked.path)), _cookie("lang", "zh" if html.chinese else "en", 365 * 86_400))
            return Reply(303, headers=where)
        return await (self._do(asked, token) if asked.method == "POST" else self._show(asked, html))

    def _is_chinese(self, asked: Asked) -> bool:
        return (asked.query.get("lang") or _cookies(asked).get("lang") or self._settings.page.language) == "zh"

    async def _enter(self, asked: Asked) -> Reply:
        body = await asked.body(PASSWORD_BYTES)
        if self._door.is_tried_too_often(asked.peer):
            return Reply(429)
        token = await asyncio.to_thread(self._door.enter, (body or b"").decode(errors="replace"), asked.peer)
        return Reply(401) if token is None else Reply(204, headers=(_cookie("edge", token),))

    # What is shown -------------------------------------------------------------------------------------------------------------------

    async def _show(self, asked: Asked, html: Html) -> Reply:
        match asked.path.strip("/").split("/"):
            case [""]:
                return _page(html.start(await self._gathering.facts()))
            case ["live"]:
                return _page(html.live(await self._gathering.facts()))
            case ["files", name, *live] if live in ([], ["live"]):
                one = await asyncio.to_thread(self._room.find, name)
                if one is None:
                    return _page(html.gone(), 404)
                return _page(html.report(one) if live else html.file(one))
            case _:
                return Reply(404)

    # What is done --------------------------------------------------------------------------------------------------------------------

    async def _do(self, asked: Asked, token: str) -> Reply:
        match asked.path.strip("/").split("/"):
            case ["sign-out"]:
                self._door.leave(token)
                return Reply(204)
            case ["files"]:
                return await self._hand_in(asked)
            case ["files", name, ("take" | "look" | "drop") as what]:
                return await asyncio.to_thread(self._decide, name, what, asked.query)
            case _:
                return Reply(404)

    async def _hand_in(self, asked: Asked) -> Reply:
        terminal, name = asked.query.get("terminal", "").strip(), asked.query.get("name", "")
        if not asked.length or not (0 < len(terminal) <= 64 and terminal.isascii() and terminal.isprintable()):
            return Reply(400)
        if asked.length > MAX_BYTES:
            return Reply(413)
        size = await asyncio.to_thread(self._outbox.size)
        if size.disk_free < 3 * asked.length + SPARE_BYTES:
            return Reply(507)
        with await asyncio.to_thread(self._begin) as file:
            async for piece in asked.pieces():
                await asyncio.to_thread(file.write, piece)
            said = {"only_look": True, "new_terminal": "new" in asked.query}
            one = await asyncio.to_thread(lambda: self._room.hand_in(_rewound(file), name, terminal, "page", **said))
        return Reply(200, "application/json", json.dumps({"id": one.id}).encode())

    def _begin(self) -> IO[bytes]:
        self._settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cast("IO[bytes]", tempfile.TemporaryFile(dir=self._settings.data_dir))

    def _decide(self, name: str, what: str, query: Mapping[str, str]) -> Reply:
        one = self._room.find(name)
        if one is None or not one.over or not self._room.path_of(name).exists():
            return Reply(404)
        if what == "drop":
            self._room.drop(name)
            return Reply(204)
        if what == "take" and one.state is not FileState.LOOKED:
            return Reply(400)
        if what == "look":
            one.devices, one.any_device = [query["device"]] if "device" in query else [], "any" in query
        one.only_look, one.refusal, one.shown, one.state, one.ended_at = what == "look", None, "", FileState.WAITING, None
        self._room.keep(one)
        return Reply(204)


def _rewound(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file


def _page(html: str, status: int = 200) -> Reply:
    return Reply(status, HTML, html.encode())


def _here(path: str) -> str:
    """A path of this page: with two strokes before it, a browser would take it for another machine's name."""
    return "/" + path.lstrip("/\\")


def _cookies(asked: Asked) -> dict[str, str]:
    pairs = (one.strip().partition("=") for one in asked.headers.get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs}


def _cookie(name: str, value: str, seconds: int = 0) -> tuple[str, str]:
    age = f"; Max-Age={seconds}" if seconds else ""
    return "Set-Cookie", f"{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}"
