"""What `clockbridge edge update` does: install a package that this edge's own server has signed, and see whether it came up."""

import json
import os
import shutil
import subprocess
import time
from hashlib import file_digest
from pathlib import Path

from clockbridge.language import say
from edge.errors import EdgeError
from edge.settings import EdgeSettings
from protocol.errors import SignatureError
from protocol.signing import Verifier
from protocol.updates import check_package

PACKAGE = "clockbridge-edge"
OLDEST_WAIT_SECONDS = 330.0
"""Three starts of 90 seconds that hang, and what lies between them."""
NOTES = Path(os.environ.get("CLOCKBRIDGE_VERSIONS") or "/var/lib/clockbridge/versions.json")


class UpdateError(EdgeError):
    """A package that is not installed, or did not come up."""


def digest_of(file: Path) -> str:
    """SHA-256 in hex; raises OSError."""
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def update(settings: EdgeSettings, file: Path, *, older: bool) -> str:
    """Install it and wait until it is ready or taken back; gives what became of it in words, or raises UpdateError.

    A copy is checked and installed, so that nobody exchanges the file between the two.
    """
    if os.geteuid() != 0 or shutil.which("dpkg") is None:
        raise UpdateError(
            "A package is installed by root, with dpkg: sudo clockbridge edge update",
            "安装包须由 root 用 dpkg 安装：sudo clockbridge edge update",
        )
    copy = NOTES.parent / "update.deb"
    try:
        shutil.copyfile(file, copy)
        require_signed(settings, copy, file.with_name(file.name + ".sig"))
        version = _require_ours(copy, older=older)
        installed = _run("dpkg", "-i", copy)
    except OSError as error:
        raise UpdateError(f"{file} cannot be read ({error.strerror}).", f"无法读取 {file}（{error.strerror}）。") from error
    finally:
        copy.unlink(missing_ok=True)
    if installed.returncode:
        raise UpdateError(f"dpkg could not install it: {installed.stderr.strip()}", f"dpkg 无法安装：{installed.stderr.strip()}")
    return _outcome(version)


def require_signed(settings: EdgeSettings, package: Path, beside: Path) -> None:
    """Raises UpdateError unless the server whose key stands in the kit has signed this package."""
    digest = digest_of(package)
    try:
        check_package(digest, beside.read_text("ascii"), Verifier.from_pem(settings.server.verify_key.read_bytes()))
    except (OSError, UnicodeDecodeError, SignatureError) as error:
        said = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise UpdateError(
            f"This update is not taken: {beside} does not vouch for it ({said}). "
            "Sign it at this edge's server: `clockbridge server sign-update FILE`.",
            f"不接受该更新：{beside} 不能证明其来源（{said}）。请在本网关的服务器上执行 `clockbridge server sign-update FILE`。",
        ) from error


def _require_ours(package: Path, *, older: bool) -> str:
    """Its version; raises UpdateError for another program's package, and for an older version unless that is meant."""
    name, version = (_run("dpkg-deb", "-f", package, field).stdout.strip() for field in ("Package", "Version"))
    if name != PACKAGE or not version:
        raise UpdateError(f"This is no package {PACKAGE}.", f"这不是 {PACKAGE} 安装包。")
    present = _run("dpkg-query", "-W", "-f=${Version}", PACKAGE).stdout
    if not older and _run("dpkg", "--compare-versions", version, "lt", present or "0").returncode == 0:
        raise UpdateError(
            f"{version} is older than {present}, which is installed: say --older if you mean it.",
            f"{version} 比已安装的 {present} 旧：如确需安装，请加 --older。",
        )
    return version


def _run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - the words are ours


def _outcome(version: str) -> str:
    end = time.monotonic() + OLDEST_WAIT_SECONDS
    while time.monotonic() < end:
        notes = json.loads(NOTES.read_text())
        if notes["proven"]:
            break
        time.sleep(1)
    else:
        raise UpdateError(f"{version} is installed and has not said yet that it is ready.", f"{version} 已安装，但尚未就绪。")
    if notes["current"] == f"versions/{version}":
        return say(f"{version} runs.", f"{version} 已运行。")
    reason, instead = notes["refused"]["reason"], notes["refused"]["instead"]
    raise UpdateError(
        f"{version} did not come up ({reason}): {instead} runs again.", f"{version} 未能启动（{reason}）：已恢复运行 {instead}。"
    )
