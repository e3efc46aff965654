"""The server within another one (`Tests/MountedHost`), with the scenarios of the plain tests."""

import functools
import unittest

import test_browser
import test_python_client
from harness import Server

MountedServer = functools.partial(Server, mounted="yes")


class BrowserThroughAnotherServer(test_browser.Clients, unittest.TestCase):
    transports = ["polling", "websocket"]
    start_server = staticmethod(MountedServer)


class PythonPollingThroughAnotherServer(test_python_client.SyncClients, unittest.TestCase):
    transports = ["polling"]
    start_server = staticmethod(MountedServer)


class PythonWebSocketThroughAnotherServer(test_python_client.AsyncClients, unittest.IsolatedAsyncioTestCase):
    start_server = staticmethod(MountedServer)


if __name__ == "__main__":
    unittest.main()
