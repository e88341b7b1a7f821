"""How long anybody here waits for what comes: for a condition, never for a time. The deadline only ends what never comes, so
it is generous: machines are slow, shared, and run all this under sanitizers too."""
import select
import time

from .place import SandboxError

SECONDS = 120


class NeverCame(SandboxError):
    """What was waited for did not come before the deadline."""


def until(condition, seconds=SECONDS):
    """Looks until the condition holds, and gives what it gave: for what has no wake-up of its own."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise NeverCame(f"nothing came of it in {seconds} s")
        select.select([], [], [], 0.05)
    return found


def again(ask, passing, seconds=SECONDS, errors=()):
    """Asks until the answer is not a temporary one (`passing` says so of an answer; `errors` are temporary exceptions), as real
    clients and operators do after a server, its database or keyd was away. The last answer is given in any case."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer = ask()
            if not passing(answer) or time.monotonic() > end:
                return answer
        except errors:
            if time.monotonic() > end:
                raise
        select.select([], [], [], 0.05)
