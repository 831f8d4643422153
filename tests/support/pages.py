"""Pages in a browser that is not there: the real application around some routers, and a visitor with chosen permissions."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.testclient import TestClient

import server
from server.access.model import PERMISSIONS, Role, Scope
from server.attendance.pages.waiting import work_lists as of_attendance
from server.audit.pages import foot
from server.directory.actions import people_within
from server.directory.pages.gate import people_called, require_person
from server.hr.privacy.actions import biometric_consents
from server.ingest.pages import work_lists
from server.ingest.sift import Limits
from server.ingest.watch.actions import Office
from server.storage import Database
from server.web.app import create_app
from server.web.language import translator
from server.web.shell import Shell
from server.wiring import replays_of_terminal

AREAS = (
    "access",
    "audit",
    "notify",
    "directory",
    "roster",
    "attendance",
    "ingest",
    "fleet",
    "provisioning",
    "hr/requests",
    "hr/staff",
    "hr/privacy",
    "hr/approvals",
    "hr/imports",
    "dispatch/areas",
    "dispatch/orders",
    "hr/leave",
    "support",
)


@dataclass(frozen=True)
class Reader:
    """Somebody who is signed in. permissions: words, or the members of Permission."""

    permissions: frozenset[str]
    login: str = "tester"
    name: str = "测试员"
    must_change: bool = False
    must_prove: bool = False
    person_id: int | None = None
    id: int = 1
    sees: Scope = Scope(everybody=True)  # noqa: RUF009 - a frozen value

    def scope(self, permission: str) -> Scope:
        return self.sees if permission in self.permissions else Scope()


@dataclass
class Browser:
    """`get` and `post` as a visitor; English unless another language is asked for. Redirects are answers, not followed."""

    client: TestClient
    visitor: Reader | None
    language: str = "en"

    def get(self, address: str, language: str | None = None):
        return self.client.get(address, headers={"accept-language": language or self.language}, follow_redirects=False)

    def post(self, address: str, data: dict | None = None, **more):
        headers = {"accept-language": self.language, "sec-fetch-site": "same-origin"}
        return self.client.post(address, data=data, headers=headers, follow_redirects=False, **more)


def said(page: str) -> str:
    """What a page itself says: without the trail at its foot, which tells of what is gone, and its help."""
    return re.split(r'<section class="cb-foot"|<dialog id="help"', page)[0]


def browse(database: Database, routers: Sequence[APIRouter], permissions: Iterable[str] | Role | Reader | None) -> Browser:
    """A browser of a visitor, or of one with these permissions, or those of a role; None for nobody signed in."""
    if isinstance(permissions, Role):
        permissions = PERMISSIONS[permissions]
    visitor = permissions if isinstance(permissions, Reader | None) else Reader(frozenset(str(one) for one in permissions))
    app = create_app(_shell(), lambda _request: visitor, routers, tls=False)
    app.state.database = database
    app.state.require_person = require_person
    app.state.people_within, app.state.people_called = people_within, people_called
    app.state.trail_foot = foot
    app.state.limits = Limits()
    app.state.biometric_consents = biometric_consents
    app.state.after_terminal = replays_of_terminal(Limits())
    app.state.approval_handlers = {}
    app.state.work_lists = (of_attendance, work_lists)
    app.state.mail = True
    app.state.office = Office("测试公司", translator("zh"), ZoneInfo("Asia/Shanghai"), "https://clock.example.com")
    app.state.webhook_hosts = ["127.0.0.1"]
    app.state.require_current = lambda: None
    return Browser(TestClient(app, base_url="http://clockbridge.test"), visitor)


@cache
def _shell() -> Shell:
    """One for all tests of a process: it keeps the templates that it has compiled, and nothing else."""
    folders = [folder for area in AREAS if (folder := Path(server.__path__[0]) / area / "templates").is_dir()]
    return Shell("测试公司", "Asia/Shanghai", "zh", folders, "0.1.0")
