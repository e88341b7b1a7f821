"""What submission and the relay do beyond handing mail over: rates, holds, oppositions, later, antivirus, notices."""
import datetime
import email
import json
import subprocess
import time

import pytest
from sandbox import people
from sandbox.refusals import LAB as PEER_LAB
from sandbox.refusals import deliver
from sandbox.whitelist import PEER_DOMAIN

from conftest import letter
from test_submission import DOCTOR, as_person, session


def queue(sandbox, *words):
    return json.loads(sandbox.caducee.command("queue", *words, "--json").stdout)


def waiting_for(sandbox, address):
    return [row for row in queue(sandbox, "list", "--limit", "10000") if row["recipient"] == address]


def submit(sandbox, bal, recipients, message, options="", notify=""):
    with session(sandbox, "dui2") as smtp:
        assert smtp.external(bal.address).code == 235
        reply = smtp.command(f"MAIL FROM:<{bal.address}>{options}")
        if reply.code != 250:
            return reply
        for recipient in recipients:
            assert smtp.command(f"RCPT TO:<{recipient}>{notify}").code == 250
        return smtp.data(message)


def test_offers_of_submission(sandbox):
    with session(sandbox, "dui2") as smtp:
        offered = {line.split()[0].upper(): line for line in smtp.ehlo("poste").lines[1:]}
    assert {"AUTH", "FUTURERELEASE", "LIMITS", "DSN", "SMTPUTF8", "CHUNKING", "PIPELINING", "SIZE"} <= set(offered)
    assert "EXTERNAL" in offered["AUTH"] and "OAUTHBEARER" in offered["AUTH"] and "XOAUTH2" in offered["AUTH"]
    assert not {"REQUIRETLS", "BINARYMIME"} & set(offered)
    assert not {"PLAIN", "LOGIN"} & set(offered["AUTH"].split())


def test_later_waits_and_is_delivered(sandbox, new_bals):
    """FUTURERELEASE (RFC 4865): in the queue until its time, for recipients of ours too."""
    sender, receiver = new_bals(2)
    assert submit(sandbox, sender, [receiver.address], letter(sender=sender.address), " HOLDFOR=3").code == 250
    assert len(waiting_for(sandbox, receiver.address)) == 1
    assert receiver.messages() == []
    assert len(receiver.wait(1, 40)) == 1
    sandbox.wait_until(lambda: not waiting_for(sandbox, receiver.address))


@pytest.mark.parametrize("option", [" HOLDFOR=99999999", " HOLDUNTIL=2099-01-01T00:00:00Z"])
def test_too_late_is_refused(sandbox, bal, option):
    assert submit(sandbox, bal, [bal.address], letter(sender=bal.address), option).code == 501


def test_hold_until_a_date(sandbox, bal):
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    address = f"plus-tard-{time.monotonic_ns()}@{PEER_DOMAIN}"
    assert submit(sandbox, bal, [address], letter(sender=bal.address), f" HOLDUNTIL={soon}").code == 250
    row = waiting_for(sandbox, address)[0]
    sandbox.caducee.command("queue", "drop", row["message"])
    assert not waiting_for(sandbox, address)


def test_sent_copy_keeps_bcc(sandbox, new_bals):
    sender, receiver, hidden = new_bals(3)
    message = letter(sender=sender.address, Bcc=hidden.address)
    assert submit(sandbox, sender, [receiver.address, hidden.address], message).code == 250
    assert b"Bcc" not in receiver.wait(1)[0] and b"Bcc" not in hidden.wait(1)[0]
    sent = sender.messages("Sent")
    assert len(sent) == 1 and f"Bcc: {hidden.address}".encode() in sent[0]


@pytest.mark.parametrize("column,count,of", [("messages", 100000, "sender"), ("recipients", 100000, "sender"),
                                             ("fresh", 100000, "sender"), ("messages", 9900000, "other")])
def test_rate_holds_what_is_too_much(sandbox, new_bals, column, count, of):
    """Past a limit mail is accepted, waits, and an alarm says so; an operator lets it go. Messages and recipients an hour, new
    recipients a day; of the BAL, and of all BALs of its certificate."""
    sender, receiver, other = new_bals(3)
    counted = sender if of == "sender" else other
    sandbox.postgres.query(
        f"INSERT INTO send_rate (bal_id, hour, {column}) SELECT bal_id, date_trunc('hour', now()), {count} FROM bal "
        f"WHERE address = '{counted.address}'")
    assert submit(sandbox, sender, [receiver.address], letter(sender=sender.address)).code == 250
    rows = waiting_for(sandbox, receiver.address)
    assert [row["state"] for row in rows] == ["held"]
    alarms = sandbox.postgres.query(f"SELECT code FROM alarm WHERE subject = '{sender.address}'")
    assert "submission.rate" in alarms
    sandbox.caducee.command("queue", "release", rows[0]["message"])
    assert len(receiver.wait(1)) == 1
    sandbox.postgres.query("DELETE FROM send_rate USING bal b WHERE b.bal_id = send_rate.bal_id AND b.address = "
                           f"'{counted.address}'")


def test_success_of_a_recipient_of_ours(sandbox, new_bals):
    sender, receiver = new_bals(2)
    reply = submit(sandbox, sender, [receiver.address], letter(sender=sender.address), " RET=HDRS ENVID=E42",
                   " NOTIFY=SUCCESS")
    assert reply.code == 250
    report = email.message_from_bytes(sender.wait(1)[0])
    assert report.get_content_type() == "multipart/report" and "Action: delivered" in report.as_string()
    assert "Original-Envelope-Id: E42" in report.as_string()


@pytest.mark.needs("root", "postfix")
def test_unknown_recipient_comes_back_in_words(sandbox, bal):
    """What the other operator refuses after it has accepted, or at RCPT: a report in French, from the null sender."""
    address = f"inconnu@{PEER_DOMAIN}"
    assert submit(sandbox, bal, [address], letter(sender=bal.address)).code == 250
    report = email.message_from_bytes(bal.wait(1)[0])
    assert report.get_content_type() == "multipart/report"
    assert "MAILER-DAEMON" in report["From"]


def test_a_domain_off_the_list_is_refused_at_once(sandbox, bal):
    """At RCPT; what waits already is not bounced by one bad list (test_a_domain_that_leaves_the_list_for_good)."""
    with session(sandbox, "dui2") as smtp:
        assert smtp.external(bal.address).code == 235
        smtp.command(f"MAIL FROM:<{bal.address}>")
        reply = smtp.command("RCPT TO:<a@nulle-part.mssante.fr>")
    assert str(reply).startswith("550 5.7.1") and "whitelist" in str(reply)


def test_opposition_of_a_patient(sandbox, bal):
    """The structure's register is asked; hashes stand there, made by the same key as traces'."""
    patient = people.patient(77)
    with session(sandbox, "dui2") as smtp:
        assert smtp.external(bal.address).code == 235
        assert deliver(smtp, bal.address, [patient.address], letter(sender=bal.address)).code == 250
        sandbox.postgres.query(
            "INSERT INTO patient_register (structure_id, patient_hash, opposed_messages) SELECT structure_id, "
            "(SELECT patient_hash FROM trace WHERE patient_hash IS NOT NULL AND action = 'submission.accept' "
            f"AND bal_id = b.bal_id ORDER BY at DESC LIMIT 1), now() FROM bal b WHERE address = '{bal.address}'")
        reply = deliver(smtp, bal.address, [patient.address], letter(sender=bal.address))
        assert str(reply).startswith("550 5.7.1"), reply


def test_no_nir_anywhere(sandbox, bal):
    """A patient's matricule is in no log, no queue listing, no metric."""
    patient = people.patient(78)
    assert submit(sandbox, bal, [patient.address], letter(sender=bal.address), " HOLDFOR=600").code == 250
    listing = sandbox.caducee.command("queue", "list", "--limit", "10000").stdout
    assert patient.matricule not in listing and "‹INS›@patient.mssante.fr" in listing
    for log in sandbox.place.logs.iterdir():
        if log.name not in ("postfix.log", "postgresql.log"):
            assert patient.matricule.encode() not in log.read_bytes(), log.name


@pytest.mark.needs("clamd")
def test_antivirus_away_is_temporary(sandbox, bal):
    sandbox.antivirus.stop()
    try:
        assert bal.deliver(letter()).code == 451
        with as_person(sandbox) as smtp:
            assert deliver(smtp, DOCTOR.address, [bal.address], letter(sender=DOCTOR.address)).code == 451
    finally:
        sandbox.antivirus.start()
    assert bal.deliver(letter()).code == 250


def run_client(command, message):
    return subprocess.run([str(word) for word in command], input=message, capture_output=True, timeout=120)


@pytest.mark.needs("msmtp")
def test_msmtp_external(sandbox, bal, tmp_path):
    place, pki = sandbox.place, sandbox.pki
    command = ["msmtp", "--file=/dev/null", f"--host={place.host}", f"--port={place.port('submission')}", "--tls=on",
               "--tls-starttls=on", f"--tls-trust-file={pki.bundle}", f"--tls-cert-file={pki.cert('dui2')}",
               f"--tls-key-file={pki.key('dui2')}", "--tls-host-override=smtp.caducee.mssante.fr", "--auth=external",
               f"--user={bal.address}", f"--from={bal.address}", bal.address]
    done = run_client(command, letter(sender=bal.address))
    assert done.returncode == 0, done.stderr
    assert len(bal.wait(1)) == 1


@pytest.mark.needs("swaks")
def test_swaks_meets_the_mx(sandbox, bal):
    place, pki = sandbox.place, sandbox.pki
    command = ["swaks", "--server", place.host, "--port", place.port("mx"), "--tls", "--tls-cert", pki.cert("peer"),
               "--tls-key", pki.key("peer"), "--from", PEER_LAB, "--to", bal.address, "--header", f"From: {PEER_LAB}",
               "--ehlo", "mx.autre-operateur.mssante.fr"]
    done = run_client(command, b"")
    assert done.returncode == 0, done.stdout
    assert len(bal.wait(1)) == 1


def test_rights_are_asked_again(sandbox, new_bals):
    """A binding that ends between AUTH and DATA sends nothing more."""
    sender, receiver = new_bals(2)
    with session(sandbox, "dui2") as smtp:
        assert smtp.external(sender.address).code == 235
        assert deliver(smtp, sender.address, [receiver.address], letter(sender=sender.address)).code == 250
        sandbox.caducee.command("bal", "suspend", sender.address, "--reason", "essai")
        reply = deliver(smtp, sender.address, [receiver.address], letter(sender=sender.address))
        assert str(reply).startswith("550 5.7.1"), reply
    assert len(receiver.messages()) == 1


def test_right_that_ends_before_its_time(sandbox, new_bals):
    """FUTURERELEASE: a BAL that has been suspended meanwhile sends nothing; its writer is told why."""
    sender, receiver = new_bals(2)
    assert submit(sandbox, sender, [receiver.address], letter(sender=sender.address), " HOLDFOR=4").code == 250
    sandbox.caducee.command("bal", "suspend", sender.address, "--reason", "essai")
    sandbox.wait_until(lambda: not waiting_for(sandbox, receiver.address))
    assert receiver.messages() == []


def test_opposition_before_its_time(sandbox, bal):
    patient = people.patient(79)
    assert submit(sandbox, bal, [patient.address], letter(sender=bal.address), " HOLDFOR=4").code == 250
    sandbox.postgres.query(
        "INSERT INTO patient_register (structure_id, patient_hash, opposed_messages) SELECT structure_id, "
        "(SELECT patient_hash FROM trace WHERE patient_hash IS NOT NULL AND action = 'submission.accept' "
        f"AND bal_id = b.bal_id ORDER BY at DESC LIMIT 1), now() FROM bal b WHERE address = '{bal.address}'")
    report = bal.wait(1)[0].decode("utf-8")
    assert "opposé" in report and "Action: failed" in report


def test_a_clients_wrong_field_is_left_and_counted(sandbox, bal):
    """ECO.2.4.1, .2: what a product writes is never changed; its structure's administrator sees where it is wrong."""
    from sandbox import documents

    patient = people.patient(7)
    right = documents.message(patient, bal.address, [bal.address], 7)
    wrong = right.replace(b"X-MSS-CODECDA: 11502-2", b"X-MSS-CODECDA: 34112-3, 11502-2")
    assert wrong != right
    for message in (right, wrong, wrong):
        assert submit(sandbox, bal, [bal.address], message).code == 250
    assert sum(b"X-MSS-CODECDA: 34112-3, 11502-2" in message for message in bal.wait(3)) == 2
    rows = [row for row in json.loads(sandbox.caducee.command("--json", "bal", "headers").stdout) if row["address"] == bal.address]
    found = [(row["field"], int(row["count"]), row["written"], row["computed"]) for row in rows if row["field"] == "X-MSS-CODECDA"]
    assert found == [("X-MSS-CODECDA", 2, "34112-3, 11502-2", "11502-2")]
