"""Letters: what a mail about notices says, and when it is tried again. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from server.notify.model import Notice

RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
"""After so many tries a letter is given up; the notice is in the app all the same."""


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When a letter that could not be sent is tried again. attempts: those before this one. None: never."""
    return now + RETRY_DELAYS[attempts] if attempts < len(RETRY_DELAYS) else None


def letter(
    sender: str, receiver: str, company: str, lines: Sequence[tuple[str, str]], tell: Callable[..., str], key: str, now: datetime
) -> EmailMessage:
    """A mail of plain text. lines: (sentence, full address to go to or ""). key: the same for the same letter, so that one that was sent
    twice (the program died between sending and noting) is known as one by the reader's program.
    """
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, receiver
    message["Subject"] = (
        _one_line(lines[0][0]) if len(lines) == 1 else tell("{company}: waiting for you: {n}", company=company, n=len(lines))
    )
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2].strip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    body = "\n\n".join("\n".join(filter(None, line)) for line in lines)
    foot = tell("You get this from {company}. What comes by mail is chosen on the page of notices.", company=company)
    message.set_content(f"{body}\n\n-- \n{foot}\n")
    return message


def lines_of(notices: Sequence[Notice], told: Callable[[Notice], str], base: str) -> list[tuple[str, str]]:
    """A line for each notice. base: the address of the pages, "" where it is not known."""
    return [(told(one), f"{base}{one.address}" if base and one.address else "") for one in notices]


def _one_line(text: str) -> str:
    return " ".join(text.split())[:150]
