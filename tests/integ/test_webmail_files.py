"""Files of 25 MB through the webmail: whole, and in flat memory."""
import os
import re
from pathlib import Path

import pytest

from sandbox.people import PROFESSIONALS
from tests.integ.webmail import log_in

CLAIRE = PROFESSIONALS[0]
LARGE = 25_000_000  # SC.MSS/UX: what a patient's messages may carry, and what the webmail must carry
GROWTH_KIB = 16 * 1024


@pytest.fixture
def web(sandbox):
    browser = log_in(sandbox, CLAIRE)
    yield browser
    browser.close()


def fields(web, address, **more):
    return {"csrf": web.csrf, "mode": "nouveau", "a": CLAIRE.address, "objet": "Imagerie", "texte": "Bonjour", **more}


def folder(sandbox, bal, use):
    return sandbox.postgres.query(f"SELECT folder_id FROM folder WHERE bal_id = {bal} AND special_use = '{use}'")


def join_and_send(web, sandbox, content):
    """Into a draft, sent from the draft, read again in the Sent folder: what came down."""
    write = f"{web.base}/b/{web.bal}/ecrire"
    draft = web.upload(write, fields(web, CLAIRE.address, acte="joindre"), "fichier", content)
    number = re.search(r"brouillon=(\d+)", draft.url)[1]
    part = draft.find(r"(<input[^>]*name=\"?garder[^>]*>)")
    kept = re.search(r"value=\"?(\d+)", part)[1]
    drafts = f"{web.base}/b/{web.bal}/d/{folder(sandbox, web.bal, chr(92) + 'Drafts')}"
    in_draft = web.get(f"{drafts}/m/{number}/p/2?enregistrer=1").body
    sent = web.upload(write, fields(web, CLAIRE.address, acte="envoyer", brouillon=number, garder=kept), "rien", b"")
    copy = re.search(r"copie=(\d+)", sent.url)[1]
    where = f"{web.base}/b/{web.bal}/d/{folder(sandbox, web.bal, chr(92) + 'Sent')}"
    return in_draft, web.get(f"{where}/m/{copy}/p/2?enregistrer=1").body


def memory_kib(pid, field) -> int:
    return next(int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(field))


@pytest.mark.skipif("asan" in os.environ.get("BUILD", ""), reason="sanitizers take memory of their own")
def test_25_mb_go_up_and_come_down_in_flat_memory(web, sandbox):
    """Joined to a draft, sent, and read twice: a worker's peak does not follow what passes through it."""
    workers = sandbox.processes.workers("webmail", "web")
    join_and_send(web, sandbox, os.urandom(1000))  # what is opened but once
    before = {pid: memory_kib(pid, "VmRSS") for pid in workers}
    for pid in workers:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak starts again from here
    content = os.urandom(LARGE)
    assert all(found == content for found in join_and_send(web, sandbox, content))
    grown = {pid: memory_kib(pid, "VmHWM") - before[pid] for pid in workers}
    print("growth, KiB:", grown)
    assert max(grown.values()) < GROWTH_KIB, grown


def test_what_is_larger_than_the_limit_is_refused(web, sandbox):
    """webmail.upload_max: 413, and no draft of it."""
    count = f"SELECT count(*) FROM message JOIN folder USING (bal_id, folder_id) WHERE bal_id = {web.bal} AND special_use = '\\Drafts'"
    before = sandbox.postgres.query(count)
    with pytest.raises((LookupError, OSError)) as refused:
        web.upload(f"{web.base}/b/{web.bal}/ecrire", fields(web, CLAIRE.address, acte="joindre"), "fichier", bytes(41 << 20))
    assert isinstance(refused.value, OSError) or ": 413 at" in str(refused.value)
    assert sandbox.postgres.query(count) == before


@pytest.mark.parametrize("size", [0, 1, 57, 58, (512 << 10) - 1, (512 << 10) + 1, 1 << 20])
def test_files_of_awkward_sizes_arrive_whole(web, sandbox, size):
    """Lines of base64, the spool's limit, an empty file."""
    content = os.urandom(size)
    assert join_and_send(web, sandbox, content) == (content, content)
