"""Quotas over IMAP (RFC 9208): both resources, shown and kept to, whoever writes."""
from conftest import letter
from test_imap_hostile import answers, fill, open_session  # noqa: F401 (a fixture)


def quota(connection, bal) -> str:
    return answers(connection, b"GETQUOTA " + bal.address.encode())[0].split("(")[1].rstrip(")")


def test_both_resources(sandbox, bal, open_session):  # noqa: F811
    session = open_session()
    assert quota(session, bal) == ""
    sandbox.caducee.command("bal", "quota", bal.address, "1M")
    sandbox.caducee.command("bal", "quota", bal.address, "--messages", "3")
    assert quota(session, bal) == "STORAGE 0 1024 MESSAGE 0 3"
    fill(session, 2, 200)
    assert quota(session, bal).endswith("MESSAGE 2 3")
    assert "QUOTA=RES-MESSAGE" in answers(session, b"CAPABILITY")[0].split()


def test_a_bal_full_of_messages_takes_no_more(sandbox, bal, open_session):  # noqa: F811
    session = open_session()
    sandbox.caducee.command("bal", "quota", bal.address, "--messages", "3")
    fill(session, 2, 200)
    message = letter()
    answers(session, b"APPEND INBOX" + b" {%d+}\r\n%s" % (len(message), message) * 2, " NO [OVERQUOTA]")
    answers(session, b"COPY 1:2 INBOX", " NO [OVERQUOTA]")
    assert bal.deliver(letter()).code == 250
    assert bal.deliver(letter()).code == 452
    answers(session, b"COPY 1 INBOX", " NO [OVERQUOTA]")
    # what goes makes room for what replaces it (RFC 8508 3.4)
    literal = b" {%d+}\r\n%s" % (len(message), message)
    assert "* 2 EXPUNGE" in answers(session, b"REPLACE 2 INBOX" + literal)
    assert "* 2 EXPUNGE" in answers(session, b"REPLACE 2 Archive" + literal)
    answers(session, b"APPEND INBOX" + literal, " NO [OVERQUOTA]")
    assert len(answers(session, b"FETCH 1:* (UID)")) == 2 and quota(session, bal).endswith("MESSAGE 3 3")
    answers(session, b"STORE 1 +FLAGS.SILENT (\\Deleted)")
    answers(session, b"EXPUNGE")
    answers(session, b"COPY 1 INBOX")
