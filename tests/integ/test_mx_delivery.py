"""A message crosses the trust space and is read back byte for byte."""
import smtplib

import pytest
from sandbox import documents, people
from sandbox.refusals import connect, deliver

from conftest import LAB, letter, strip_added


def document(bal, number=1, **more) -> bytes:
    return documents.message(people.patient(number), LAB, [bal.address], number, **more)


@pytest.mark.parametrize("level", [1, 3])
def test_document_byte_for_byte(bal, level):
    message = document(bal, level=level)
    assert bal.deliver(message).code == 250
    assert bal.bodies() == [message]


def test_fields_that_we_add(bal):
    assert bal.deliver(letter()).code == 250
    head = bal.messages()[0].partition(b"\r\n\r\n")[0].decode()
    assert head.startswith(f"Return-Path: <{LAB}>")
    assert "Received: from mx.autre-operateur.mssante.fr" in head
    assert "Authentication-Results: mx.caducee.mssante.fr" in head
    assert "mx.autre-operateur.mssante.fr" in head.partition("Authentication-Results:")[2]


def test_forged_authentication_results_are_removed(bal):
    forged = letter(**{"Authentication-Results": "mx.caducee.mssante.fr; forged=pass"})
    assert bal.deliver(forged).code == 250
    assert b"forged=pass" not in bal.messages()[0]


def test_several_recipients_each_have_it_once(sandbox, new_bals):
    bals, message = new_bals(3), letter()
    with connect(sandbox) as smtp:
        assert deliver(smtp, LAB, [b.address for b in bals], message).code == 250
    assert [b.bodies() for b in bals] == [[message]] * 3


def test_same_recipient_twice_gets_one(sandbox, bal):
    with connect(sandbox) as smtp:
        assert deliver(smtp, LAB, [bal.address, bal.address], letter()).code == 250
    assert len(bal.messages()) == 1


def test_many_messages_on_one_connection(sandbox, bal):
    sent = [letter(f"numéro {n}".encode("ascii", "ignore").decode()) for n in range(20)]
    with connect(sandbox) as smtp:
        for message in sent:
            assert deliver(smtp, LAB, [bal.address], message).code == 250
    assert bal.bodies() == sent


def test_chunking(sandbox, bal):
    message = document(bal)
    with connect(sandbox) as smtp:
        smtp.command(f"MAIL FROM:<{LAB}> SIZE={len(message)} BODY=8BITMIME")
        smtp.command(f"RCPT TO:<{bal.address}>")
        middle = len(message) // 2
        smtp.send(b"BDAT %d\r\n" % middle + message[:middle])
        assert smtp.read().code == 250
        smtp.send(b"BDAT %d LAST\r\n" % (len(message) - middle) + message[middle:])
        assert smtp.read().code == 250
    assert bal.bodies() == [message]


def test_pipelining(sandbox, bal):
    message = letter()
    with connect(sandbox) as smtp:
        smtp.send(f"MAIL FROM:<{LAB}>\r\nRCPT TO:<nobody@tilleuls.caducee.mssante.fr>\r\nRCPT TO:<{bal.address}>\r\nDATA\r\n"
                  .encode())
        assert [smtp.read().code for _ in range(4)] == [250, 550, 250, 354]
        smtp.send(message + b".\r\nQUIT\r\n")
        assert [smtp.read().code for _ in range(2)] == [250, 221]
    assert bal.bodies() == [message]


def test_capabilities(mx):
    offered = {line.split()[0].upper() for line in mx.ehlo().lines[1:]}
    assert {"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES", "DSN"} <= offered
    assert "STARTTLS" not in offered
    assert not {"AUTH", "REQUIRETLS", "BINARYMIME"} & offered


def test_python_smtplib(sandbox, bal):
    """A client of somebody else's."""
    from sandbox.refusals import context_for

    message = document(bal, 2)
    with smtplib.SMTP(sandbox.place.host, sandbox.place.port("mx"), timeout=120) as smtp:
        smtp._host = "mx.caducee.mssante.fr"
        smtp.starttls(context=context_for(sandbox, "peer"))
        smtp.sendmail(LAB, [bal.address], message, ["BODY=8BITMIME"])
    assert bal.bodies() == [message]


@pytest.mark.needs("root", "postfix")
def test_postfix_delivers(sandbox, bal):
    """Debian's Postfix as the other operator, mutual TLS."""
    message = sandbox.send([bal.address], number=7)
    received = bal.wait(1)
    assert received[0].endswith(message.partition(b"\r\n")[2])
    assert strip_added(received[0]) != received[0]
