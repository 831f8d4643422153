"""The wheel: a server that is installed from it has every page, text and front-end file, and nothing of the tests."""

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("clockbridge", "edge", "protocol", "server")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as opened:
        yield opened


def test_given_the_wheel_then_every_file_of_the_packages_is_in_it(wheel):
    ours = {file.relative_to(ROOT) for package in PACKAGES for file in (ROOT / package).rglob("*") if file.is_file()}
    ours = {str(file) for file in ours if not {"__pycache__", "node_modules"} & set(file.parts)}

    assert ours - set(wheel.namelist()) == set()


def test_given_the_wheel_then_the_front_end_files_are_in_it(wheel):
    vendor = [name for name in wheel.namelist() if name.startswith("server/web/static/vendor/")]

    assert {Path(name).suffix for name in vendor} >= {".js", ".css"}
    assert any("LICENSE" in name for name in vendor)


def test_given_the_wheel_then_nothing_else_is(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_given_the_wheel_then_its_metadata_say_what_it_is(wheel):
    (file,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = Parser().parsestr(wheel.read(file).decode())

    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "clockbridge = clockbridge.main:main" in wheel.read(file.replace("METADATA", "entry_points.txt")).decode()
    assert set(metadata.get_all("Provides-Extra")) >= {"server", "pyzk"}
