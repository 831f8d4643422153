"""Ending the connection of one edge at a broker that does not do it by itself.

mosquitto reads a new list of revoked certificates for new connections only (seen with 2.0.11: a live one goes on publishing until it
drops). Two connections of one client id it does not allow: it closes the older one. So we come in under the edge's name for a moment, with
a certificate of a day that nobody keeps, and go. Nobody else's line is touched, as a restart of the broker would.
"""

import ssl
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from protocol.identifiers import EdgeId
from server.broker.authority import Authority
from server.broker.key_files import write_secret

SECONDS = 5.0


def show_out(authority: Authority, edge: EdgeId, host: str, port: int) -> None:
    """Take the edge's place and leave it; raises OSError where the broker does not let us, AuthorityError where nothing can be signed."""
    came = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, client_id=edge, clean_session=True, protocol=MQTTProtocolVersion.MQTTv311)
    client.username_pw_set(edge)
    client.tls_set_context(_context(authority, edge))
    client.on_connect = lambda *told: came.set() if not told[3].is_failure else None
    client.connect_timeout = SECONDS
    client.connect(host, port)
    client.loop_start()
    try:
        if not came.wait(SECONDS):
            raise OSError("the broker did not let us take the edge's place")
    finally:
        client.disconnect()
        client.loop_stop()


def _context(authority: Authority, edge: EdgeId) -> ssl.SSLContext:
    """With a key that lies on the disk for as long as reading it takes: OpenSSL takes it from a file only."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority.sign_edge(edge, key.public_key(), datetime.now(UTC), days=1)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    context = ssl.create_default_context(cadata=authority.trusted().decode())
    context.check_hostname = False  # our own child, at an address that may not stand in its certificate
    with tempfile.TemporaryDirectory(dir=authority.folder) as folder:
        write_secret(Path(folder) / "place.pem", pem)
        context.load_cert_chain(Path(folder) / "place.pem")
    return context
