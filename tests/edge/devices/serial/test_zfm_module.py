"""Our own client and the simulated module, over a pseudo-terminal with a bad line."""

import fcntl
import struct
import termios
import time
from contextlib import suppress

import pytest

from edge.devices.driver import TerminalRefusedError, TerminalUnreachableError
from edge.devices.serial.simulator import ModuleModel, ModulePort
from edge.devices.serial.zfm import module as module_file
from edge.devices.serial.zfm.commands import Confirmation, Hit
from edge.devices.serial.zfm.module import FingerprintModule, ModuleError


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """An answer that comes late is waited for, but where the line loses bytes or the speed is tried."""
    monkeypatch.setattr(module_file, "ANSWER_SECONDS", 60)
    monkeypatch.setattr(module_file, "LOOK_SECONDS", 60)


@pytest.fixture
def part():
    with ModulePort(ModuleModel(capacity=300)) as port:
        yield port


def enrol(part, module, finger, page):
    part.lay(finger)
    for buffer in (1, 2):
        assert module.finger_there()
        module.take_features(buffer)
    module.make_template()
    module.store(page)
    part.lay(None)


def test_given_two_fingers_when_enrolled_then_each_is_found_and_a_third_is_not(part):
    with FingerprintModule(part.port) as module:
        enrol(part, module, "wang-left", 0)
        enrol(part, module, "li-right", 299)
        assert not module.finger_there()

        part.lay("li-right")
        assert module.finger_there()
        assert module.identify() == Hit(299, 180)
        part.lay("somebody")
        assert module.finger_there()
        assert module.identify() is None

        assert (module.occupied(), module.count()) == ([0, 299], 2)
        module.load(299)
        kept = module.read_features()
        module.delete(299)
        assert module.occupied() == [0]
        module.write_features(kept)
        module.store(7)
        assert part.model.templates[7] == kept


def test_given_another_speed_when_opened_then_it_is_found_by_itself(part, monkeypatch):
    monkeypatch.setattr(module_file, "LOOK_SECONDS", 1)
    part.model.baud = 115_200

    with FingerprintModule(part.port) as module:
        assert module.baud == module.parameters.baud == 115_200


def test_given_power_up_and_old_bytes_when_opened_then_they_are_no_answer(part):
    part.power_up()
    old = bytes.fromhex("ef01ffffffff07000300000a")
    part.say(old)
    while struct.unpack("i", fcntl.ioctl(part._program, termios.FIONREAD, bytes(4)))[0] <= len(old):
        time.sleep(0.01)

    with FingerprintModule(part.port, 57_600) as module:
        assert not module.finger_there()


def test_given_a_line_that_loses_bytes_and_has_noise_when_asked_then_the_answers_are_right_or_missing(part, monkeypatch):
    with FingerprintModule(part.port, 57_600) as module:
        enrol(part, module, "wang-left", 5)
        part.lay("wang-left")
        part.faults.wrong_checksums = 2
        assert module.finger_there()
        monkeypatch.setattr(module_file, "ANSWER_SECONDS", 1)
        part.faults.noise, part.faults.lost = 30, 150
        found = []
        for _ in range(8):
            with suppress(TerminalUnreachableError):
                found.append(module.identify())
        assert set(found) == {Hit(5, 180)}


def test_given_a_slow_module_when_asked_then_it_is_waited_for(part):
    part.faults.seconds = 0.1

    with FingerprintModule(part.port, 57_600) as module:
        assert module.count() == 0


def test_given_no_answer_when_opened_or_asked_then_it_ends_in_the_stated_time(part, monkeypatch):
    with FingerprintModule(part.port, 57_600) as module:
        part.faults.silent = True
        monkeypatch.setattr(module_file, "ANSWER_SECONDS", 0.05)
        monkeypatch.setattr(module_file, "LOOK_SECONDS", 0.05)
        started = time.monotonic()
        with pytest.raises(TerminalUnreachableError, match="does not answer"):
            module.count()
    with pytest.raises(TerminalUnreachableError, match="at any speed"):
        FingerprintModule(part.port).__enter__()
    assert time.monotonic() - started < 60


def test_given_a_poor_picture_when_features_are_taken_then_the_module_says_what_to_do(part):
    part.lay("wang-left")
    part.model.quality = Confirmation.FEW_POINTS

    with FingerprintModule(part.port, 57_600) as module:
        assert module.finger_there()
        with pytest.raises(ModuleError, match="too little of the finger") as caught:
            module.take_features(1)
        assert caught.value.confirmation == Confirmation.FEW_POINTS


def test_given_a_password_when_opened_with_another_then_it_is_refused_and_with_it_let_in(part):
    part.model.password = 1234

    with pytest.raises(TerminalRefusedError, match="another password"):
        FingerprintModule(part.port, 57_600).__enter__()
    with FingerprintModule(part.port, 57_600, password=1234) as module:
        assert module.count() == 0


def test_given_a_port_in_use_or_missing_or_pulled_out_then_each_says_what_to_do(part):
    with FingerprintModule(part.port, 57_600) as module:
        with pytest.raises(TerminalRefusedError, match="another program has"):
            FingerprintModule(part.port, 57_600).__enter__()
        part.unplug()
        with pytest.raises(TerminalUnreachableError, match="look at the plug"):
            module.count()
    with pytest.raises(TerminalUnreachableError, match="there is no port"):
        FingerprintModule("/dev/no-such-port").__enter__()


def test_given_a_light_when_told_then_it_burns_and_a_module_without_one_says_so(part):
    with FingerprintModule(part.port, 57_600) as module:
        assert not module.light(control=3, colour=2)
        part.model.has_light = True
        assert module.light(control=3, colour=2)
    assert part.model.lights == [bytes([3, 0x40, 2, 1])]
