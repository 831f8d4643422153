"""Why there is no line to the broker, in a sentence with the next step, for the log and for `clockbridge edge status`. Pure."""

import socket
import ssl
from dataclasses import dataclass

_UNKNOWN_HOST = (socket.EAI_NONAME, socket.EAI_AGAIN, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
_WRONG_NAME = 62  # X509_V_ERR_HOSTNAME_MISMATCH
_WRONG_ADDRESS = 64  # X509_V_ERR_IP_ADDRESS_MISMATCH
_ENDED, _NOT_YET = 10, 9


@dataclass(frozen=True, slots=True)
class Trouble:
    """One sentence in each language."""

    english: str
    chinese: str


def of_error(error: OSError, host: str, port: int) -> Trouble:
    """Why a line could not be opened."""
    place = f"{host}:{port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error, place)
    if isinstance(error, ssl.SSLError):
        return Trouble(
            f"No encrypted line to {place} ({error.reason or error}): check that the broker's TLS port is named in server.port, "
            "and that this edge's certificate is in force.",
            f"无法与 {place} 建立加密连接（{error.reason or error}）："
            "请检查 server.port 是否为消息代理的 TLS 端口，以及本网关的证书是否有效。",
        )
    if isinstance(error, socket.gaierror) and error.errno in _UNKNOWN_HOST:
        return Trouble(
            f"The name {host} is not known: correct server.host, or the network's name service.",
            f"找不到主机名 {host}：请改正 server.host，或检查网络的域名解析。",
        )
    if isinstance(error, ConnectionRefusedError):
        return Trouble(
            f"Nobody listens at {place}: start the server there, or correct server.host and server.port.",
            f"{place} 没有程序在监听：请在那里启动服务器，或改正 server.host 和 server.port。",
        )
    said = error.strerror or str(error)
    return Trouble(
        f"{place} cannot be reached ({said}): check cable, network and firewall.",
        f"无法连接 {place}（{said}）：请检查网线、网络和防火墙。",
    )


def _of_certificate(error: ssl.SSLCertVerificationError, place: str) -> Trouble:
    if error.verify_code in (_WRONG_NAME, _WRONG_ADDRESS):
        return Trouble(
            f"The broker at {place} has a certificate for another name: write the name that stands in it into server.host.",
            f"{place} 的消息代理证书不是给这个名称的：请在 server.host 中填写证书里的名称。",
        )
    if error.verify_code in (_ENDED, _NOT_YET):
        return Trouble(
            f"The certificate of the broker at {place} is not in force ({error.verify_message}): check the clock of this machine, "
            "then the server's certificates.",
            f"{place} 的消息代理证书不在有效期内（{error.verify_message}）：请先检查本机时钟，再检查服务器的证书。",
        )
    return Trouble(
        f"The broker at {place} is not ours: server.ca did not sign its certificate ({error.verify_message}). "
        "Correct server.host, or put the ca.crt of that server's kit here.",
        f"{place} 的消息代理不是我们的：其证书不是由 server.ca 签发（{error.verify_message}）。"
        "请改正 server.host，或换上该服务器套件中的 ca.crt。",
    )


def of_refusal(said: str) -> Trouble:
    """The broker is there and says no."""
    return Trouble(
        f"The broker refuses this edge ({said}): it may be revoked or replaced; make a new kit with `clockbridge server add-edge`.",
        f"消息代理拒绝本网关（{said}）：它可能已被吊销或替换；请用 `clockbridge server add-edge` 生成新的套件。",
    )


def of_break(said: str) -> Trouble:
    """A line that was open, or about to be, is gone."""
    return Trouble(
        f"The line to the server broke ({said}); it is opened again by itself.", f"与服务器的连接断开（{said}）；程序会自动重新连接。"
    )


DROPPED = Trouble(
    "The broker drops this edge before it answers: it may not take the edge's certificate (revoked, replaced, ended, or of another "
    "server). Check the clock of this machine, then make a new kit with `clockbridge server add-edge`.",
    "消息代理在应答前断开了本网关：可能不接受其证书（已吊销、已替换、已过期或属于其他服务器）。"
    "请检查本机时钟，再用 `clockbridge server add-edge` 生成新的套件。",
)
SILENT = Trouble(
    "The broker takes the connection and does not answer: look whether the server's broker hangs.",
    "消息代理接受了连接但没有应答：请检查服务器的消息代理是否卡住。",
)
ASKED = Trouble("A new line to the server is being opened.", "正在重新连接服务器。")
