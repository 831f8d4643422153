"""The package as a branch's box has it: installed, updated and removed on a clean Debian with its own service manager, beside a real
server and simulated terminals."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from clockbridge.server import app as server_command
from protocol.enrolment import Token
from protocol.identifiers import EdgeId
from server.broker.authority import Authority
from server.provisioning import actions as provisioning
from server.wiring import build_pages
from tests.deploy.packages import ROOT, broken_at_start, built, remade
from tests.support.box import Box
from tests.support.company import TESTER
from tests.support.live import served
from tests.support.world import World

pytestmark = pytest.mark.may_skip
SETTINGS, DATA, NOTES = "/etc/clockbridge/edge", "/var/lib/clockbridge/edge", "/var/lib/clockbridge/versions.json"
SERIAL = "CBSIM0001"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return built(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module")
def work(package, tmp_path_factory):
    """A box that hands punches over."""
    folder = tmp_path_factory.mktemp("work")
    with World(folder, users=3) as world, Box(folder / "box") as box:
        site = world.add_site("site-a")
        world.add_terminal(site, SERIAL, punches=50)
        world.server.start()
        site.simulators[SERIAL].start()
        install(box, package)
        enrol(box, world)
        (box.shared / "terminals").write_text("\n[[terminals]]" + site.kit.read_text().partition("\n[[terminals]]")[2])
        box.run("sh", "-c", f"cat /run/box/terminals >> {SETTINGS}/edge.toml && systemctl start clockbridge-edge")
        world.until(world.is_equal, "what the terminal held is at the server")
        yield world, box


def enrol(box, world):
    """With the one line that the server's page shows."""
    authority = Authority(world.settings.keys_dir)
    web = authority.bundle("web")
    with world.database.writing() as uow:
        offered = provisioning.offer_token(uow, EdgeId("site-a"), timedelta(days=1), TESTER, datetime.now(UTC))
    token = Token(EdgeId("site-a"), offered.secret, authority.fingerprint).write()
    pages = build_pages(world.settings)
    with served(pages, (web.certificate, web.key)) as address:
        box.run("clockbridge", "edge", "enrol", "--server", address, "--token", token)
    pages.state.database.close()


def install(box, package):
    shutil.copy(package, box.shared)
    return box.run("dpkg", "-i", f"/run/box/{package.name}").stdout


def status(box):
    found = box.run("clockbridge", "edge", "status", "--json", check=False).stdout
    return json.loads(found) if found.startswith("{") else {"life": "none", "alarms": [], "version": ""}


def process(box):
    return int(box.run("systemctl", "show", "-P", "MainPID", "clockbridge-edge").stdout)


def last_fed(box):
    return box.run("systemctl", "show", "-P", "WatchdogTimestampMonotonic", "clockbridge-edge").stdout


def test_given_a_clean_box_when_installed_then_punches_arrive_and_the_agent_is_fenced_in(work):
    world, box = work

    box.until(lambda: box.json(NOTES)["proven"], "it is ready")
    world.everybody_punches(SERIAL)
    world.until(world.is_equal, "live punches arrive")

    assert box.run("clockbridge", "--version").stdout == "clockbridge 1.0\n"
    assert box.run("systemctl", "is-active", "clockbridge-edge").stdout == "active\n"
    box.until(lambda: "line up, " in box.run("systemctl", "show", "-P", "StatusText", "clockbridge-edge").stdout, "it says so")
    about = box.read(f"/proc/{process(box)}/status")
    assert "CapBnd:\t0000000000000000" in about
    assert "NoNewPrivs:\t1" in about
    assert box.run("stat", "-c", "%U %a", f"{DATA}/outbox.db", f"{SETTINGS}/edge.key").stdout == "clockbridge 600\n" * 2
    assert "Read-only file system" in box.run("touch", f"/proc/{process(box)}/root/opt/clockbridge/x", check=False).stderr
    assert re.findall(r"^  (\w+)  ", box.run("clockbridge", "--help").stdout, re.MULTILINE) == ["simulate", "terminal", "edge", "station"]


def test_given_an_agent_that_hangs_when_the_watchdog_misses_it_then_it_is_started_again(work):
    world, box = work
    drop_in = "/run/systemd/system/clockbridge-edge.service.d"
    box.run("sh", "-c", f"mkdir -p {drop_in} && printf '[Service]\\nWatchdogSec=15\\n' > {drop_in}/test.conf && systemctl daemon-reload")
    box.run("systemctl", "restart", "clockbridge-edge")
    hanging, fed = process(box), last_fed(box)
    box.until(lambda: last_fed(box) != fed, "the watchdog is fed")
    assert process(box) == hanging

    box.run("systemctl", "kill", "--signal=STOP", "clockbridge-edge")

    box.until(lambda: process(box) not in (0, hanging), "another process")
    world.everybody_punches(SERIAL)
    world.until(world.is_equal, "it goes on")


def test_given_an_update_that_does_not_come_up_then_the_version_before_is_back_with_every_punch_and_a_good_one_stays(work, package):
    world, box = work
    box.until(lambda: status(box).get("line_up"), "the line is up")

    install(box, remade(package, "2.0", broken_at_start))
    world.everybody_punches(SERIAL)
    box.until(lambda: box.json(NOTES)["refused"], "it was refused")
    world.until(world.is_equal, "punches made during the update arrive")

    box.until(lambda: "update-refused" in str(status(box)["alarms"]), "the agent says so")
    refused = box.json(NOTES)["refused"]
    assert (refused["version"], refused["instead"]) == ("2.0", "1.0")
    assert status(box)["version"] == "1.0"
    assert "An update did not come up" in box.run("clockbridge", "edge", "status").stdout
    good = remade(package, "3.0")
    shutil.copy(good, box.shared)
    update = ("clockbridge", "edge", "update", f"/run/box/{good.name}")
    assert "does not vouch for it" in box.run(*update, check=False).stderr
    signed = CliRunner().invoke(server_command, ["sign-update", str(box.shared / good.name), "--settings", str(world.settings_file)])
    assert signed.exit_code == 0, signed.output
    assert box.run(*update).stdout == "3.0 runs.\n"
    world.everybody_punches(SERIAL)
    world.until(world.is_equal, "punches arrive by it")
    box.until(lambda: (status(box)["version"], status(box)["alarms"]) == ("3.0", []), "the new version runs and complains of nothing")
    shutil.copy(package, box.shared)
    CliRunner().invoke(server_command, ["sign-update", str(box.shared / package.name), "--settings", str(world.settings_file)])
    assert "1.0 is older than 3.0" in box.run("clockbridge", "edge", "update", f"/run/box/{package.name}", check=False).stderr


def test_given_the_package_removed_then_outbox_and_keys_stay_until_it_is_purged(package, tmp_path):
    with Box(tmp_path / "box") as box:
        install(box, package)
        box.run("sh", "-c", f"touch {DATA}/outbox.db {SETTINGS}/edge.key")

        said = box.run("dpkg", "-r", "clockbridge-edge").stdout
        assert "outbox and keys stay" in said
        box.run("test", "-e", f"{DATA}/outbox.db", "-a", "-e", f"{SETTINGS}/edge.key", "-a", "!", "-e", "/opt/clockbridge")

        said = box.run("dpkg", "-P", "clockbridge-edge").stdout
        assert "deleting the outbox" in said
        assert box.run("sh", "-c", "ls -d /var/lib/clockbridge /etc/clockbridge /etc/default/clockbridge-edge", check=False).stdout == ""
        assert box.run("getent", "passwd", "clockbridge", check=False).stdout == ""


def test_given_the_unit_then_the_service_manager_finds_nothing_wrong_and_calls_it_well_fenced(work):
    _, box = work

    assert box.run("systemd-analyze", "verify", "clockbridge-edge.service").stderr == ""
    level = box.run("systemd-analyze", "security", "--offline=true", "--threshold=20", "clockbridge-edge.service")
    assert "Overall exposure level" in level.stdout


def test_given_the_package_then_no_address_of_an_index_or_of_this_machine_stands_in_it(package, tmp_path):
    subprocess.run(["dpkg-deb", "-x", package, tmp_path], check=True)
    ours = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert not [path for path in ours if str(ROOT).encode() in path.read_bytes()]
    assert not [path for path in ours if path.name in {"direct_url.json", "RECORD", "INSTALLER"}]
