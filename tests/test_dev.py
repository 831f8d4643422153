"""`./dev` on machines that lack something: one clear sentence, and nothing half done."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEV = ROOT / "dev"
CI = (ROOT / ".ci" / "run").read_text()


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """The script as a module, with folders of its own and no uv anywhere."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("dev", str(DEV))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("dev", loader))
    loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module.shutil, "which", lambda *_, **__: None)
    (tmp_path / ".tools").mkdir()
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    return module


@pytest.mark.parametrize("version", [(3, 7), (3, 9), (3, 10)])
def test_given_an_old_python_then_it_can_read_the_script(version):
    ast.parse(DEV.read_text(), feature_version=version)


@pytest.mark.parametrize("version", [(3, 7, 16), (3, 10, 13)])
def test_given_an_old_python_when_run_then_one_sentence_says_so_and_nothing_is_made(dev, monkeypatch, capsys, tmp_path, version):
    monkeypatch.setattr(dev.sys, "version_info", version)
    monkeypatch.setattr(dev.sys, "argv", ["dev", "demo"])

    assert dev.main() == 1

    assert re.fullmatch(r"Clockbridge needs Python 3\.11 or newer; this is [\d.]+\. .*apt install python3.*\n", capsys.readouterr().err)
    assert not (tmp_path / ".venv").exists()


def test_given_neither_uv_nor_venv_nor_pip_when_run_then_it_says_what_to_install(dev, monkeypatch, capsys, tmp_path):
    def missing(*command, **_):
        return subprocess.CompletedProcess(command, 1, "", "Error: No module named pip\n")

    monkeypatch.setattr(dev, "run", missing)

    with pytest.raises(SystemExit) as ended:
        dev.prepare("requirements.lock")

    assert ended.value.code == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("· Fetching uv")
    assert said[1] == "dev needs uv, or a Python that has venv or pip. On Debian or Ubuntu: apt install python3-venv"
    assert not list((tmp_path / ".tools").glob("uv*"))


def test_given_no_way_to_the_package_index_when_run_then_it_says_that_and_not_that_venv_is_missing(dev, monkeypatch, capsys):
    def no_network(*command, **_):
        failed = "install" in map(str, command)
        return subprocess.CompletedProcess(command, int(failed), "", "ERROR: No matching distribution found for uv\n" if failed else "")

    monkeypatch.setattr(dev, "run", no_network)

    with pytest.raises(SystemExit):
        dev.find_uv()

    said = capsys.readouterr().err
    assert "package index" in said
    assert "apt install" not in said


def test_given_a_folder_of_somebody_else_when_run_then_it_says_who_may(dev, monkeypatch, capsys):
    def refused(_arguments):
        raise PermissionError(13, "Permission denied", "/opt/clockbridge/.tools")

    monkeypatch.setattr(dev, "demo", refused)
    monkeypatch.setattr(dev.sys, "argv", ["dev", "demo"])
    monkeypatch.setattr(dev.os, "chdir", lambda _: None)

    assert dev.main() == 1
    assert "dev may not write here (/opt/clockbridge/.tools)" in capsys.readouterr().err


def test_given_an_environment_that_broke_off_when_run_again_then_it_is_made_again(dev, monkeypatch, tmp_path):
    made = []
    monkeypatch.setattr(dev, "run_in_venv", lambda *_: 0)
    monkeypatch.setattr(dev, "make_environment", lambda lock: made.append(lock) or (tmp_path / ".venv").mkdir(exist_ok=True))
    dev.prepare("requirements-dev.lock")
    dev.prepare("requirements.lock")  # the dev lock holds it
    (tmp_path / "requirements-dev.lock").write_text("changed")

    def breaks(_lock):
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "make_environment", breaks)
    with pytest.raises(KeyboardInterrupt):
        dev.prepare("requirements-dev.lock")
    (tmp_path / "requirements-dev.lock").write_text("requirements-dev.lock")
    monkeypatch.setattr(dev, "make_environment", made.append)
    dev.prepare("requirements-dev.lock")

    assert made == ["requirements-dev.lock", "requirements-dev.lock"]


def test_given_a_task_when_run_then_signals_reach_it_because_dev_became_it(dev, monkeypatch, tmp_path):
    program = tmp_path / ".venv" / "bin" / "task"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho $$ $VIRTUAL_ENV $1\n")
    program.chmod(0o755)
    reading, writing = os.pipe()

    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", BECOME, str(DEV), str(tmp_path)],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1)],
    )
    os.close(writing)
    with os.fdopen(reading) as said:
        words = said.read().split()
    os.waitpid(child, 0)

    assert words == [str(child), str(tmp_path / ".venv"), "--check"]


BECOME = """
import importlib.util, sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
sys.dont_write_bytecode = True
loader = SourceFileLoader("dev", sys.argv[1])
dev = importlib.util.module_from_spec(importlib.util.spec_from_loader("dev", loader))
loader.exec_module(dev)
dev.VENV = Path(sys.argv[2]) / ".venv"
dev.become("task", "--check")
"""


def test_given_a_machine_that_keeps_no_bytecode_when_a_task_is_run_then_its_processes_keep_it(dev, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("SOMETHING_ELSE", "1")

    kept = dev.venv_environment()

    assert "PYTHONDONTWRITEBYTECODE" not in kept
    assert kept["SOMETHING_ELSE"] == "1"


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_given_no_task_when_run_then_it_lists_them(arguments):
    done = subprocess.run([sys.executable, DEV, *arguments], capture_output=True, text=True)

    assert done.returncode == 0
    assert all(f"./dev {task}" in done.stdout for task in ("demo", "test", "check", "bench", "soak", "cases", "lock"))


def test_given_a_task_that_does_not_exist_when_run_then_the_list_and_a_failure():
    assert subprocess.run([sys.executable, DEV, "tset"], capture_output=True).returncode == 2


def test_given_parts_of_the_tests_that_are_missing_without_root_then_each_is_told_with_its_package(dev, monkeypatch, capsys):
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)

    dev.test_parts()

    said = capsys.readouterr().err.splitlines()
    assert all(any(line.startswith(f"· Without {package} ") for line in said) for package, _ in dev.PARTS.values())


def test_given_the_change_gate_then_it_installs_every_part_and_passes_no_skip_and_runs_what_people_run(dev):
    installed = set(" ".join(re.findall(r"parts\+?=\((.*?)\)", CI, re.DOTALL)).split())

    assert {package for package, _ in dev.PARTS.values()} | {"python3", "python3-venv", "ca-certificates", "git"} <= installed
    assert "export CLOCKBRIDGE_NO_SKIPS=1" in CI
    assert re.findall(r"^\./dev .*$", CI, re.MULTILINE) == ["./dev check", "./dev test", "./dev demo --check"]
    assert "set -euo pipefail" in CI


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-edge.lock"])
def test_given_a_lock_file_then_it_pins_everything_by_hash_and_names_no_address(name):
    text = (ROOT / name).read_text()
    pins = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", text, re.MULTILINE | re.IGNORECASE)

    assert len(pins) == len(re.findall(r"^\S", text, re.MULTILINE))
    assert "://" not in text


def test_given_the_lock_files_then_that_of_the_tests_holds_all_of_the_other_and_both_hold_what_the_project_names():
    def names(file):
        return set(re.findall(r"^([a-z0-9._-]+).*==", (ROOT / file).read_text(), re.MULTILINE | re.IGNORECASE))

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *(one for extra in project["project"]["optional-dependencies"].values() for one in extra),
    ]

    assert names("requirements-edge.lock") <= names("requirements.lock") <= names("requirements-dev.lock")
    assert {re.match(r"[a-z0-9-]+", one, re.IGNORECASE)[0] for one in wanted} <= names("requirements.lock")
