"""What the server's key says of a package for edges: that the file with this digest is one. It stands in a small file beside the package.

FILE.sig     clockbridge-edge-update 1
             sha256 <64 hex digits>
             key <key id>
             signature <128 hex digits, over the two lines that come first>
"""

from protocol.errors import SignatureError
from protocol.signing import Signer, Verifier

HEAD = "clockbridge-edge-update 1"


def sign_package(digest: str, signer: Signer) -> str:
    """digest: SHA-256 of the package, hex."""
    statement = f"{HEAD}\nsha256 {digest}\n"
    return f"{statement}key {signer.key_id}\nsignature {signer.sign(statement.encode()).hex()}\n"


def check_package(digest: str, signed: str, server: Verifier) -> None:
    """Return quietly when the server has signed a package of this digest; raises SignatureError."""
    lines = signed.splitlines()
    if len(lines) != 4 or lines[0] != HEAD or not lines[3].startswith("signature "):
        raise SignatureError("this is no signature of an update")
    if lines[1] != f"sha256 {digest}":
        raise SignatureError("the file is not the one that was signed")
    if lines[2] != f"key {server.key_id}":
        raise SignatureError("another server signed it")
    try:
        signature = bytes.fromhex(lines[3].removeprefix("signature "))
    except ValueError as error:
        raise SignatureError("this is no signature of an update") from error
    server.verify(signature, f"{lines[0]}\n{lines[1]}\n".encode())
