-- Back: yes, the programs of before call the same functions; they keep the live part at the last ended hour, as these do.
-- A day of 500,000 messages is too much to count live: each ended hour is added once, by retention. A round adds what it can in some
-- seconds and goes on in the next: a year of traces must not run into the statement's time limit, again and again.

ALTER TABLE indicator_done ADD until timestamptz;
UPDATE indicator_done SET until = (day + 1)::timestamp AT TIME ZONE 'UTC';
ALTER TABLE indicator_done ALTER until SET NOT NULL;
COMMENT ON TABLE indicator_done IS 'Days (UTC) whose traces are in the indicator tables, up to when; what follows is counted live.';

CREATE OR REPLACE FUNCTION indicator_live(month date) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT greatest($1::timestamp AT TIME ZONE 'UTC',
                    (SELECT max(until) FROM indicator_done WHERE day >= $1 AND day < $1 + interval '1 month'))
$$;

-- A span within one day.
CREATE FUNCTION indicator_add(since timestamptz, until timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO indicator_bal AS b SELECT date_trunc('month', since AT TIME ZONE 'UTC')::date, s.* FROM indicator_sums(since, until) s
        ON CONFLICT (month, bal_id) DO UPDATE SET sent = b.sent + excluded.sent, sent_inside = b.sent_inside + excluded.sent_inside,
            sent_outside = b.sent_outside + excluded.sent_outside, sent_patients = b.sent_patients + excluded.sent_patients,
            received = b.received + excluded.received, received_inside = b.received_inside + excluded.received_inside,
            received_outside = b.received_outside + excluded.received_outside,
            received_patients = b.received_patients + excluded.received_patients, bytes_sent = b.bytes_sent + excluded.bytes_sent,
            bytes_received = b.bytes_received + excluded.bytes_received, with_cda = b.with_cda + excluded.with_cda,
            with_ins = b.with_ins + excluded.with_ins, logins_psc = b.logins_psc + excluded.logins_psc,
            logins_certificate = b.logins_certificate + excluded.logins_certificate;
    INSERT INTO indicator_partner AS p SELECT date_trunc('month', since AT TIME ZONE 'UTC')::date, b.structure_id, f.counterpart,
        count(*) FILTER (WHERE s), count(*) FILTER (WHERE r) FROM indicator_facts(since, until) f JOIN bal b USING (bal_id)
        WHERE f.counterpart IS NOT NULL AND (s OR r) GROUP BY b.structure_id, f.counterpart
        ON CONFLICT (month, structure_id, partner) DO UPDATE SET sent = p.sent + excluded.sent, received = p.received + excluded.received;
    INSERT INTO indicator_product AS p SELECT date_trunc('month', since AT TIME ZONE 'UTC')::date, b.structure_id,
        coalesce(f.product, '(absent)'), count(*) FROM indicator_facts(since, until) f JOIN bal b USING (bal_id)
        WHERE s OR r GROUP BY b.structure_id, 3
        ON CONFLICT (month, structure_id, product) DO UPDATE SET messages = p.messages + excluded.messages;
    INSERT INTO indicator_day AS d SELECT (since AT TIME ZONE 'UTC')::date, b.structure_id, count(*) FILTER (WHERE s), count(*) FILTER (WHERE r)
        FROM indicator_facts(since, until) f JOIN bal b USING (bal_id) WHERE s OR r GROUP BY b.structure_id
        ON CONFLICT (day, structure_id) DO UPDATE SET sent = d.sent + excluded.sent, received = d.received + excluded.received;
    INSERT INTO indicator_done AS o (day, until) VALUES ((since AT TIME ZONE 'UTC')::date, until)
        ON CONFLICT (day) DO UPDATE SET until = excluded.until, at = now();
$$;
REVOKE ALL ON FUNCTION indicator_add FROM PUBLIC;
DROP FUNCTION indicator_add_day;

-- Up to the last hour that ended an hour ago: a transaction that began in it has ended too by then.
CREATE OR REPLACE FUNCTION indicators_catch_up() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    SET timezone = 'UTC' AS $$
DECLARE
    last timestamptz := date_trunc('hour', now() - interval '1 hour');
    since timestamptz := (SELECT max(until) FROM indicator_done);
    until timestamptz;
    added integer := 0;
BEGIN
    since := coalesce(since, (SELECT date_trunc('day', min(at)) FROM trace), last);
    WHILE since < last AND clock_timestamp() < now() + interval '10 seconds' LOOP
        until := least(date_trunc('day', since) + interval '1 day', last);
        PERFORM indicator_add(since, until);
        since := until;
        added := added + 1;
    END LOOP;
    RETURN added;
END $$;
COMMENT ON FUNCTION indicators_catch_up IS 'Adds the hours that have ended to the indicator tables; says how many spans (days, or parts of one).';
