"""What JSON routes share: bodies in, answers out, and what OpenAPI says of a body."""

from typing import Any, TypeVar

import msgspec
from fastapi import Request
from starlette.responses import Response

from server.errors import InvalidInputError

Body = TypeVar("Body")


async def body_of(request: Request, kind: type[Body]) -> Body:
    """The request's JSON as a value. Raises InvalidInputError, which names the place that cannot be read."""
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except msgspec.MsgspecError as error:
        told = str(error)
        field = told.rpartition("`$.")[2].rstrip("`") if "`$." in told else "body"
        raise InvalidInputError(field=field, reason="the body cannot be read: {detail}", detail=told) from error


def json(answer: object, status: int = 200) -> Response:
    """Structs, dataclasses, enums and dates as JSON."""
    return Response(msgspec.json.encode(answer), status, media_type="application/json")


def in_body(**meanings: str) -> dict[str, Any]:
    """For OpenAPI: what the body holds; a meaning that begins with "?" may be left out."""
    properties = {name: {"description": meaning.lstrip("?")} for name, meaning in meanings.items()}
    required = [name for name, meaning in meanings.items() if not meaning.startswith("?")]
    schema = {"type": "object", "properties": properties, "required": required}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
