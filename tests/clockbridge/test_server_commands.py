"""What the server's commands make and change, and what they leave alone."""

import os
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509

from server.broker.authority import Authority
from server.broker.processes import BrokerKind, BrokerPlace, BrokerProcess
from server.migrations import head_revision
from tests.clockbridge.server_commands import clockbridge, program
from tests.support.kits import make_authority


def tree(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


class TestInit:
    def test_as_a_process_makes_settings_keys_database_and_a_first_account(self, tmp_path):
        process = program(
            "server", "init", "--settings", tmp_path / "new" / "server.toml", "--company", '大华 "集团"', "--name", "clock.example"
        )
        out, err = process.communicate()

        assert (process.returncode, err) == (0, "")
        assert "Account: admin" in out
        password = out.split("Password: ")[1].split()[0]
        assert len(password) >= 16
        secret = [file for file in (tmp_path / "new").rglob("*") if file.is_file()]
        assert {file.stat().st_mode & 0o777 for file in secret} == {0o600}
        assert {folder.stat().st_mode & 0o777 for folder in (tmp_path / "new" / "data", tmp_path / "new" / "data" / "keys")} == {0o700}
        assert not any(password.encode() in file.read_bytes() for file in secret), "only its argon2id hash is kept"

    def test_twice_touches_nothing_and_shows_no_password(self, installed):
        before = tree(installed.folder)

        done = installed.run("server", "init", "--company", "another")

        assert done.code == 0
        assert "(as it was)" in done.out
        assert "Password" not in done.out
        assert {name: data for name, data in tree(installed.folder).items() if ".db" not in name} == {
            name: data for name, data in before.items() if ".db" not in name
        }

    def test_in_a_folder_with_other_things_leaves_them_alone(self, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "holiday.jpg").write_bytes(b"mine")

        assert clockbridge("server", "init", "--settings", tmp_path / "server.toml").code == 0
        assert (tmp_path / "data" / "holiday.jpg").read_bytes() == b"mine"

    def test_makes_a_certificate_anew_that_was_removed_and_no_other(self, installed):
        before = tree(installed.keys)
        (installed.keys / "broker.crt").unlink()
        (installed.keys / "broker.key").unlink()

        assert installed.run("server", "init").code == 0

        changed = {name for name, data in tree(installed.keys).items() if before[name] != data}
        assert changed == {"broker.crt", "broker.key"}

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--database-url", "postgresql://postgres@127.0.0.1:1/x"), "Check database_url"),
            (("--database-url", "mysql://x"), "Check database_url"),
            (("--time-zone", "Mars/Base"), "Asia/Shanghai"),
        ],
    )
    def test_that_fails_leaves_nothing_behind(self, tmp_path, options, said):
        done = clockbridge("server", "init", "--settings", tmp_path / "server.toml", *options)

        assert done.code == 2
        assert said in done.sentence
        assert list(tmp_path.iterdir()) == []

    def test_where_nobody_can_write_says_so(self, tmp_path):
        (tmp_path / "file").touch()

        done = clockbridge("server", "init", "--settings", tmp_path / "file" / "server.toml")

        assert done.code == 2
        assert "Check that it is there" in done.sentence

    def test_of_a_disk_that_is_full_says_so_and_leaves_nothing(self, tmp_path, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device", "authority.key")

        monkeypatch.setattr("clockbridge.server_setup.Authority.create", full)

        done = clockbridge("server", "init", "--settings", tmp_path / "server.toml")

        assert done.code == 2
        assert "No space left" in done.sentence
        assert list(tmp_path.iterdir()) == []


class TestMigrate:
    def test_brings_an_empty_database_up(self, installed):
        installed.database.write_bytes(b"")

        done = installed.run("server", "migrate")

        assert done.code == 0
        assert f"from nothing to {head_revision()}" in done.out
        assert installed.run("server", "check").code in (0, 1)

    def test_makes_the_database_where_there_is_none(self, installed):
        installed.database.unlink()

        assert installed.run("server", "migrate").code == 0
        assert installed.database.stat().st_mode & 0o777 == 0o600


class TestCheck:
    def test_of_a_good_server_is_quiet_and_changes_nothing(self, installed, monkeypatch):
        monkeypatch.setattr("clockbridge.server_check.DISK_LEFT_BYTES", 0)
        before = tree(installed.keys)

        done = installed.run("server", "check")

        assert (done.code, done.err) == (0, "")
        assert "✗" not in done.out
        assert done.out.count("✓") == 10
        assert tree(installed.keys) == before

    @pytest.mark.parametrize(
        ("damage", "said"),
        [
            (lambda at: (at.keys / "server-signing.key").write_bytes(b"x"), "server-signing.key is missing or damaged"),
            (lambda at: (at.keys / "authority.crt").write_bytes(b"x"), "authority.crt is missing or damaged"),
            (lambda at: (at.keys / "web.key").write_bytes((at.keys / "broker.key").read_bytes()), "do not belong together"),
            (lambda at: (at.keys / "revoked.crl").unlink(), "revoked.crl is missing or damaged"),
            (lambda at: at.database.unlink(), "cannot be reached"),
            (lambda at: at.database.write_bytes(os.urandom(9000)), "server restore"),
            (lambda at: at.change('kind = "auto"', 'kind = "mosquitto"'), "mosquitto is not installed"),
            (lambda at: at.change('kind = "auto"', 'kind = "external"'), "Start the broker"),
        ],
    )
    def test_of_a_damaged_one_says_what_to_do(self, installed, monkeypatch, damage, said):
        monkeypatch.setattr("clockbridge.server_check.find_mosquitto", lambda: None)
        damage(installed)

        done = installed.run("server", "check")

        assert done.code == 1
        assert said in "\n".join(line for line in done.out.splitlines() if line.startswith("✗"))

    @pytest.mark.parametrize("trusted", [True, False])
    def test_of_an_external_broker_tells_one_of_ours_from_a_strangers(self, installed, tmp_path_factory, trusted):
        keys = Authority(installed.keys)
        if not trusted:
            keys = make_authority(tmp_path_factory.mktemp("strangers"))
        installed.move_ports()
        installed.change('kind = "auto"', 'kind = "external"')
        place = BrokerPlace(BrokerKind.AMQTT, "127.0.0.1", installed.broker_port, tmp_path_factory.mktemp("broker"))
        broker = BrokerProcess(place, keys)
        broker.start()
        try:
            said = [line for line in installed.run("server", "check").out.splitlines() if "broker" in line]
        finally:
            broker.stop()

        assert [line[0] for line in said] == ["✓" if trusted else "✗"]

    def test_finds_a_trail_that_somebody_changed(self, installed):
        with closing(sqlite3.connect(installed.database)) as database:
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_row'").fetchall():
                database.execute(f"DROP TRIGGER {name}")
            database.execute("UPDATE audit_row SET actor = 'nobody' WHERE id = 1")
            database.commit()

        done = installed.run("server", "check")

        assert done.code == 1
        assert "✗ audit trail: row 1" in done.out

    def test_finds_counts_that_do_not_agree(self, installed):
        assert installed.run("server", "add-site", "hq", "总部").code == 0
        assert installed.run("server", "add-terminal", "T1", "front door", "--site", "hq").code == 0
        with closing(sqlite3.connect(installed.database)) as database:
            database.execute("INSERT INTO terminal_tally VALUES (1, 3, 20261124080000, 0, NULL)")
            database.commit()

        done = installed.run("server", "check")

        assert done.code == 1
        assert "T1" in done.out

    def test_a_terminal_is_added_with_what_it_is_for(self, installed):
        assert installed.run("server", "add-site", "hq", "总部").code == 0
        assert installed.run("server", "add-terminal", "T1", "way out", "--site", "hq", "--role", "exit").code == 0
        with closing(sqlite3.connect(installed.database)) as database:
            assert database.execute("SELECT role FROM terminal_role").fetchall() == [("exit",)]

        assert installed.run("server", "add-terminal", "T2", "window", "--site", "hq", "--role", "window").code == 2


class TestBackupAndRestore:
    def test_go_and_come_back(self, installed):
        copy = installed.folder / "copy"
        assert installed.run("server", "backup", copy).code == 0
        assert installed.run("server", "add-site", "late", "late").code == 0

        done = installed.run("server", "restore", copy, answer="y\n")

        assert done.code == 0
        assert "send what is missing" in done.out
        assert installed.run("server", "add-site", "late", "again").code == 0, "what came after the copy is gone"

    def test_that_is_not_confirmed_touches_nothing(self, installed):
        installed.run("server", "backup", installed.folder / "copy")
        installed.run("server", "add-site", "late", "late")

        assert installed.run("server", "restore", installed.folder / "copy", answer="n\n").code == 1
        assert installed.run("server", "add-site", "late", "again").code == 2

    @pytest.mark.parametrize("words", [("backup", "server.toml"), ("restore", "server.toml", "--yes"), ("restore", "none", "--yes")])
    def test_of_a_wrong_file_say_what_to_do(self, installed, words):
        command, name, *rest = words

        done = installed.run("server", command, installed.folder / name, *rest)

        assert done.code == 2
        assert any(said in done.sentence for said in ("Choose another name", "Take another one", "Name a copy"))

    def test_refuse_while_a_worker_of_another_machine_is_at_work(self, installed):
        from datetime import UTC, datetime

        from server.ingest.leases import LEASE, heartbeat
        from server.storage import Database

        installed.run("server", "backup", installed.folder / "copy")
        database = Database(f"sqlite:///{installed.database}")
        heartbeat(database, "worker-two", datetime.now(UTC) + 5 * LEASE)  # at work for a minute
        database.close()

        done = installed.run("server", "restore", installed.folder / "copy", "--yes")

        assert done.code == 2
        assert "worker-two is at work" in done.sentence


def test_given_a_server_when_a_support_bundle_is_packed_then_its_owner_alone_reads_it_and_nothing_is_written_over(installed):
    target = installed.folder / "bundle.zip"

    done = installed.run("server", "support-bundle", str(target))

    assert (done.code, target.stat().st_mode & 0o777) == (0, 0o600)
    with zipfile.ZipFile(target) as bundle:
        assert {"about.json", "settings.json", "log.jsonl"} <= set(bundle.namelist())
        assert str(installed.folder).encode() not in b"".join(map(bundle.read, bundle.namelist()))
    assert installed.run("server", "support-bundle", str(target)).code == 2


def test_given_an_account_when_its_password_is_reset_then_a_new_one_is_shown_once_and_works(installed):
    from datetime import UTC, datetime

    from server.access.actions import sign_in
    from server.access.model import SignedIn
    from server.storage import Database

    password = installed.run("server", "reset-password", "ADMIN").out.split("Password: ")[1].split()[0]

    database = Database(f"sqlite:///{installed.database}")
    assert isinstance(sign_in(database, "admin", password, "127.0.0.1", "request", datetime.now(UTC)), SignedIn)
    database.close()
    assert "no account nobody" in installed.run("server", "reset-password", "nobody").sentence


class TestEdges:
    @pytest.fixture
    def kit(self, installed) -> Path:
        installed.run("server", "add-site", "hq", "总部")
        assert installed.run("server", "add-edge", "edge-a", "--site", "hq", "--out", installed.folder / "kit").code == 0
        return installed.folder / "kit"

    def test_get_a_kit_that_only_its_owner_reads(self, installed, kit):
        from edge.settings import load_settings

        assert {file.name for file in kit.iterdir()} == {"ca.crt", "edge.crt", "edge.key", "edge.toml", "server.pub", "signing.key"}
        assert {file.stat().st_mode & 0o777 for file in kit.iterdir()} == {0o600}
        assert load_settings(kit / "edge.toml").edge == "edge-a"

    @pytest.mark.parametrize(
        ("name", "site", "said"), [("edge-a", "hq", "already"), ("Edge_B", "hq", "no name of an edge"), ("edge-b", "moon", "no site moon")]
    )
    def test_that_cannot_be_added_leave_no_kit(self, installed, kit, name, site, said):
        done = installed.run("server", "add-edge", name, "--site", site, "--out", installed.folder / "other")

        assert done.code == 2
        assert said in done.sentence
        assert not (installed.folder / "other").exists()

    def test_are_not_put_into_a_folder_with_something_in_it(self, installed, kit):
        done = installed.run("server", "add-edge", "edge-b", "--site", "hq", "--out", kit)

        assert done.code == 2
        assert "choose an empty folder" in done.sentence

    @pytest.mark.parametrize(
        "words", [("add-edge", "edge-a", "--replace", "--out", "new"), ("revoke-edge", "edge-a", "--reason", "stolen")]
    )
    def test_whose_box_is_gone_have_a_certificate_that_is_worth_nothing(self, installed, kit, words):
        old = x509.load_pem_x509_certificate((kit / "edge.crt").read_bytes()).serial_number
        authority = Authority(installed.keys)
        assert authority.revoked() == []

        done = installed.run("server", *(installed.folder / word if word == "new" else word for word in words))

        assert done.code == 0
        assert authority.revoked() == [old]


def test_given_a_chinese_locale_when_a_command_refuses_then_it_says_so_in_chinese(installed):
    done = installed.run("server", "reset-password", "nobody", env={"LANG": "zh_CN.UTF-8"})

    assert done.sentence == "没有账号 nobody。"
