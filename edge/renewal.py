"""The edge's certificate renewed in time, by itself: a new key, proven by the one that messages are signed with.

It begins at two thirds of the certificate's life, give or take a little so that a thousand edges do not come at once, and is tried again
until it succeeds; a box that was away past the end does the same when it comes back. The new pair is tried at the broker before the old
one is given up, and put in its place whole or not at all (`edge.identity`).
"""

import asyncio
import random
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import msgspec
import structlog
from cryptography import x509

from edge.enrolling import files_of, read_answer
from edge.errors import EdgeError, EnrolmentError
from edge.health import HealthBook
from edge.identity import Identity, request_of
from edge.kit import open_kit
from edge.settings import EdgeSettings
from edge.web import Web
from protocol.enrolment import Enrolled, Nonce, RenewRequest, renew_text
from protocol.identifiers import EdgeId

SHARE_OF_LIFE = 2 / 3
SPREAD = 0.05
"""Of the certificate's life, before and behind."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=6)
LOOK_SECONDS = 3600.0
"""The clock may be set, and a person may put another certificate there: how long is waited at once."""
ALARM = "certificate-not-renewed"
HANDSHAKE_SECONDS = 5.0
VERDICT_SECONDS = 3.0

log = structlog.get_logger(__name__)


def due_at(certificate: x509.Certificate, chance: float) -> datetime:
    """When a certificate is to be renewed; chance: drawn once, from 0 to 1."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return begins + (ends - begins) * (SHARE_OF_LIFE + SPREAD * (2 * chance - 1))


class Renewal:
    """Renews while `run` runs; `reconnect` opens a new line, which reads the files anew."""

    def __init__(self, settings: EdgeSettings, reconnect: Callable[[], None], book: HealthBook) -> None:
        self._settings, self._reconnect, self._book = settings, reconnect, book
        self._identity = Identity.of(settings.server)
        self._chance = random.random()  # noqa: S311 - spreads edges, hides nothing

    async def run(self) -> None:
        """Until cancelled; does nothing where it was not told where the server's pages are."""
        if not self._settings.server.web:
            log.info("certificate_by_hand", ends=str(self._certificate().not_valid_after_utc))
            return
        pause = FIRST_PAUSE
        while True:
            wait = (due_at(self._certificate(), self._chance) - datetime.now(UTC)).total_seconds()
            if wait > 0:
                await asyncio.sleep(min(wait, LOOK_SECONDS))
                continue
            try:
                await asyncio.to_thread(self.renew)
            except (EdgeError, OSError) as error:
                told = error.english if isinstance(error, EdgeError) else str(error)
                log.warning("certificate_not_renewed", reason=told)
                self._book.alarm(ALARM, told)
                await asyncio.sleep(pause.total_seconds() * random.uniform(0.5, 1.0))  # noqa: S311 - as above
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            log.info("certificate_renewed", ends=str(self._certificate().not_valid_after_utc))
            self._book.clear(ALARM)
            self._reconnect()
            pause = FIRST_PAUSE

    def renew(self) -> None:
        """Get the next certificate and put it in place; raises EdgeError or OSError, with the old one as it was."""
        settings, edge = self._settings, EdgeId(self._settings.edge)
        web, authority = Web(settings.server.web), settings.server.ca.read_text()
        answer = web.ask_believing("GET", f"/api/v1/renew/{edge}", authority)
        if answer.status != 200:
            raise web.refused(answer)
        try:
            nonce = msgspec.json.decode(answer.body, type=Nonce).nonce
        except msgspec.MsgspecError as error:
            raise web.refused(answer) from error
        key = self._identity.waiting_key()
        request = request_of(key)
        signature = open_kit(settings).signer.sign(renew_text(edge, nonce, request))
        asked = RenewRequest(edge, request, nonce, signature, datetime.now(UTC), version("clockbridge"))
        answer = web.ask_believing("POST", "/api/v1/renew", authority, msgspec.json.encode(asked))
        if answer.status != 200:
            raise web.refused(answer)
        enrolled = read_answer(answer.body, edge, key.public_key())
        self._require_welcome(enrolled)
        files = files_of(enrolled, "", with_settings=False)
        self._identity.commit(enrolled.certificate.encode(), {"ca": files["ca"]})

    def _require_welcome(self, enrolled: Enrolled) -> None:
        """Raises EnrolmentError where the broker answers and does not take the new pair; one that is away will be asked with it later.

        The broker may be of an authority already that came with this answer.
        """
        server, trial = self._settings.server, self._identity.certificate.with_name("trial.crt")
        try:
            trial.write_text(enrolled.certificate)
            context = ssl.create_default_context(cadata=enrolled.authority)
            context.load_cert_chain(trial, self._identity.waiting_key_file)
        finally:
            trial.unlink(missing_ok=True)
        with suppress(OSError), socket.create_connection((server.host, server.port), HANDSHAKE_SECONDS) as line:
            if _is_taken(line, context, server.host):
                return
            raise EnrolmentError(
                "The broker does not take the new certificate; the old one stays in use. Look whether the server's clock is right.",
                "消息代理不接受新证书，继续使用旧证书。请检查服务器的时钟。",
            )

    def _certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(Path(self._identity.certificate).read_bytes())


def _is_taken(line: socket.socket, context: ssl.SSLContext, host: str) -> bool:
    """Whether a broker lets this certificate through its door: in TLS 1.3 a refusal comes behind the handshake, so it is waited for."""
    try:
        with context.wrap_socket(line, server_hostname=host) as secure:
            secure.settimeout(VERDICT_SECONDS)
            secure.recv(1)
    except TimeoutError:
        return True  # it waits for us to speak
    except (ssl.SSLError, ConnectionError):
        return False
    return False
