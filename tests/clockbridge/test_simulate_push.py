"""`clockbridge simulate push` as a program."""

import json
import signal
import subprocess
import sys


def test_given_the_program_when_lines_come_on_standard_input_then_it_obeys_and_ends_on_a_signal():
    words = [sys.executable, "-m", "clockbridge", "simulate", "push", "--server", "127.0.0.1:9", "--punches", "3"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        ready = program.stdout.readline()
        program.stdin.write("punch 1001\ncounts\n")
        program.stdin.flush()
        answers = [json.loads(program.stdout.readline()) for _ in range(2)]
        program.send_signal(signal.SIGTERM)
        assert program.wait() == 0

    assert ready == "ready server=127.0.0.1:9 serial=CBPUSH001 users=20 punches=3\n"
    assert (answers[0]["terminal_user"], answers[1]["rows"]) == ("1001", 4)
