"""The page at the door: who came, and the question of consent.

It shows names, so it listens on this machine alone unless the settings say otherwise. It takes one thing, the answer to the question that
is asked just now.
"""

import json
from collections.abc import Callable
from html import escape
from importlib.resources import files

from edge.pages import Asked, PageServer, Reply
from edge.station.desk import Desk
from edge.station.words import ADVICE, PLACES, STEPS, words

BODY_BYTES = 256
OWN_HEADER = "x-station"


class Page:
    """troubled: whether a part is not well just now."""

    def __init__(self, desk: Desk, name: str, language: str, troubled: Callable[[], bool]) -> None:
        self._desk, self._troubled = desk, troubled
        self._places, self._steps, self._advice = (words(table, language) for table in (PLACES, STEPS, ADVICE))
        static = files("edge.station") / "static"
        html = (static / "station.html").read_text(encoding="utf-8")
        for key, text in {"language": "zh-CN" if language == "zh" else "en", "name": name, **self._places}.items():
            html = html.replace("{{" + key + "}}", escape(text))
        self._files = {
            "/": ("text/html; charset=utf-8", html.encode()),
            "/station.js": ("text/javascript", (static / "station.js").read_bytes()),
            "/station.css": ("text/css", (static / "station.css").read_bytes()),
        }
        self._server = PageServer(self._reply, OWN_HEADER)

    async def serve(self, host: str, port: int, listening: Callable[[int], None] = lambda _: None) -> None:
        """Serve until cancelled; raises OSError when the address cannot be had."""
        await self._server.serve(host, port, listening)

    async def _reply(self, asked: Asked) -> Reply:
        if asked.method == "POST":
            body = await asked.body(BODY_BYTES) if asked.path == "/answer" else None
            return self._take_answer(body) if body else Reply(403 if asked.path == "/answer" else 400)
        if asked.path == "/now":
            return Reply(200, "application/json", json.dumps(self.now(), ensure_ascii=False).encode())
        kind, body = self._files.get(asked.path, ("", b""))
        return Reply(200, kind, body) if kind else Reply(404)

    def now(self) -> dict[str, object]:
        """What is to be seen just now."""
        enrolment, line = self._desk.enrolment(), self._desk.line()
        if enrolment:
            wish, state = enrolment
            text = self._advice[state.advice] or self._steps[state.step]
            return {
                "mode": "enrol",
                "wish": wish.id,
                "name": wish.person.name,
                "step": state.step,
                "text": self._steps[state.step],
                "advice": text,
            }
        if line:
            return {"mode": "line", "word": line.word, "name": line.name, "time": line.time, "text": self._places[line.word]}
        trouble = self._troubled()
        return {"mode": "trouble" if trouble else "waiting", "text": self._places["trouble" if trouble else "waiting"]}

    def _take_answer(self, body: bytes) -> Reply:
        try:
            told = json.loads(body)
            wish, agrees = told["wish"], told["agrees"]
        except (ValueError, TypeError, KeyError):
            return Reply(400)
        if type(wish) is not int or type(agrees) is not bool:
            return Reply(400)
        self._desk.answered(wish, agrees=agrees)
        return Reply(204)
