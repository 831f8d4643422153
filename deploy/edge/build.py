"""`./dev deb [VERSION]`: the edge as a package for Debian 12, `dist/clockbridge-edge_VERSION_ARCHITECTURE.deb`.

It holds everything but Python: a virtual environment whose packages come from requirements-edge.lock, by hash, and our own code, compiled.
The same commit gives the same bytes: times are the commit's, and byte code is checked by hash.
"""

import compileall
import os
import platform
import py_compile
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE, DIST = ROOT / "deploy/edge", ROOT / "dist"
PACKAGES = ("protocol", "edge", "clockbridge")
SERVER_ONLY = ("demo",)
"""Folders of `clockbridge` that need the server."""
PYTHON = (3, 11)
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "armhf"}
VERSION = re.compile(r"[0-9][A-Za-z0-9.+~]*")
CONTROL = """\
Package: clockbridge-edge
Version: {version}
Architecture: {architecture}
Maintainer: Clockbridge maintainers <maintainers@users.noreply.r-seed-225929ee.example>
Installed-Size: {kilobytes}
Depends: python3 (>= 3.11), python3 (<< 3.12), adduser, util-linux
Recommends: systemd
Section: net
Priority: optional
Description: Clockbridge edge: reads clock terminals and hands punches over
 Runs beside the clock terminals of a site, keeps every punch in a durable
 outbox, and hands it over to the Clockbridge server. Goes on without a network.
"""


def main(uv: str, version: str) -> Path:
    """Build it; gives the file."""
    if sys.version_info[:2] != PYTHON:
        sys.exit("The package is for Debian 12: build it with Python 3.11.")
    if not VERSION.fullmatch(version):
        sys.exit(f"{version!r} is no version: digits, letters, dots, + and ~, and a digit first.")
    if shutil.which("dpkg-deb") is None:
        sys.exit("The package is put together by dpkg-deb: apt install dpkg")
    moment = _moment()
    tree = DIST / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    place = tree / "opt/clockbridge/versions" / version
    _environment(place, uv, version)
    _files(tree)
    architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
    _control(tree, version, architecture)
    _settle(tree, moment)
    package = DIST / f"clockbridge-edge_{version}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", tree, package],
        env=os.environ | {"SOURCE_DATE_EPOCH": str(moment)}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    shutil.rmtree(tree)
    return package


def _moment() -> int:
    told = os.environ.get("SOURCE_DATE_EPOCH")
    found = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return int(told or found or 0)


def _environment(place: Path, uv: str, version: str) -> None:
    """A virtual environment that may lie anywhere: Python finds it by the file beside its own link."""
    site = place / "lib/python3.11/site-packages"
    site.mkdir(parents=True)
    subprocess.run(
        [uv, "pip", "install", "-q", "--target", site, "--python", sys.executable, "--link-mode", "copy",
         "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", ROOT / "requirements-edge.lock"],
        env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"}, check=True,
    )  # fmt: skip
    for leftover in (site / "bin", site / ".lock"):
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, site / package, ignore=shutil.ignore_patterns("__pycache__", *SERVER_ONLY))
    about = site / f"clockbridge-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: clockbridge\nVersion: {version}\n")
    for record in site.glob("*.dist-info/*"):  # what an installer notes of itself: places and times of this machine
        if record.name in {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}:
            record.unlink()
    compileall.compile_dir(
        str(site), quiet=2, ddir=f"/opt/clockbridge/versions/{version}/lib/python3.11/site-packages",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )  # fmt: skip
    (place / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11\n")
    (place / "bin").mkdir()
    (place / "bin/python").symlink_to("/usr/bin/python3.11")
    schema = re.search(r"^VERSION = (\d+)$", (ROOT / "edge/outbox/schema.py").read_text(), re.MULTILINE)
    assert schema
    (place / "outbox-schema").write_text(f"{schema[1]}\n")


def _files(tree: Path) -> None:
    for source, target, mode in (
        ("starter.py", "opt/clockbridge/starter.py", 0o755),
        ("launcher", "usr/bin/clockbridge", 0o755),
        ("clockbridge-edge.service", "lib/systemd/system/clockbridge-edge.service", 0o644),
        ("modules-load.conf", "usr/lib/modules-load.d/clockbridge-edge.conf", 0o644),
        ("default", "etc/default/clockbridge-edge", 0o644),
        ("README", "usr/share/doc/clockbridge-edge/README", 0o644),
        ("../../LICENSE", "usr/share/doc/clockbridge-edge/copyright", 0o644),
    ):
        _put(HERE / source, tree / target, mode)


def _control(tree: Path, version: str, architecture: str) -> None:
    kilobytes = sum(path.lstat().st_size for path in tree.rglob("*")) // 1024
    about = tree / "DEBIAN"
    about.mkdir()
    (about / "control").write_text(CONTROL.format(version=version, architecture=architecture, kilobytes=kilobytes))
    (about / "conffiles").write_text("/etc/default/clockbridge-edge\n")
    for script in ("preinst", "postinst", "prerm", "postrm"):
        _put(HERE / script, about / script, 0o755)
        (about / script).write_text((about / script).read_text().replace("@VERSION@", version))


def _put(source: Path, target: Path, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def _settle(tree: Path, moment: int) -> None:
    """One time and plain rights everywhere."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (moment, moment), follow_symlinks=False)


if __name__ == "__main__":
    own = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    print(main(sys.argv[1], *(sys.argv[2:3] or [own])))
