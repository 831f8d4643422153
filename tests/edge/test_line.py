"""The line of an edge on which more is open than `select` can count."""

import os
import resource
import socket
import threading
from contextlib import ExitStack

import paho.mqtt.client
import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge import line, polling

MANY = 1100
CONNACK = bytes((0x20, 2, 0, 0))


@pytest.fixture
def crowded():
    """More descriptors are open than 1024, so whatever is opened now has a number beyond."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= hard < 2 * MANY:
        pytest.skip(f"this machine lets a process open {hard} files only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * MANY), hard))
    with ExitStack() as opened:
        for _ in range(MANY):
            opened.callback(os.close, os.dup(0))
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_given_a_crowd_at_the_door_when_a_line_is_opened_then_it_holds(crowded):
    with socket.create_server(("127.0.0.1", 0)) as door:
        client = Client(CallbackAPIVersion.VERSION2, client_id="edge-a", reconnect_on_failure=False)
        came, went = threading.Event(), threading.Event()
        client.on_connect, client.on_disconnect = (lambda *_: came.set()), (lambda *_: went.set())
        client.connect("127.0.0.1", door.getsockname()[1])
        broker, _ = door.accept()
        client.loop_start()
        broker.sendall(CONNACK)
        stood, number = came.wait(60), client.socket().fileno()
        broker.close()
        ended = went.wait(60)
        client.loop_stop()

    assert paho.mqtt.client.select is line.polling
    assert (stood, ended) == (True, True)
    assert number > 1024


def test_given_sockets_when_waited_for_then_those_are_told_that_can_be_used():
    near, far = socket.socketpair()
    with near, far:
        assert polling.select([near], [far], [], 0) == ([], [far], [])
        far.sendall(b"x")
        assert polling.select([near], [], [], 5) == ([near], [], [])
        near.recv(1)
        far.shutdown(socket.SHUT_RDWR)
        assert polling.select([near], [], [], 5) == ([near], [], []), "its end can be read"
    with pytest.raises(ValueError, match="negative"):
        polling.select([near], [], [], 0)
