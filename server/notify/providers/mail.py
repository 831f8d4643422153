"""A connection to the company's mail server."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import structlog

from server.settings import MailSettings

SECONDS = 20


@contextmanager
def mail_line(settings: MailSettings) -> Iterator[Callable[[EmailMessage], bool]]:
    """A connection that opens with the first letter; gives whether a letter was taken. A fault is logged without whom it was for."""
    open_line: list[smtplib.SMTP] = []
    log = structlog.get_logger()

    def send(message: EmailMessage) -> bool:
        try:
            if not open_line:
                open_line.append(_connect(settings))
            open_line[0].send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("a letter could not be sent", kind=type(error).__name__, code=getattr(error, "smtp_code", None))
            if not isinstance(error, (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)):
                open_line.clear()  # the line is gone; the next letter tries a new one
            return False
        return True

    try:
        yield send
    finally:
        for one in open_line:
            one.close()


def _connect(settings: MailSettings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if settings.security == "tls":
        line: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=SECONDS, context=context)
    else:
        line = smtplib.SMTP(settings.host, settings.port, timeout=SECONDS)
        if settings.security == "starttls":
            line.starttls(context=context)
    if settings.user and settings.password:
        line.login(settings.user, settings.password.get_secret_value())
    return line
