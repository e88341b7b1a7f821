-- Back: yes, older programs count from the traces as they did; drop the tables, the functions and the index to undo it.
-- Indicators are asked of months, and a month has millions of traces: each day that has ended is counted once, by retention.
-- What a day adds is added with the note that it has been: a crash between the two is none.

CREATE TABLE indicator_done (
    day date PRIMARY KEY,
    at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE indicator_done IS 'Days (UTC) whose traces are in the indicator tables; the days after the last are counted live.';
CREATE TABLE indicator_bal (
    month date NOT NULL,
    bal_id bigint NOT NULL,
    sent bigint NOT NULL, sent_inside bigint NOT NULL, sent_outside bigint NOT NULL, sent_patients bigint NOT NULL,
    received bigint NOT NULL, received_inside bigint NOT NULL, received_outside bigint NOT NULL, received_patients bigint NOT NULL,
    bytes_sent bigint NOT NULL, bytes_received bigint NOT NULL, with_cda bigint NOT NULL, with_ins bigint NOT NULL,
    logins_psc bigint NOT NULL, logins_certificate bigint NOT NULL,
    PRIMARY KEY (month, bal_id)
);
COMMENT ON TABLE indicator_bal IS 'What a BAL did in a month, as the traces of its ended days say.';
CREATE TABLE indicator_partner (
    month date NOT NULL,
    structure_id bigint NOT NULL,
    partner text NOT NULL,
    sent bigint NOT NULL,
    received bigint NOT NULL,
    PRIMARY KEY (month, structure_id, partner)
);
COMMENT ON TABLE indicator_partner IS 'Domains that a structure exchanged with in a month.';
CREATE TABLE indicator_product (
    month date NOT NULL,
    structure_id bigint NOT NULL,
    product text NOT NULL,
    messages bigint NOT NULL,
    PRIMARY KEY (month, structure_id, product)
);
COMMENT ON TABLE indicator_product IS 'Messages of a month by sending product (X-MSS-NIL).';
CREATE TABLE indicator_day (
    day date NOT NULL,
    structure_id bigint NOT NULL,
    sent bigint NOT NULL,
    received bigint NOT NULL,
    PRIMARY KEY (day, structure_id)
);
COMMENT ON TABLE indicator_day IS 'Messages of a structure by day, for the plot.';
GRANT SELECT ON indicator_done, indicator_bal, indicator_partner, indicator_product, indicator_day
    TO caducee_admin, caducee_auditor, caducee_backup;

-- Traces come in order of time: a BRIN is some pages, and costs a delivery nothing.
CREATE INDEX trace_at ON trace USING brin (at) WITH (autosummarize = on);

-- A message counts once for its sender, and once for each BAL that receives it.
CREATE FUNCTION indicator_facts(since timestamptz, until timestamptz)
RETURNS TABLE (at timestamptz, bal_id bigint, counterpart text, product text, s boolean, r boolean, l boolean, inside boolean,
               patient boolean, bytes bigint, cda boolean, ins boolean, person boolean)
LANGUAGE sql STABLE AS $$
    SELECT t.at, t.bal_id, t.counterpart, t.product, t.action = 'submission.accept' AND t.answer LIKE '2%',
           t.action IN ('mx.accept', 'submission.deliver') AND t.answer LIKE '2%', t.action LIKE '%.login' AND t.answer = 'OK',
           t.direction IS NOT DISTINCT FROM 'inside', t.patient_hash IS NOT NULL, coalesce(t.bytes, 0), coalesce(t.has_cda, false),
           coalesce(t.ins_qualified, false), t.actor_kind = 'person'
    FROM trace t WHERE t.at >= $1 AND t.at < $2 AND t.bal_id IS NOT NULL
      AND (t.action IN ('submission.accept', 'mx.accept', 'submission.deliver') OR t.action LIKE '%.login')
$$;
COMMENT ON FUNCTION indicator_facts IS 'The traces of a span of time that indicators count, as flags.';
CREATE FUNCTION indicator_sums(since timestamptz, until timestamptz)
RETURNS TABLE (bal_id bigint, sent bigint, sent_inside bigint, sent_outside bigint, sent_patients bigint, received bigint,
               received_inside bigint, received_outside bigint, received_patients bigint, bytes_sent bigint, bytes_received bigint,
               with_cda bigint, with_ins bigint, logins_psc bigint, logins_certificate bigint)
LANGUAGE sql STABLE AS $$
    SELECT f.bal_id, count(*) FILTER (WHERE s), count(*) FILTER (WHERE s AND inside), count(*) FILTER (WHERE s AND NOT inside AND NOT patient),
           count(*) FILTER (WHERE s AND patient), count(*) FILTER (WHERE r), count(*) FILTER (WHERE r AND inside),
           count(*) FILTER (WHERE r AND NOT inside AND NOT patient), count(*) FILTER (WHERE r AND patient),
           coalesce(sum(bytes) FILTER (WHERE s), 0)::bigint, coalesce(sum(bytes) FILTER (WHERE r), 0)::bigint,
           count(*) FILTER (WHERE (s OR r) AND cda), count(*) FILTER (WHERE (s OR r) AND ins),
           count(*) FILTER (WHERE l AND person), count(*) FILTER (WHERE l AND NOT person)
    FROM indicator_facts($1, $2) f GROUP BY f.bal_id
$$;
COMMENT ON FUNCTION indicator_sums IS 'What each BAL did in a span of time, from its traces.';

-- The moment from which a month is counted live: after its last day that is in the tables.
CREATE FUNCTION indicator_live(month date) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT greatest($1, coalesce((SELECT max(day) + 1 FROM indicator_done WHERE day >= $1 AND day < $1 + interval '1 month'), $1))::timestamp
           AT TIME ZONE 'UTC'
$$;
COMMENT ON FUNCTION indicator_live IS 'From when on a month is counted from the traces themselves.';

CREATE FUNCTION indicator_add_day(d date) RETURNS void LANGUAGE sql AS $$
    INSERT INTO indicator_bal AS b SELECT date_trunc('month', d)::date, s.* FROM
        indicator_sums(d::timestamp AT TIME ZONE 'UTC', (d + 1)::timestamp AT TIME ZONE 'UTC') s
        ON CONFLICT (month, bal_id) DO UPDATE SET sent = b.sent + excluded.sent, sent_inside = b.sent_inside + excluded.sent_inside,
            sent_outside = b.sent_outside + excluded.sent_outside, sent_patients = b.sent_patients + excluded.sent_patients,
            received = b.received + excluded.received, received_inside = b.received_inside + excluded.received_inside,
            received_outside = b.received_outside + excluded.received_outside,
            received_patients = b.received_patients + excluded.received_patients, bytes_sent = b.bytes_sent + excluded.bytes_sent,
            bytes_received = b.bytes_received + excluded.bytes_received, with_cda = b.with_cda + excluded.with_cda,
            with_ins = b.with_ins + excluded.with_ins, logins_psc = b.logins_psc + excluded.logins_psc,
            logins_certificate = b.logins_certificate + excluded.logins_certificate;
    INSERT INTO indicator_partner AS p SELECT date_trunc('month', d)::date, b.structure_id, f.counterpart, count(*) FILTER (WHERE s),
        count(*) FILTER (WHERE r) FROM indicator_facts(d::timestamp AT TIME ZONE 'UTC', (d + 1)::timestamp AT TIME ZONE 'UTC') f
        JOIN bal b USING (bal_id) WHERE f.counterpart IS NOT NULL AND (s OR r) GROUP BY b.structure_id, f.counterpart
        ON CONFLICT (month, structure_id, partner) DO UPDATE SET sent = p.sent + excluded.sent, received = p.received + excluded.received;
    INSERT INTO indicator_product AS p SELECT date_trunc('month', d)::date, b.structure_id, coalesce(f.product, '(absent)'), count(*)
        FROM indicator_facts(d::timestamp AT TIME ZONE 'UTC', (d + 1)::timestamp AT TIME ZONE 'UTC') f JOIN bal b USING (bal_id)
        WHERE s OR r GROUP BY b.structure_id, 3
        ON CONFLICT (month, structure_id, product) DO UPDATE SET messages = p.messages + excluded.messages;
    INSERT INTO indicator_day SELECT d, b.structure_id, count(*) FILTER (WHERE s), count(*) FILTER (WHERE r)
        FROM indicator_facts(d::timestamp AT TIME ZONE 'UTC', (d + 1)::timestamp AT TIME ZONE 'UTC') f JOIN bal b USING (bal_id)
        WHERE s OR r GROUP BY b.structure_id ON CONFLICT DO NOTHING;
    INSERT INTO indicator_done (day) VALUES (d);
$$;
REVOKE ALL ON FUNCTION indicator_add_day FROM PUBLIC;

-- The days that have ended an hour ago at least and are not in the tables yet; a transaction that began before midnight has ended
-- too by then. At most two months at once.
CREATE FUNCTION indicators_catch_up() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    SET timezone = 'UTC' AS $$
DECLARE
    d date := (SELECT max(day) + 1 FROM indicator_done);
    last date := ((now() AT TIME ZONE 'UTC') - interval '25 hours')::date;
    added integer := 0;
BEGIN
    d := coalesce(d, (SELECT (min(at) AT TIME ZONE 'UTC')::date FROM trace), last);
    WHILE d <= last AND added < 62 LOOP
        PERFORM indicator_add_day(d);
        d := d + 1;
        added := added + 1;
    END LOOP;
    RETURN added;
END $$;
REVOKE ALL ON FUNCTION indicators_catch_up FROM PUBLIC;
GRANT EXECUTE ON FUNCTION indicators_catch_up TO caducee_retention;
COMMENT ON FUNCTION indicators_catch_up IS 'Adds the days that have ended to the indicator tables; says how many.';
