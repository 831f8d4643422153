"""The server's web port as an edge uses it: to enrol, and to renew its certificate.

Two kinds of server certificate are believed. One of our own authority, whatever this machine's clock says: the authority's certificate
was held against a fingerprint, and a box whose battery is dead must be able to enrol. Else one that this machine's system believes, in its
time: the company's own, or a proxy's in front of the pages.
"""

import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from edge.errors import EnrolmentError
from protocol.enrolment import Refused

SECONDS = 20.0
LARGEST_ANSWER = 512 * 1024
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME
_ENDED, _NOT_YET = 10, 9
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    body: bytes


def unbelieving() -> ssl.SSLContext:
    """For what is held against a fingerprint afterwards, and holds no secret."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def believing(authority: str) -> Iterator[ssl.SSLContext]:
    """Our own authority (PEM) at any time, then whom the system believes."""
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ours.load_verify_locations(cadata=authority)
    ours.verify_flags = ssl.VerifyFlags(ours.verify_flags | _NO_CHECK_TIME)
    yield ours
    yield ssl.create_default_context()


class Web:
    """The server's pages at an address; plain HTTP is for this machine alone."""

    def __init__(self, address: str, *, chinese: bool = False) -> None:
        """Raises EnrolmentError for an address that cannot be used."""
        parts = urlsplit(address.rstrip("/"))
        try:
            self._host, self._port = parts.hostname or "", parts.port
        except ValueError:
            self._host = ""
        self._tls = parts.scheme == "https"
        if not self._host or not (self._tls or (parts.scheme == "http" and self._host in LOOPBACK)):
            raise EnrolmentError(
                f"{address or 'Nothing'} is no address of the server's pages: it begins with https://.",
                f"{address or '空'} 不是服务器页面的地址：应以 https:// 开头。",
            )
        self.address, self._prefix, self._chinese = address.rstrip("/"), parts.path, chinese

    def ask(self, method: str, path: str, context: ssl.SSLContext, body: bytes | None = None) -> Answer:
        """One request; raises OSError or http.client.HTTPException."""
        if self._tls:
            line: http.client.HTTPConnection = http.client.HTTPSConnection(self._host, self._port, timeout=SECONDS, context=context)
        else:
            line = http.client.HTTPConnection(self._host, self._port, timeout=SECONDS)
        headers = {"accept-language": "zh" if self._chinese else "en", "content-type": "application/json"}
        try:
            line.request(method, self._prefix + path, body, headers)
            answer = line.getresponse()
            return Answer(answer.status, answer.read(LARGEST_ANSWER))
        finally:
            line.close()

    def ask_unbelieving(self, path: str) -> Answer:
        """What nobody has vouched for yet; raises EnrolmentError."""
        try:
            return self.ask("GET", path, unbelieving())
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error

    def ask_believing(self, method: str, path: str, authority: str, body: bytes | None = None) -> Answer:
        """From a server that is ours, or that this system believes; raises EnrolmentError, and then nothing was sent to a stranger."""
        try:
            *first, last = believing(authority)
            for context in first:
                try:
                    return self.ask(method, path, context, body)
                except ssl.SSLCertVerificationError:
                    continue
            return self.ask(method, path, last, body)
        except ssl.SSLCertVerificationError as error:
            raise self._stranger(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error

    def refused(self, answer: Answer) -> EnrolmentError:
        """The server's own words where it has any."""
        try:
            said = msgspec.json.decode(answer.body, type=Refused).message
        except msgspec.MsgspecError:
            said = ""
        if said:
            return EnrolmentError(said, said)
        if answer.status >= 500:
            return EnrolmentError(
                f"The server cannot answer now ({answer.status}); nothing is lost. Try again in a minute.",
                f"服务器暂时无法应答（{answer.status}）；没有丢失任何东西。请一分钟后重试。",
            )
        return EnrolmentError(
            f"{self.address} answers {answer.status} and is no Clockbridge server: copy the line again from the page of the edge.",
            f"{self.address} 返回 {answer.status}，不是 Clockbridge 服务器：请从网关页面重新复制整行命令。",
        )

    def _unreachable(self, error: Exception) -> EnrolmentError:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return EnrolmentError(
            f"{self.address} cannot be reached ({said}): check address, cable, network and firewall, then try again.",
            f"无法连接 {self.address}（{said}）：请检查地址、网线、网络和防火墙，然后重试。",
        )

    def _stranger(self, error: ssl.SSLCertVerificationError) -> EnrolmentError:
        if error.verify_code in (_ENDED, _NOT_YET):
            return EnrolmentError(
                f"The certificate of {self.address} is not in force by this machine's clock ({error.verify_message}): set the clock first.",
                f"按本机时钟，{self.address} 的证书不在有效期内（{error.verify_message}）：请先校准本机时钟。",
            )
        return EnrolmentError(
            f"{self.address} is not our server, and this system does not believe it ({error.verify_message}). "
            "Write the name that stands in its certificate, or have its authority installed on this machine.",
            f"{self.address} 不是我们的服务器，本系统也不信任它（{error.verify_message}）。"
            "请使用其证书中的名称，或在本机安装其证书颁发机构。",
        )
