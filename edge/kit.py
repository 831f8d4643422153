"""The files of an edge's kit, read and held against each other before anything begins: a wrong one is told at once, not found on the line.

Whether they are in force, and whether the server still takes them, only the line can tell.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from edge.errors import SettingsError
from edge.settings import EdgeSettings
from protocol.errors import ProtocolError
from protocol.signing import Signer, Verifier

T = TypeVar("T")
Finding = tuple[str, str]
_NEW_KIT = "put the files of its kit back, or make a new one with `clockbridge server add-edge`"
_NEW_KIT_CHINESE = "请放回套件中的文件，或用 `clockbridge server add-edge` 生成新的套件"


@dataclass(frozen=True, slots=True)
class Keys:
    """What an edge signs with, and what it believes."""

    signer: Signer
    server: Verifier


def open_kit(settings: EdgeSettings) -> Keys:
    """Read every file of the kit; raises SettingsError with all that is wrong at once."""
    server = settings.server
    findings: list[Finding] = []

    def read(name: str, path: Path, what: Finding, parse: Callable[[bytes], T]) -> T | None:
        try:
            return parse(path.read_bytes())
        except OSError as error:
            findings.append(
                (
                    f"server.{name}: {path} cannot be read ({error.strerror}): give this user the right to read it.",
                    f"server.{name}：无法读取 {path}（{error.strerror}）：请授予该用户读取权限。",
                )
            )
        except (ProtocolError, ValueError, TypeError, UnsupportedAlgorithm):
            findings.append(
                (f"server.{name}: {path} is no {what[0]}: {_NEW_KIT}.", f"server.{name}：{path} 不是{what[1]}：{_NEW_KIT_CHINESE}。")
            )
        return None

    signer = read("signing_key", server.signing_key, ("Ed25519 private key (PEM)", " Ed25519 私钥（PEM）"), Signer.from_pem)
    verifier = read("verify_key", server.verify_key, ("Ed25519 public key (PEM)", " Ed25519 公钥（PEM）"), Verifier.from_pem)
    read("ca", server.ca, ("certificate (PEM)", "证书（PEM）"), _certificates)
    certificates = read("certificate", server.certificate, ("certificate (PEM)", "证书（PEM）"), _certificates)
    key = read("key", server.key, ("private key (PEM)", "私钥（PEM）"), lambda pem: load_pem_private_key(pem, None).public_key())
    if certificates and key is not None:
        findings += _disagreements(settings, certificates[0], certificates[0].public_key() == key)
    if findings or signer is None or verifier is None:
        raise SettingsError(findings)
    return Keys(signer, verifier)


def _certificates(pem: bytes) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem)


def _disagreements(settings: EdgeSettings, certificate: x509.Certificate, fits: bool) -> Iterator[Finding]:
    server = settings.server
    if not fits:
        yield (
            f"server.key: {server.key} is not the key of {server.certificate}: {_NEW_KIT}.",
            f"server.key：{server.key} 不是 {server.certificate} 的私钥：{_NEW_KIT_CHINESE}。",
        )
    names = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [settings.edge]:
        yield (
            f"server.certificate: {server.certificate} is for {', '.join(names) or 'nobody'}, not for edge {settings.edge}: {_NEW_KIT}.",
            f"server.certificate：{server.certificate} 属于 {'、'.join(names) or '无名者'}，不是网关 {settings.edge}：{_NEW_KIT_CHINESE}。",
        )
