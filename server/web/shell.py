"""Renders pages: templates of the shell and of the areas, in the reader's language, with what the visitor may see."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from protocol.edge_words import told
from protocol.instants import show_wall
from server.errors import ServerError
from server.web.help import HELP
from server.web.language import language_of, translator
from server.web.places import PERSON, bar_for, groups_for, place_of

HERE = Path(__file__).parent


class Shell:
    """company: its name. zone: the company's time zone. templates: folders of the areas."""

    def __init__(self, company: str, zone: str, language: str, templates: Sequence[Path], version: str) -> None:
        self.company, self.language, self.version = company, language, version
        self.zone = ZoneInfo(zone)
        self._environment = Environment(
            loader=FileSystemLoader([HERE / "templates", *templates]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"instant": _instant, "hex": lambda data: data.hex(), "wall": show_wall, "told": told}

    def page(self, request: Request, template: str, status: int = 200, *, trail_of: Any = (), **facts: Any) -> HTMLResponse:
        """Answer with a template. It has `_`, `language`, `visitor`, `may(permission)`, `link(...)`, `unread()`, the facts, and of the
        navigation `places` (in groups), `bar`, `here` with its `help`, and `person_places`. trail_of: the objects that the page shows, as
        the trail calls them; what was done to them stands at its foot."""
        return HTMLResponse(self.render(request, template, foot=_foot_of(request, trail_of), **facts), status)

    def render(self, request: Request, template: str, **facts: Any) -> str:
        """The text of a template, for a part of a page."""
        language = language_of(request, self.language)
        visitor = request.state.visitor
        permissions = visitor.permissions if visitor else frozenset()
        groups = groups_for(visitor)
        here = place_of(groups, request.url.path)
        return self._environment.get_template(template).render(
            _=translator(language),
            language=language,
            company=self.company,
            visitor=visitor,
            may=lambda permission: permission in permissions,
            places=groups,
            bar=bar_for(groups),
            here=here,
            help=HELP.get(here.address) if here else None,
            person_places=[place for place in PERSON if place.permission in permissions],
            path=request.url.path,
            link=_linker(request),
            unread=lambda: _unread(request),
            zone=self.zone,
            now=datetime.now(UTC),
            version=self.version,
            **{"foot": None} | facts,
        )


def _unread(request: Request) -> int:
    """Notices that the visitor has not read; the area above that keeps them puts its function here. While the database is away: none."""
    count: Callable[[Request], int] | None = getattr(request.app.state, "unread", None)
    if count is None or not request.state.visitor:
        return 0
    with suppress(ServerError):
        return count(request)
    return 0


def _foot_of(request: Request, subjects: Sequence[tuple[str, str]]) -> Any:
    """What was done to the objects of a page; the area that keeps the trail puts its function here. None: nothing, or not for them."""
    foot: Callable[..., Any] | None = getattr(request.app.state, "trail_foot", None)
    return foot(request, *subjects) if foot and subjects and request.state.visitor else None


def _linker(request: Request) -> Callable[..., str]:
    """`link(name=value)`: this page's address with some of its questions changed; None takes one away."""

    def link(**changes: object) -> str:
        questions: Mapping[str, Any] = dict(request.query_params) | changes
        kept = {name: value for name, value in questions.items() if value not in {None, ""}}
        return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path

    return link


def _instant(moment: datetime | None, zone: ZoneInfo, seconds: bool = True) -> str:
    """An instant on the site's clock; a dash for none."""
    if moment is None:
        return "–"
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%m-%d %H:%M")
