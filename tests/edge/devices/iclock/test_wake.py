"""The datagram that wakes a terminal."""

import socket

from edge.devices.iclock.wake import wake


def test_given_a_terminal_when_woken_then_one_datagram_comes_and_an_address_that_is_none_harms_nobody():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as terminal:
        terminal.bind(("127.0.0.1", 0))
        terminal.settimeout(60)

        wake("127.0.0.1", terminal.getsockname()[1])
        wake("")
        wake("no address at all")

        assert terminal.recv(100) == b"R-CMD"
