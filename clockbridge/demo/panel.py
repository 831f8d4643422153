"""The demo's control page, on a port of its own on loopback: what to try, and what to break while the counts become equal again."""

from collections import deque
from dataclasses import asdict
from datetime import datetime
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel
from starlette.middleware.trustedhost import TrustedHostMiddleware

from clockbridge.demo.scene import Deed, Scene
from clockbridge.demo.tour import TOUR

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
PAGE = files("clockbridge.demo") / "page"
MEDIA = {"panel.css": "text/css", "panel.js": "text/javascript", "panel.svg": "image/svg+xml"}


class Wish(BaseModel):
    part: str
    deed: Deed


def build_panel(scene: Scene, pages: str) -> FastAPI:
    """The page, its state and what to try as JSON, and one address to which deeds are sent. pages: where Clockbridge's own begin."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])  # a name that a stranger leads here is not ours
    done: deque[dict[str, str]] = deque(maxlen=8)

    @app.middleware("http")
    async def only_from_this_page(request: Request, call_next: Any) -> Response:
        """Another site open in the same browser must not break the demo's parts."""
        if request.method != "GET" and request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return Response("only from the demo's own page", status_code=403)
        response: Response = await call_next(request)
        response.headers.update(HEADERS)
        return response

    @app.get("/", response_class=HTMLResponse)
    def page() -> str:
        return (PAGE / "panel.html").read_text(encoding="utf-8")

    @app.get("/page/{name}")
    def asset(name: str) -> Response:
        if name not in MEDIA:
            raise HTTPException(404)
        return Response((PAGE / name).read_text(encoding="utf-8"), media_type=MEDIA[name])

    @app.get("/state")
    def state() -> dict[str, Any]:
        counts = [asdict(count) | {"received": count.received, "equal": count.equal} for count in scene.counts()]
        return {"board": pages, "parts": [asdict(part) for part in scene.parts()], "counts": counts, "done": list(done)}

    @app.get("/tour")
    def tour() -> list[dict[str, Any]]:
        return [asdict(stop) | {"address": pages.rstrip("/") + stop.address} for stop in TOUR]

    @app.post("/do")
    async def do(wish: Wish) -> dict[str, str]:
        try:
            said = scene.do(wish.part, wish.deed)  # in this thread: a part lives as long as the thread that started it
        except KeyError:
            raise HTTPException(404, "there is no such part, or it cannot do that") from None
        done.append({"at": datetime.now().astimezone().strftime("%H:%M:%S"), **asdict(said)})
        return asdict(said)

    return app
