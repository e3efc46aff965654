"""Handlers that suspend: each holds memory for as long as it likes."""

from harness import Hostile
from peers import WebSocket


class Handlers(Hostile):
    def test_one_client_has_many_in_flight(self):
        victim = self.victim()
        with self.attack(victim, most_memory=64) as attack:
            attack.web_socket().push(WebSocket.frame('42["wait",1]') * 100_000, 5)

    def test_many_clients_have_many_in_flight(self):
        victim = self.victim()
        with self.attack(victim, most_memory=96) as attack:
            for _ in range(20):
                attack.web_socket().push(WebSocket.frame('42["wait",1]') * 5_000, 0.5)

    def test_an_answer_that_a_handler_waits_for_is_heard(self):
        """Whoever does not read the client any more, because it has too much to do, never hears the answer."""
        victim = self.victim()
        with self.attack(victim, most_memory=64) as attack:
            socket = attack.web_socket()
            socket.send('42["ask"]')
            question = socket.receive()
            socket.push(WebSocket.frame('42["wait",1]') * 1_000, 5)
            socket.send("43" + question[2:question.index("[")] + "[7]")
            attack.expect(socket.receive() == '42["answered",7]', "the answer was not heard")
