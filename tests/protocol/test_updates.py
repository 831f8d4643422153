import pytest

from protocol.errors import SignatureError
from protocol.signing import Signer
from protocol.updates import check_package, sign_package

SERVER, OTHER = Signer.from_seed(bytes(32)), Signer.from_seed(bytes([1]) * 32)
DIGEST = "ab" * 32


def test_given_a_package_that_the_server_signed_when_checked_then_it_passes_and_any_other_does_not():
    signed = sign_package(DIGEST, SERVER)

    check_package(DIGEST, signed, SERVER.verifier)

    for digest, text, server, said in (
        ("cd" * 32, signed, SERVER, "not the one that was signed"),
        (DIGEST, signed, OTHER, "another server signed it"),
        (DIGEST, sign_package(DIGEST, OTHER).replace(OTHER.key_id, SERVER.key_id), SERVER, "does not match"),
        ("cd" * 32, signed.replace(DIGEST, "cd" * 32), SERVER, "does not match"),
        (DIGEST, "", SERVER, "no signature of an update"),
        (DIGEST, signed.rpartition(" ")[0] + " zz\n", SERVER, "no signature of an update"),
        (DIGEST, signed.rpartition(" ")[0] + " 00\n", SERVER, "does not match"),
    ):
        with pytest.raises(SignatureError, match=said):
            check_package(digest, text, server.verifier)
