"""`clockbridge simulate` for the parts of a clock-in point: a program of ours can open what it names."""

import subprocess
import sys
from contextlib import contextmanager

from edge.devices.serial.cards.readers import TagReader
from edge.devices.serial.line import SerialLine
from edge.devices.serial.relay.frames import switch
from edge.devices.serial.zfm.module import FingerprintModule


@contextmanager
def simulated(part):
    words = [sys.executable, "-m", "clockbridge", "simulate", part]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        ready = process.stdout.readline()
        assert ready.startswith("ready port=/dev/"), ready

        def tell(line):
            process.stdin.write(line + "\n")
            return process.stdout.readline().strip()

        try:
            yield ready.strip().removeprefix("ready port="), tell, process
        finally:
            process.terminate()
            assert process.wait() == 0


def test_given_a_simulated_card_reader_when_a_card_is_held_then_it_is_read():
    with simulated("card") as (port, tell, _), TagReader(port) as reader:
        assert tell("hold 0003087675") == "ok"
        assert reader.next_card(60) == 3087675
        assert tell("hold nothing").startswith(("error", "错误"))


def test_given_a_simulated_module_when_a_finger_is_laid_then_there_is_one():
    with simulated("fingerprint") as (port, tell, _), FingerprintModule(port) as module:
        assert not module.finger_there()
        assert tell("lay wang-left") == "ok"
        assert module.finger_there()


def test_given_a_simulated_relay_when_switched_then_it_tells():
    with simulated("relay") as (port, _, process), SerialLine(port) as line:
        line.write(switch(2, on=True))
        assert process.stdout.readline() == "channel=2 on\n"
