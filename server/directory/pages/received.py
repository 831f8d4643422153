"""A file that somebody sends, no larger than it may be, and carried from the look at it to the confirmation."""

import base64
import binascii
import zlib
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from server.errors import InvalidInputError

MOST_BYTES = 10 * 1024 * 1024
MOST_FORM = 16 * 1024 * 1024
"""A file of the largest size that cannot be packed, in letters that a form can carry, and the form around it."""
READ_ON = 64 * 1024 * 1024
"""So much of what is too large is read and forgotten: a browser shows an answer only once all is sent."""
MOST_REQUEST = READ_ON + 1024 * 1024
"""Behind it the line is closed without an answer that a browser would show."""


class FileTooLargeError(InvalidInputError):
    """More than MOST_BYTES."""

    message = "The file is larger than 10 MB: split it."


async def body_of(request: Request) -> bytes:
    """The body of a request that is the file. Raises FileTooLargeError."""
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise FileTooLargeError
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Upload:
    """What a form of the page sends: the file, chosen or carried along (empty when there is none), and the other fields."""

    data: bytes
    kind: str
    store: bool


async def upload_of(request: Request) -> Upload:
    """The form of a request, which must say its length, as every browser does. Raises FileTooLargeError."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST_FORM:
        await _read_on(request)
        raise FileTooLargeError
    async with request.form(max_files=1, max_fields=8, max_part_size=MOST_FORM) as form:
        file = form.get("file")
        data = await file.read(MOST_BYTES + 1) if isinstance(file, UploadFile) else unpack(_word(form, "held"))
        if len(data) > MOST_BYTES:
            raise FileTooLargeError
        return Upload(data, _word(form, "kind"), bool(_word(form, "store")))


def pack(data: bytes) -> str:
    """The file as letters for a hidden field, so that what is confirmed is what was looked at and the server keeps nothing."""
    return base64.urlsafe_b64encode(zlib.compress(data)).decode()


def unpack(held: str) -> bytes:
    """What `pack` packed; nothing when it cannot be read. Stops behind MOST_BYTES, whatever it claims to hold."""
    try:
        return zlib.decompressobj().decompress(base64.urlsafe_b64decode(held), MOST_BYTES + 1)
    except (binascii.Error, zlib.error, ValueError):
        return b""


async def _read_on(request: Request) -> None:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > READ_ON:
            return


def _word(form: FormData, name: str) -> str:
    found = form.get(name)
    return found if isinstance(found, str) else ""
