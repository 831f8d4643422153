"""What stands in our certificates and lists of revoked ones; nothing here reads or writes a file."""

import ipaddress
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

AUTHORITY_LIFE = timedelta(days=365 * 10)
BACKDATED = timedelta(minutes=5)
"""A box whose clock is a little slow must still be able to use a new certificate."""


def self_signed(common: str, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    """An authority's own certificate."""
    name = named(common, "authority")
    return (
        unsigned(name, name, key.public_key(), now, now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(signs=True), critical=True)
        .sign(key, SHA256())
    )


def revocation_list(
    issuer: x509.Name, key: ec.EllipticCurvePrivateKey, serials: list[int], now: datetime
) -> x509.CertificateRevocationList:
    """What is no longer good, whoever of ours had signed it."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer).last_update(now - BACKDATED)
    builder = builder.next_update(now + AUTHORITY_LIFE)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    for serial in serials:
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build())
    return builder.sign(key, SHA256())


def unsigned(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, end: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def named(common: str, unit: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def reached_at(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
