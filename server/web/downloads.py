"""A file that somebody once handed in, handed out so that no browser runs or shows it as a page of ours."""

from collections.abc import Iterator

from starlette.responses import StreamingResponse

from server.web.export import attachment

HARMLESS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def file_answer(name: str, media_type: str, size: int, parts: Iterator[bytes]) -> StreamingResponse:
    """Stream a file to be saved under its name."""
    headers = HARMLESS | attachment(name) | {"content-length": str(size)}
    return StreamingResponse(parts, media_type=media_type, headers=headers)
