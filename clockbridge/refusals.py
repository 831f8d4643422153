"""How a command ends that cannot do what was asked: one sentence with the next step on standard error, and exit code 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

from clockbridge.language import say, speaks_chinese

if TYPE_CHECKING:
    from server.errors import ServerError

CANNOT = 2


@contextmanager
def refusals() -> Iterator[None]:
    """What a person can do something about is told, and ends the command."""
    from server.errors import ServerError
    from server.settings import SettingsError

    try:
        yield
    except ServerError as error:
        refuse(told(error))
    except SettingsError as error:
        refuse(error.told(chinese=speaks_chinese()))
    except OSError as error:
        file, why = error.filename or "", error.strerror or error
        advice = say("Check that it is there, has room, and that this user may.", "请检查路径是否存在、空间是否足够、当前用户是否有权限。")
        refuse(f"{file}: {why}. {advice}" if file else f"{why}. {advice}")


def told(error: "ServerError") -> str:
    """Its sentence in the language of the command line, from the same catalogue as the pages."""
    from server.web.language import translator

    return error.told(translator("zh" if speaks_chinese() else "en"))


def refuse(text: str) -> NoReturn:
    """Say why, and end."""
    print(text, file=sys.stderr)
    raise typer.Exit(CANNOT)
