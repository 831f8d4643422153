"""The JSON API describes itself, and the page about it says the same."""

from pathlib import Path

import pytest

from server.settings import ServerSettings
from server.wiring import build_pages
from tests.server.access.conftest import Person

PAGE = Path("docs/reference/api.md")


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def told(database, tmp_path) -> dict:
    app = build_pages(ServerSettings(data_dir=tmp_path, database_url=str(database.url)))
    yield Person(app).get("/api/openapi.json").json()
    app.state.database.close()


def described(told: dict) -> str:
    """The calls as the page lists them, by address."""
    parts = []
    for path, calls in sorted(told["paths"].items()):
        for method, call in calls.items():
            named = [f"`{one['name']}`" + ("" if one["required"] else "?") for one in call.get("parameters", [])]
            body = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            fields = told["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], {})
            named += [
                f"`{name}`" + ("" if name in fields.get("required", ()) else "?") + " in the body" for name in fields.get("properties", {})
            ]
            parts += [f"## {method.upper()} {path}", call["description"]]
            parts += [f"Parameters: {', '.join(named)}."] if named else []
    return "\n\n".join(parts)


def test_the_page_lists_every_call_as_the_application_describes_it(told):
    assert described(told) in PAGE.read_text(encoding="utf-8")


def test_every_call_is_one_of_the_api_and_says_what_it_does(told):
    assert all(path.startswith("/api/v1/") for path in told["paths"])
    assert all(call.get("description") for calls in told["paths"].values() for call in calls.values())


def test_every_work_list_of_the_pages_has_its_call(told):
    assert {
        f"/api/v1/{name}" for name in ("punches", "people", "absent", "presence", "terminals", "edges", "alarms", "quarantine")
    } <= told["paths"].keys()


def test_the_questions_of_the_punches_page_are_all_told(told):
    asked = {one["name"] for one in told["paths"]["/api/v1/punches"]["get"]["parameters"]}

    assert asked == {"person", "department", "site", "terminal", "since", "until", "text", "order", "limit", "after"}
