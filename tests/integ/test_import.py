"""Another server's files become messages of a BAL: bytes, dates and flags kept; interrupted, it goes on."""

import pytest

FROM = "expediteur@lab.autre-operateur.mssante.fr"


def letter(number):
    return (f"From: {FROM}\r\nTo: x@y.mssante.fr\r\nSubject: ancien {number}\r\nMessage-ID: <ancien-{number}@x>\r\n"
            f"Date: Thu, 20 Nov 2025 10:00:0{number} +0000\r\n\r\nFrom ici, ligne {number}\r\n").encode()


@pytest.fixture
def folder(sandbox):
    place = sandbox.place.path(f"import-{id(object())}")
    sandbox.place.make_folder(place)
    return place


def test_an_mbox_comes_in_whole(sandbox, bal, folder):
    path = folder / "boite.mbox"
    text = b"".join(b"From x Thu Nov 20 10:00:00 2025\n" + letter(n).replace(b"\r\n", b"\n").replace(b"\nFrom ici", b"\n>From ici")
                    + b"\n" for n in range(3))
    sandbox.place.write(path, text, 0o644)
    done = sandbox.caducee.command("bal", "import", bal.address, "--mbox", path)
    assert done.stdout.startswith("3 ")
    got = sorted(bal.messages())
    assert len(got) == 3
    assert all(letter(n).rstrip() in got[n] for n in range(3)), got


def test_a_maildir_keeps_its_flags_and_goes_on_where_it_stopped(sandbox, bal, folder):
    for sub in ("cur", "new", "tmp"):
        sandbox.place.make_folder(folder / sub)
    for n, info in enumerate((":2,S", ":2,FRS", ":2,ST")):
        sandbox.place.write(folder / "cur" / f"{n}.host{info}", letter(n), 0o644)
    done = sandbox.caducee.command("bal", "import", bal.address, "--maildir", folder, "--from", "1")
    assert done.stdout.startswith("1 "), "one was there already, one is marked as deleted"
    assert [letter(1) in message for message in bal.messages()] == [True]


def test_what_is_no_mailbox_is_refused(sandbox, bal, folder):
    sandbox.place.write(folder / "x", b"rien\n", 0o644)
    assert sandbox.caducee.command("bal", "import", bal.address, "--mbox", folder / "x", check=False).returncode == 65
    assert sandbox.caducee.command("bal", "import", bal.address, "--maildir", folder, check=False).returncode == 65
