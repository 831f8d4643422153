"""One file of a form, held in memory and never on a disk, refused while it comes when it is larger than it may be.

A browser shows an answer only once it has sent all; so what is too large is read on for a while and forgotten, and behind that the line is
closed. Pages that take files look at the size before anything is sent (upload.js).
"""

from dataclasses import dataclass, field

from fastapi import Request
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from server.errors import InvalidInputError

AROUND = 64 * 1024
"""Of a form around its file."""
MOST_FIELDS = 20
READ_ON = 64 * 1024 * 1024
MOST_REQUEST = READ_ON + 1024 * 1024
"""For `max_body_size` of a route that takes a file: behind it the line is closed."""


class TooLargeError(InvalidInputError):
    """More than `most` MB."""

    message = "The file is larger than {most} MB. Make it smaller, or hand it in in pieces."


@dataclass(frozen=True, slots=True)
class Upload:
    """What a form brought: the file's own name as its sender called it (not to be trusted), its content, the other fields."""

    name: str = ""
    data: bytes = b""
    fields: dict[str, str] = field(default_factory=dict)


async def upload_of(request: Request, most_mb: int) -> Upload:
    """The form of a request, which must say its length, as every browser does. Raises TooLargeError, InvalidInputError."""
    most = most_mb * 1024 * 1024
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > most + AROUND:
        await _read_on(request)
        raise TooLargeError(most=most_mb)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidInputError(field="file", reason="choose a file with something in it")
    parser = MultiPartParser(request.headers, request.stream(), max_files=1, max_fields=MOST_FIELDS, max_part_size=AROUND)
    parser.spool_max_size = most + AROUND
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError) as error:
        raise InvalidInputError(field="file", reason="the form came in damaged: send it again") from error
    try:
        file = form.get("file")
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        if not isinstance(file, UploadFile):
            return Upload(fields=fields)
        data = await file.read()
    finally:
        await form.close()
    if len(data) > most:
        raise TooLargeError(most=most_mb)
    return Upload(file.filename or "", data, fields)


async def _read_on(request: Request) -> None:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > READ_ON:
            return
