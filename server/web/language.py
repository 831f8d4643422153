"""Languages of the pages: English texts are the keys, the catalogue holds the Chinese ones.

The catalogue is a folder of files, one for an area. It is read as text at start (a few milliseconds), so nothing has to be compiled and no
compiled file can be stale.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from starlette.requests import Request

from protocol.edge_words import CHINESE
from server.errors import filled

LANGUAGES = ("zh", "en")
COOKIE = "language"
CATALOGUE = Path(__file__).parent / "locale" / "zh_CN" / "LC_MESSAGES"


@cache
def chinese() -> Mapping[str, str]:
    """English text to Chinese: the catalogue's, and what edges say."""
    texts = dict(CHINESE)
    for path in sorted(CATALOGUE.glob("*.po")):
        with path.open("rb") as file:
            texts |= {str(one.id): str(one.string) for one in read_po(file, locale="zh_CN") if one.id and one.string}
    return texts


def language_of(request: Request, default: str) -> str:
    """What the reader chose, else what the browser prefers, else the company's."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for wanted in request.headers.get("accept-language", "").split(","):
        name = wanted.split(";")[0].strip()[:2].lower()
        if name in LANGUAGES:
            return name
    return default


def translator(language: str) -> Callable[..., str]:
    """`_` of a page: translates, then puts facts into `{names}`, and words for one or many into `{n:day|days}`."""
    texts = chinese() if language == "zh" else {}

    def translate(text: str, **facts: object) -> str:
        return filled(texts.get(text, text), facts)

    return translate
