"""Webhooks: which addresses may be told, and what exactly is posted there. Pure.

Ours is JSON, signed so that its reader knows that it comes from here and is new: `Clockbridge-Signature: t=SECONDS,v1=HEX`, where HEX is
HMAC-SHA256 over `SECONDS.BODY` with the webhook's secret. Robots of group chats want forms of their own: WeCom
(developer.work.weixin.qq.com, "群机器人配置说明"), DingTalk (open.dingtalk.com, "自定义机器人安全设置": signed in the address) and
Feishu (open.feishu.cn, "自定义机器人使用指南": signed in the body).
"""

import hmac
import ipaddress
import json
from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from server.errors import InvalidInputError
from server.notify.model import HookForm, Message

LONGEST_URL, LONGEST_TEXT = 1_000, 1_800
"""Bytes of an address; of a text, below what each robot takes (WeCom: 2,048 bytes) with room for its frame."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One POST."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def usable_address(url: str, named: Collection[str]) -> str:
    """The address where it may be told things: HTTPS, or a host that the settings name. Raises InvalidInputError."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise InvalidInputError(field="url", reason=NO_ADDRESS) from error
    if not host or parts.scheme not in {"http", "https"} or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        raise InvalidInputError(field="url", reason=NO_ADDRESS)
    if parts.username is not None or parts.password is not None:
        raise InvalidInputError(field="url", reason="leave name and password out of the address; it is signed with the secret")
    if host in named:
        return url
    if parts.scheme != "https":
        raise InvalidInputError(field="url", reason="use https; plain http is for hosts that webhook_hosts in the server's settings names")
    if _is_inside(host):
        raise InvalidInputError(field="url", reason=INSIDE)
    return url


NO_ADDRESS = "give the whole address, such as https://example.com/hook"
INSIDE = "this address lies inside your network: have its host named under webhook_hosts in the server's settings"


def _is_inside(host: str) -> bool:
    """Whether it is a number of no public host, or a name that only this machine or network knows."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host


def posting_of(form: HookForm, url: str, secret: str, message: Message, delivery: str, now: datetime) -> Posting:
    """What is posted. delivery: the same for every try of the same message. secret "": not signed, which robots may allow."""
    seconds = int(now.timestamp())
    if form is HookForm.WECOM:
        return _json(url, {"msgtype": "text", "text": {"content": _text(message)}})
    if form is HookForm.DINGTALK:
        return _json(_signed_for_dingtalk(url, secret, seconds * 1000), {"msgtype": "text", "text": {"content": _text(message)}})
    if form is HookForm.FEISHU:
        signed = {"timestamp": str(seconds), "sign": _feishu_sign(secret, seconds)} if secret else {}
        return _json(url, {**signed, "msg_type": "text", "content": {"text": _text(message)}})
    posting = _json(url, {"heading": message.heading, "delivery": delivery, **message.facts})
    mark = hmac.new(secret.encode(), f"{seconds}.".encode() + posting.body, "sha256").hexdigest()
    return Posting(
        url, {**posting.headers, "Clockbridge-Delivery": delivery, "Clockbridge-Signature": f"t={seconds},v1={mark}"}, posting.body
    )


def _json(url: str, content: Mapping[str, Any]) -> Posting:
    return Posting(url, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(content, ensure_ascii=False).encode())


def _text(message: Message) -> str:
    """For people in a chat; cut at a character where it is longer than a robot takes."""
    whole = "\n".join([message.heading, *(" ".join(filter(None, line)) for line in message.lines)])
    cut = whole.encode()[:LONGEST_TEXT].decode(errors="ignore")
    return whole if cut == whole else f"{cut}…"


def _signed_for_dingtalk(url: str, secret: str, milliseconds: int) -> str:
    if not secret:
        return url
    sign = b64encode(hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), "sha256").digest()).decode()
    return f"{url}{'&' if '?' in url else '?'}timestamp={milliseconds}&sign={quote(sign, safe='')}"


def _feishu_sign(secret: str, seconds: int) -> str:
    """Feishu's own way: the text is the key, and nothing is signed with it."""
    return b64encode(hmac.new(f"{seconds}\n{secret}".encode(), b"", "sha256").digest()).decode()
