"""Coming in at a broker for a moment: to end the connection of one edge, or to see whether it lets a certificate in.

mosquitto reads a new list of revoked certificates for new connections only (seen with 2.0.11: a live one goes on publishing until it
drops). Two connections of one client id no broker allows: it closes the older one (MQTT 3.1.1, 3.1.4-2). So we come in under the edge's
name for a moment, with a certificate of a day that nobody keeps, and go. Nobody else's line is touched, as a restart of the broker would.
"""

import socket
import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from protocol.identifiers import EdgeId
from server.broker.authority import Authority
from server.broker.key_files import write_secret

SECONDS = 5.0
LET_IN = b"\x20\x02\x00\x00"
DISCONNECT = b"\xe0\x00"


class Visitor:
    """A name with a certificate of a day; its key is kept nowhere."""

    def __init__(self, authority: Authority, name: EdgeId) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        self.name = name
        self.certificate: x509.Certificate = authority.sign_edge(name, key.public_key(), datetime.now(UTC), days=1)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._context = _context(authority, pem + self.certificate.public_bytes(Encoding.PEM))

    def comes_in(self, host: str, port: int) -> bool:
        """Connect and go; whether the broker let us. Raises OSError where nobody answers there, or somebody else does."""
        with socket.create_connection((host, port), SECONDS) as line:
            try:
                with self._context.wrap_socket(line, server_hostname=host) as secure:
                    secure.sendall(_connect(self.name))
                    came = secure.recv(len(LET_IN)) == LET_IN
                    if came:
                        secure.sendall(DISCONNECT)
                    return came
            except ssl.SSLCertVerificationError:
                raise
            except (ssl.SSLError, ConnectionError):
                return False


def show_out(authority: Authority, edge: EdgeId, host: str, port: int) -> None:
    """Take the edge's place and leave it; raises OSError where the broker does not let us, AuthorityError where nothing can be signed."""
    if not Visitor(authority, edge).comes_in(host, port):
        raise OSError("the broker did not let us take the edge's place")


def _connect(name: str) -> bytes:
    """CONNECT of MQTT 3.1.1: name as client id and user, a clean session, a minute of keep-alive."""
    text = len(name).to_bytes(2, "big") + name.encode("ascii")
    body = b"\x00\x04MQTT\x04\x82\x00\x3c" + text + text
    return bytes((0x10, *_length(len(body)))) + body


def _length(size: int) -> tuple[int, ...]:
    """A remaining length; names are short, so two bytes reach."""
    return (size,) if size < 128 else (size % 128 | 0x80, size // 128)


def _context(authority: Authority, pem: bytes) -> ssl.SSLContext:
    """With a key that lies on the disk for as long as reading it takes: OpenSSL takes it from a file only."""
    context = ssl.create_default_context(cadata=authority.trusted().decode())
    context.check_hostname = False  # our own child, at an address that may not stand in its certificate
    with tempfile.TemporaryDirectory(dir=authority.folder) as folder:
        write_secret(Path(folder) / "place.pem", pem)
        context.load_cert_chain(Path(folder) / "place.pem")
    return context
