"""What chapters of the demonstration have in common."""
from .cli import Sandbox
from .imap_client import Dui
from .place import SandboxError
from .smtp_client import Closed
from .terminal import Terminal


class Expected(Exception):
    """What a step should have seen, in words."""


class Chapter:
    title = ("", "")  # French, English
    linked = True  # each step needs the one before

    def __init__(self, sandbox: Sandbox, terminal: Terminal):
        self.sandbox, self.terminal, self.say = sandbox, terminal, terminal.say
        self.failures = 0

    def possible(self) -> bool:
        return True

    def steps(self) -> list:
        """(French, English, function[, argument]) of each; the function returns a line of detail, or raises Expected."""
        raise NotImplementedError

    def play_all(self):
        self.terminal.title(self.say(*self.title))
        for french, english, action, *arguments in self.steps():
            if self.failures and self.linked:
                self.terminal.step(self.say(french, english))
                self.terminal.absent(self.say("non joué : l'étape précédente a échoué", "not played: the step before failed"))
            else:
                self.play(self.say(french, english), action, *arguments)

    def play(self, words: str, action, *arguments):
        self.terminal.step(words)
        try:
            self.terminal.done(action(*arguments) or "")
        except (Expected, SandboxError, Closed, OSError, Dui.error, EOFError) as error:
            self.failures += 1
            self.terminal.failed(str(error) if isinstance(error, (Expected, SandboxError))
                                 else f"{type(error).__name__}: {error}")

    def check(self, condition, french: str, english: str):
        if not condition:
            raise Expected(self.say(french, english))

    def check_reply(self, reply, wanted: str) -> str:
        self.check(str(reply).startswith(wanted), f"attendu {wanted}…, reçu : {reply}", f"expected {wanted}…, got: {reply}")
        return str(reply)
