"""tests/integ/imap/*.txt against the real imapd: each in a BAL of its own."""
from pathlib import Path

import pytest
from sandbox.refusals import context_for

from imap_transcript import Connection, Transcript

FOLDER = Path(__file__).parent / "imap"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_transcript(sandbox, bal, path):
    def connect():
        place = sandbox.place
        connection = Connection(place.host, place.port("imaps"), context_for(sandbox, "dui2"))
        connection.login(bal.address)
        return connection

    Transcript(path.read_text(encoding="utf-8"), connect).run()
