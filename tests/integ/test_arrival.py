"""What a mailbox does with mail that comes in: rules, out-of-office, receipts for what it has sent."""
import email

import pytest
from sandbox import people
from sandbox.refusals import LAB, connect, deliver
from sandbox.whitelist import PEER_DOMAIN

from conftest import letter
from test_send_rules import submit


def rule(sandbox, bal, field, value, action, folder=None, place=0):
    where = f"(SELECT folder_id FROM folder f WHERE f.bal_id = b.bal_id AND special_use = '{folder}')" if folder else "NULL"
    sandbox.postgres.query(
        f"INSERT INTO bal_rule (bal_id, place, name, field, value, action, folder_id) SELECT bal_id, {place}, 'essai', "
        f"'{field}', '{value}', '{action}', {where} FROM bal b WHERE address = '{bal.address}'")


def absent(sandbox, bal, body="De retour lundi.", patient_body="NULL", days=1):
    sandbox.postgres.query(
        "INSERT INTO bal_absence (bal_id, starts, ends, subject, body, patient_body) SELECT bal_id, now() - interval '1 day', "
        f"now() + interval '{days} day', 'Absence : été', '{body}', {patient_body} FROM bal WHERE address = '{bal.address}'")


def flags_of(bal, folder):
    client = bal.imap()
    try:
        client.select(folder)
        return [str(line) for line in client.uid("FETCH", "1:*", "(FLAGS)")[1] if line]
    finally:
        client.logout()


def to(bal, **fields):
    return letter(**{"To": bal.address, **fields})


def test_rules_move_and_flag(sandbox, bal):
    """The first move that matches counts, and every flag; words are compared without case and accents."""
    rule(sandbox, bal, "subject", "resultat", "move", "\\Archive", 1)
    rule(sandbox, bal, "from", PEER_DOMAIN.upper(), "move", "\\Trash", 2)
    rule(sandbox, bal, "from", "resultats@", "flag", place=3)
    rule(sandbox, bal, "patient", "", "move", "\\Junk", 0)
    assert bal.deliver(to(bal, Subject="=?utf-8?Q?R=C3=89SULTATS_du_jour?=")).code == 250
    assert bal.deliver(to(bal, Subject="autre chose")).code == 250
    assert (len(bal.messages("Archive")), len(bal.messages("Trash")), len(bal.messages())) == (1, 1, 0)
    assert "\\\\Flagged" in flags_of(bal, "Archive")[0] and "\\\\Flagged" in flags_of(bal, "Trash")[0]


def test_rules_of_documents_and_of_ours(sandbox, new_bals):
    """Submission delivers to BALs of ours by the same rules as mx; what does not match stays in the INBOX."""
    from sandbox import documents

    sender, receiver = new_bals(2)
    rule(sandbox, receiver, "document", "", "move", "\\Archive")
    message = documents.message(people.patient(3), sender.address, [receiver.address], 3)
    assert submit(sandbox, sender, [receiver.address], message).code == 250
    assert submit(sandbox, sender, [receiver.address], letter(sender=sender.address)).code == 250
    assert (len(receiver.messages("Archive")), len(receiver.messages())) == (1, 1)


def test_absence_answers_once_a_week(sandbox, bal):
    absent(sandbox, bal)
    message = to(bal)
    for _ in range(3):
        assert bal.deliver(message).code == 250
    assert bal.deliver(to(bal), sender=f"secretariat@{PEER_DOMAIN}").code == 250
    answers = [email.message_from_bytes(m) for m in bal.messages("Sent")]
    assert sorted(a["To"] for a in answers) == sorted([f"<{LAB}>", f"<secretariat@{PEER_DOMAIN}>"])
    first = answers[0]
    assert first["Auto-Submitted"] == "auto-replied" and "De retour lundi." in first.get_payload()
    assert first["In-Reply-To"] == email.message_from_bytes(message)["Message-ID"] and first["Date"] and first["Message-ID"]
    sandbox.postgres.query("UPDATE absence_answer SET at = at - interval '8 days'")
    assert bal.deliver(message).code == 250
    assert len(bal.messages("Sent")) == 3


SILENT = {
    "list": {"List-Id": "<l.example>"}, "automatic": {"Auto-Submitted": "auto-generated"}, "bulk": {"Precedence": "bulk"},
    "not-addressed": {"To": "tous@example.org"},
    "report": {"Content-Type": "multipart/report; report-type=delivery-status; boundary=b"},
}


@pytest.mark.parametrize("name", [*SILENT, "null-sender", "over", "moved", "mailer-daemon"])
def test_absence_is_silent(sandbox, bal, name):
    absent(sandbox, bal, days=-0.5 if name == "over" else 1)
    if name == "moved":
        rule(sandbox, bal, "from", "resultats@", "move", "\\Archive")
    sender = {"null-sender": "", "mailer-daemon": f"MAILER-DAEMON@{PEER_DOMAIN}"}.get(name, LAB)
    assert bal.deliver(to(bal, **SILENT.get(name, {})), sender=sender).code == 250
    assert bal.messages("Sent") == []


def test_absence_of_both_makes_no_loop(sandbox, new_bals):
    one, other = new_bals(2)
    absent(sandbox, one)
    absent(sandbox, other)
    assert submit(sandbox, one, [other.address], letter(sender=one.address, To=other.address)).code == 250
    answer = email.message_from_bytes(one.wait(1)[0])
    assert answer["Auto-Submitted"] == "auto-replied" and answer["From"] == f"<{other.address}>"
    assert (len(one.messages("Sent")), len(other.messages("Sent")), len(other.messages())) == (1, 1, 1)


def from_patient(sandbox, bal, patient, **fields):
    with connect(sandbox, "mes") as smtp:
        assert deliver(smtp, patient.address, [bal.address], to(bal, sender=patient.address, **fields)).code == 250


def test_a_patient_gets_the_structures_text_once(sandbox, new_bals):
    told, untold = new_bals(2)
    absent(sandbox, told, patient_body="'En urgence : le 15 ou le 112.'")
    absent(sandbox, untold)
    patient = people.patient(91)
    for bal in (told, told, untold):
        from_patient(sandbox, bal, patient)
    answers = told.messages("Sent")
    assert len(answers) == 1 and b"le 15 ou le 112" in answers[0] and b"lundi" not in answers[0]
    assert untold.messages("Sent") == []
    sandbox.postgres.query("UPDATE absence_answer SET at = at - interval '30 days'")
    from_patient(sandbox, told, patient)
    assert len(told.messages("Sent")) == 1, "once an exchange, not once a week"


BOUNCE = ("From: MAILER-DAEMON@patient.mssante.fr\r\nTo: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
          "report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nnon remis\r\n--b\r\n"
          "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.patient.mssante.fr\r\n\r\n"
          "Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: {status}\r\n\r\n--b\r\nContent-Type: "
          "text/rfc822-headers\r\n\r\nMessage-ID: {id}\r\n\r\n--b--\r\n")


def receipts(sandbox, bal):
    return sandbox.postgres.query("SELECT r.kind || ' ' || outcome FROM receipt r JOIN bal b USING (bal_id) WHERE b.address = "
                                  f"'{bal.address}' ORDER BY received").split("\n")


@pytest.mark.parametrize("status,outcome", [("5.2.1", "closed"), ("5.1.1", "unknown"), ("5.1.3", "invalid"), ("5.3.4", "too-large")])
def test_bounces_of_mon_espace_sante(sandbox, bal, status, outcome):
    """Kept in a row beside the sent message; only the operator of patients may say so."""
    patient = people.patient(92)
    message = letter(sender=bal.address, To=patient.address)
    assert submit(sandbox, bal, [patient.address], message, " HOLDFOR=600").code == 250
    bounce = BOUNCE.format(address=patient.address, status=status, id=email.message_from_bytes(message)["Message-ID"])
    for certificate, code in (("peer", (250, 550)), ("mes", (250,))):
        with connect(sandbox, certificate) as smtp:
            sender = "MAILER-DAEMON@patient.mssante.fr" if certificate == "mes" else LAB
            assert deliver(smtp, "", [bal.address], bounce.replace("MAILER-DAEMON@patient.mssante.fr", sender).encode()).code in code
        assert receipts(sandbox, bal) == ([""] if certificate == "peer" else [f"mes {outcome}"])
    assert len(bal.messages()) == 2, "the bounces themselves are kept as they came"


def test_a_read_receipt_of_another_operator(sandbox, bal):
    message = letter(sender=bal.address, To=LAB)
    assert submit(sandbox, bal, [LAB], message, " HOLDFOR=600").code == 250
    mdn = (f"From: {LAB}\r\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b\r\n"
           "Content-Type: text/plain\r\n\r\nlu\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
           f"Final-Recipient: rfc822;{LAB}\r\nOriginal-Message-ID: {email.message_from_bytes(message)['Message-ID']}\r\n"
           "Disposition: {}\r\n\r\n--b--\r\n")
    for disposition in ("manual-action/MDN-sent-manually; displayed",
                        "automatic-action/MDN-sent-automatically; processed/Error: 902^patient inconnu"):
        assert bal.deliver(mdn.format(disposition).encode(), sender="").code == 250
    assert receipts(sandbox, bal) == ["mdn read", "mdn not-integrated"]
