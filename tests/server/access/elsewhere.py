"""A browser that signs in elsewhere, without a screen."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from tests.server.access.conftest import Person


def out(browser: Person, provider: str, next_path: str = "/me") -> dict[str, str]:
    """Set out for a provider: what goes along in the address."""
    answer = browser.get(f"/sign-in/with/{provider}?next={next_path}")
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def back(browser: Person, address: str):
    """Come back to us by the address that a provider sent the browser to."""
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


def there_and_back(browser: Person, provider: str, there: Callable[[dict], str]):
    return back(browser, there(out(browser, provider)))
