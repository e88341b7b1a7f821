"""Every act leaves a sealed trace; one that is altered or taken out is found."""
import json

import psycopg2
import pytest

from conftest import letter


def sql(sandbox, statement, *values):
    with psycopg2.connect(sandbox.postgres.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def verify(sandbox):
    return sandbox.caducee.command("trace", "verify", check=False)


def sealed(sandbox) -> bool:
    """Sound, and nothing waits for its seal: what is altered now has been sealed."""
    done = sandbox.caducee.command("--json", "trace", "verify", check=False)
    return done.returncode == 0 and json.loads(done.stdout)["pending"] == 0


def test_delivery_and_reading_are_traced(sandbox, bal):
    before = sql(sandbox, "SELECT count(*) FROM trace")[0][0]
    bal.deliver(letter("secret-du-sujet"))
    bal.messages()
    assert sql(sandbox, "SELECT count(*) FROM trace")[0][0] >= before + 2


def test_no_content_in_traces_or_logs(sandbox, bal):
    word = "motquineseratnullepart"
    bal.deliver(letter(word, body=f"{word}\r\n".encode()))
    bal.messages()
    found = [log.name for log in sandbox.place.logs.iterdir() if word in log.read_text(errors="replace")]
    assert found == []
    for (text,) in sql(sandbox, "SELECT trace::text FROM trace"):
        assert word not in text


def test_refusals_are_traced(sandbox):
    from sandbox.refusals import REFUSALS, play

    silent = []
    for refusal in REFUSALS:
        before = sql(sandbox, "SELECT count(*) FROM trace WHERE rule IS NOT NULL")[0][0]
        play(sandbox, refusal)
        if sql(sandbox, "SELECT count(*) FROM trace WHERE rule IS NOT NULL")[0][0] == before:
            silent.append(refusal.name)
    assert silent == []


@pytest.mark.parametrize("fault", ["altered", "taken-out"])
def test_fault_is_found(sandbox, bal, fault):
    bal.deliver(letter())
    sandbox.wait_until(lambda: sealed(sandbox))
    row = sql(sandbox, "SELECT max(trace_id) FROM trace")[0][0]
    with psycopg2.connect(sandbox.postgres.conninfo) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE kept AS SELECT * FROM trace WHERE trace_id = %s", (row,))
        if fault == "altered":
            cursor.execute("UPDATE trace SET answer = answer || '.' WHERE trace_id = %s", (row,))
        else:
            cursor.execute("DELETE FROM trace WHERE trace_id = %s", (row,))
        connection.commit()
        done = verify(sandbox)
        cursor.execute("DELETE FROM trace WHERE trace_id = %s", (row,))
        cursor.execute("INSERT INTO trace SELECT * FROM kept")
    assert done.returncode != 0 and done.stdout + done.stderr
    assert verify(sandbox).returncode == 0
