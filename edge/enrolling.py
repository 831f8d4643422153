"""A box becomes an edge: keys made here, the authority held against the token's fingerprint, a certificate for them from the server.

Everything may be repeated: keys are durable before they are sent, and the server answers the same token and keys in the same way for a
day, so neither a lost reply nor a power cut costs a token. What it answers is written whole or not at all.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from edge.errors import EdgeError, EnrolmentError
from edge.identity import Identity, request_of
from edge.secret_file import write_secret
from edge.settings import DEFAULT_FILE, read_settings
from edge.web import Web
from protocol.enrolment import Authority, Enrolled, EnrolRequest, Token, enrol_text
from protocol.errors import ProtocolError
from protocol.identifiers import EdgeId
from protocol.signing import Verifier

CLOCK_OFF = timedelta(minutes=1)
"""From here on a person is told."""

SETTINGS_TEXT = """\
# Settings of the edge {edge}. Every one of them: docs/reference/edge-settings.md
# This folder holds the edge's keys: they belong to this box alone. Keep no copy, and give it to nobody.
edge = "{edge}"
data_dir = "data"
time_zone = "{time_zone}"

[server]
host = "{host}"
port = {port}
{web}
# One block for each terminal; `clockbridge terminal probe HOST` tells whether it can be read.
# [[terminals]]
# name = "front door"
# host = "192.168.1.201"
# key = 0
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What enrolling came to. clock_off: this machine's clock minus the server's; None where nobody was asked."""

    settings: Path
    edge: EdgeId
    clock_off: timedelta | None


def enrol(web: Web, token: Token, folder: Path) -> Outcome:
    """Make this box the edge that the token is for, with its files in `folder`; raises EdgeError, with nothing changed there.

    A folder that holds this edge already gets new keys and keeps settings and data; one of another edge is refused.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity = _identity(folder, token.edge)
    identity.settle()
    mark = token.digest.hex().encode()
    if _holds(identity.others["token"], mark):
        return Outcome(folder / DEFAULT_FILE, token.edge, None)
    waiting = folder / "waiting.token"
    if not _holds(waiting, mark):
        identity.forget_waiting()  # they were made for another token
        write_secret(waiting, mark)
    authority = _authority(web, token)
    key, signer = identity.waiting_key(), identity.waiting_signer()
    request = request_of(key)
    asked = EnrolRequest(
        secret=token.secret,
        request=request,
        signing_key=signer.verifier.public,
        signature=signer.sign(enrol_text(token.secret, request)),
        clock=datetime.now(UTC),
        version=version("clockbridge"),
    )
    answer = web.ask_believing("POST", "/api/v1/enrol", authority, msgspec.json.encode(asked))
    if answer.status != 200:
        raise web.refused(answer)
    enrolled = read_answer(answer.body, token.edge, key.public_key())
    if token.fingerprint not in {one.fingerprint(SHA256()) for one in x509.load_pem_x509_certificates(enrolled.authority.encode())}:
        raise _unsound("it names another authority than the token")
    files = files_of(enrolled, web.address, with_settings="settings" in identity.others)
    identity.commit(enrolled.certificate.encode(), files | {"token": mark})
    waiting.unlink()
    return Outcome(folder / DEFAULT_FILE, token.edge, asked.clock - enrolled.now)


def settle(file: Path) -> None:
    """Finish what was interrupted in the folder of these settings; raises nothing that reading them would not tell."""
    with suppress(EdgeError, OSError):
        Identity.in_folder(file.absolute().parent).settle()
        Identity.of(read_settings(file).server).settle()


def files_of(enrolled: Enrolled, web: str, *, with_settings: bool) -> dict[str, bytes]:
    """The further files of an edge by their words in `Identity`; settings are written where there are none yet."""
    files = {"ca": enrolled.authority.encode(), "verify_key": enrolled.verify_key.encode()}
    if with_settings:
        facts = {"edge": enrolled.edge, "time_zone": enrolled.time_zone, "host": enrolled.host, "port": enrolled.port}
        files["settings"] = SETTINGS_TEXT.format(**facts, web=f'web = "{web}"\n' if web else "").encode()
    return files


def read_answer(body: bytes, edge: EdgeId, key: ec.EllipticCurvePublicKey) -> Enrolled:
    """What the server answered, held against what was asked; raises EnrolmentError."""
    try:
        enrolled = msgspec.json.decode(body, type=Enrolled)
        certificate = x509.load_pem_x509_certificate(enrolled.certificate.encode())
        issuers = x509.load_pem_x509_certificates(enrolled.authority.encode())
        Verifier.from_pem(enrolled.verify_key.encode())
    except (msgspec.MsgspecError, ValueError, ProtocolError) as error:
        raise _unsound(str(error)) from error
    names = [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if enrolled.edge != edge or names != [edge]:
        raise _unsound("it is for another edge")
    if certificate.public_key() != key:
        raise _unsound("its certificate is for another key")
    if not any(_issued(certificate, issuer) for issuer in issuers):
        raise _unsound("its certificate is not by its authority")
    return enrolled


def _identity(folder: Path, edge: EdgeId) -> Identity:
    """Where the files go. Raises EnrolmentError for a folder that is another edge's, SettingsError for settings that cannot be read."""
    file = folder / DEFAULT_FILE
    fresh = Identity.in_folder(folder)
    fresh.settle()  # settings may be among what an earlier try left
    if not file.is_file():
        return fresh
    settings = read_settings(file)
    if settings.edge != edge:
        raise EnrolmentError(
            f"{folder.absolute()} belongs to the edge {settings.edge}, and the token is for {edge}: name another folder with --out.",
            f"{folder.absolute()} 属于网关 {settings.edge}，而令牌是给 {edge} 的：请用 --out 指定另一个文件夹。",
        )
    return Identity.of(settings.server)


def _authority(web: Web, token: Token) -> str:
    """The certificate (PEM) that the token names, by its fingerprint; raises EnrolmentError."""
    answer = web.ask_unbelieving("/api/v1/authority")
    if answer.status != 200:
        raise web.refused(answer)
    try:
        told = msgspec.json.decode(answer.body, type=Authority)
        certificates = x509.load_pem_x509_certificates(told.authority.encode())
    except (msgspec.MsgspecError, ValueError) as error:
        raise web.refused(answer) from error
    for one in certificates:
        if one.fingerprint(SHA256()) == token.fingerprint:
            return one.public_bytes(Encoding.PEM).decode()
    raise EnrolmentError(
        f"{web.address} is not the server that the token is from: somebody stands between, or the address is wrong. "
        "The token was not sent. Copy the line again from the page of the edge.",
        f"{web.address} 不是签发令牌的服务器：中间可能有人冒充，或地址有误。令牌没有发出。请从网关页面重新复制整行命令。",
    )


def _holds(file: Path, mark: bytes) -> bool:
    return file.is_file() and file.read_bytes() == mark


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _unsound(why: str) -> EnrolmentError:
    return EnrolmentError(
        f"The server's answer cannot be used ({why}). Nothing was changed here; try again, and tell us if it stays.",
        f"服务器的应答不可用（{why}）。本机未作任何改动；请重试，若仍如此请告知我们。",
    )
