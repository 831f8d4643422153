"""Packages for the tests: one as `./dev deb` builds it, and others made from it under another version."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.box import clean_root

ROOT = Path(__file__).parents[2]
Change = Callable[[Path], None]
"""Gets the folder of the version."""


def built(folder: Path) -> Path:
    """As people build it, from what lies here."""
    clean_root()  # says first why there can be none
    uv = shutil.which("uv") or next((ROOT / ".tools").glob("uv-*/bin/uv"))
    done = subprocess.run([sys.executable, ROOT / "deploy/edge/build.py", uv, "1.0"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(shutil.move(done.stdout.strip(), folder))


def remade(package: Path, version: str, change: Change = lambda _: None) -> Path:
    """The same package as another version, with something changed in it."""
    tree = package.parent / f"tree-{version}"
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    for file in ("control", "postinst"):
        about = tree / "DEBIAN" / file
        about.write_text(about.read_text().replace("1.0", version))
    place = (tree / "opt/clockbridge/versions/1.0").rename(tree / f"opt/clockbridge/versions/{version}")
    site = place / "lib/python3.11/site-packages"
    (site / "clockbridge-1.0.dist-info/METADATA").write_text(f"Metadata-Version: 2.1\nName: clockbridge\nVersion: {version}\n")
    change(place)
    made = package.with_name(f"clockbridge-edge_{version}.deb")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, made], check=True, capture_output=True)
    shutil.rmtree(tree)
    return made


def broken_at_start(place: Path) -> None:
    main = place / "lib/python3.11/site-packages/edge/main.py"
    shutil.rmtree(main.parent / "__pycache__")
    main.write_text("raise RuntimeError('a release that nobody tried')\n")
