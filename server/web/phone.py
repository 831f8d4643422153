"""Clockbridge on a phone's home screen: the manifest, the service worker, and the page that is shown when there is no connection.

The service worker keeps static files and that one page, nothing else: what somebody sees of people is never in its cache.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from server.web.asking import shell_of
from server.web.visitor import PUBLIC, needs

STATIC = Path(__file__).parent / "static"
ACCENT, PAPER = "#1f5fbf", "#ffffff"
SHORT_NAME = 12
"""Characters that fit below an icon."""
ICONS = (("192", "any"), ("512", "any"), ("512", "maskable"))

router = APIRouter(include_in_schema=False)
ANYBODY = [needs(PUBLIC)]


@router.get("/manifest.webmanifest", dependencies=ANYBODY)
def manifest(request: Request) -> Response:
    """What a browser needs to put the pages on the home screen. It begins at the first page of whoever is signed in."""
    shell = shell_of(request)
    told = {
        "id": "/",
        "name": shell.company,
        "short_name": shell.company[:SHORT_NAME],
        "lang": {"zh": "zh-CN"}.get(shell.language, shell.language),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": ACCENT,
        "background_color": PAPER,
        "icons": [
            {"src": f"/static/{file_of(size, purpose)}", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for size, purpose in ICONS
        ],
    }
    return JSONResponse(told, media_type="application/manifest+json")


@router.get("/service-worker.js", dependencies=ANYBODY)
def service_worker() -> Response:
    """It changes when a static file does, and then the browsers fetch what they keep anew."""
    version = static_version()
    body = f'const VERSION = "{version}";\n' + (STATIC / "service-worker.js").read_text("utf-8")
    return Response(body, media_type="text/javascript", headers={"cache-control": "no-cache", "etag": f'"{version}"'})


@router.get("/offline", dependencies=ANYBODY)
def offline_page(request: Request) -> Response:
    """The same for everybody: it is kept on the phone, so nobody's name is on it."""
    request.state.visitor = None
    return shell_of(request).page(request, "offline.html")


def file_of(size: str, purpose: str) -> str:
    """The name of an icon, drawn from icon.svg."""
    return f"icon-{size}.png" if purpose == "any" else f"icon-{purpose}-{size}.png"


@cache
def static_version() -> str:
    """Tells apart what static files hold: the same on every machine of one release."""
    digest = sha256()
    for path in sorted(one for one in STATIC.rglob("*") if one.is_file()):
        digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
