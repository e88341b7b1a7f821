-- Functional traces, their seals, and alarms.

-- Who did what, when, with what answer. Written in the transaction it tells of; facts that indicators count are in clear;
-- no name of a patient, no subject. Partitioned by retention class, then by month, so that forgetting is a DROP.
-- retention: 1 functional (3 years), 2 connections (1 year), 3 queue envelopes (90 days). All settable.
CREATE DOMAIN trace_actor AS text CHECK (VALUE IN ('operator', 'person', 'certificate', 'admin', 'system'));
CREATE DOMAIN trace_direction AS text CHECK (VALUE IN ('in', 'out', 'inside'));
CREATE TABLE trace (
    retention     smallint NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    trace_id      bigint NOT NULL,             -- milliseconds << 22 | random
    xid           xid8 NOT NULL DEFAULT pg_current_xact_id(), -- the sealer's horizon
    action        text NOT NULL,
    answer        text NOT NULL,
    rule          text,
    session       text,
    peer          text,
    actor_kind    trace_actor NOT NULL,
    actor         text,
    person_id     bigint,
    bal_id        bigint,
    structure_id  bigint,
    counterpart   text,                        -- the other side's domain
    patient_hash  bytea,                       -- keyed hash of a patient's address
    direction     trace_direction,
    bytes         bigint,
    has_cda       boolean,
    ins_qualified boolean,
    product       text,                        -- X-MSS-NIL
    messages      text,                        -- which: folder and UID set
    detail        text
) PARTITION BY LIST (retention);
COMMENT ON TABLE trace IS 'Functional traces (SC.MSS/CONF.17, .18): inserted, never changed; sealed within seconds.';
CREATE TABLE trace_functional PARTITION OF trace FOR VALUES IN (1) PARTITION BY RANGE (at);
CREATE TABLE trace_connection PARTITION OF trace FOR VALUES IN (2) PARTITION BY RANGE (at);
CREATE TABLE trace_queue PARTITION OF trace FOR VALUES IN (3) PARTITION BY RANGE (at);
-- pg_dump locks each level by itself.
GRANT SELECT ON trace_functional, trace_connection, trace_queue TO caducee_backup;
-- Never refuse a message because nobody made next month's partition.
CREATE TABLE trace_functional_default PARTITION OF trace_functional DEFAULT;
CREATE TABLE trace_connection_default PARTITION OF trace_connection DEFAULT;
CREATE TABLE trace_queue_default PARTITION OF trace_queue DEFAULT;
CREATE INDEX trace_xid ON trace (xid);
CREATE INDEX trace_bal ON trace (bal_id, at) WHERE bal_id IS NOT NULL;
CREATE INDEX trace_person ON trace (person_id, at) WHERE person_id IS NOT NULL;

-- The text that seals digest: the columns of version 1, in this order, whatever is added later.
CREATE FUNCTION trace_text(t trace) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT ROW(t.retention, extract(epoch FROM t.at), t.trace_id, t.xid, t.action, t.answer, t.rule, t.session, t.peer,
               t.actor_kind, t.actor, t.person_id, t.bal_id, t.structure_id, t.counterpart, t.patient_hash, t.direction,
               t.bytes, t.has_cda, t.ins_qualified, t.product, t.messages, t.detail)::text
$$;
COMMENT ON FUNCTION trace_text IS 'What a seal digests of a trace (version 1).';

-- Makes the partitions of this month and the two that follow. Runs as the owner, for retention and migrate.
CREATE FUNCTION trace_make_partitions() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    class text;
    month date;
    part text;
    made integer := 0;
BEGIN
    FOREACH class IN ARRAY ARRAY['trace_functional', 'trace_connection', 'trace_queue'] LOOP
        FOR i IN 0..2 LOOP
            month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i))::date;
            part := class || to_char(month, '_YYYY_MM');
            -- Rows already in the default partition for that month would forbid the new one: it then waits a month.
            IF to_regclass(part) IS NULL THEN
                BEGIN
                    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, class,
                                   month::timestamp AT TIME ZONE 'UTC',
                                   (month + interval '1 month') AT TIME ZONE 'UTC');
                    EXECUTE format('GRANT SELECT ON %I TO caducee_sealer, caducee_auditor, caducee_backup', part);
                    made := made + 1;
                EXCEPTION WHEN check_violation THEN NULL;
                END;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION trace_make_partitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trace_make_partitions TO caducee_retention, caducee_admin;

-- Drops partitions whose last day is older than their class keeps; returns their names. Their last seals stay.
CREATE FUNCTION trace_drop_partitions(functional interval, connection interval, queue interval) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    p record;
BEGIN
    IF least(functional, connection, queue) < interval '30 days' THEN
        RAISE EXCEPTION 'a retention under 30 days is refused';
    END IF;
    FOR p IN SELECT c.relname, parent.relname AS class, to_date(right(c.relname, 7), 'YYYY_MM') AS month
             FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class parent ON parent.oid = i.inhparent
             WHERE parent.relname IN ('trace_functional', 'trace_connection', 'trace_queue')
               AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' LOOP
        IF p.month + interval '1 month' < now() - (CASE p.class WHEN 'trace_functional' THEN functional
                                                  WHEN 'trace_connection' THEN connection ELSE queue END) THEN
            EXECUTE format('DROP TABLE %I', p.relname);
            RETURN NEXT p.relname;
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION trace_drop_partitions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trace_drop_partitions TO caducee_retention;

-- One chain of seals a partition. digests: for each row, trace_id (8 bytes) and 16 bytes of HMAC: verify can name the row.
CREATE TABLE trace_seal (
    part      text NOT NULL,
    seq       bigint NOT NULL,
    from_xid  xid8 NOT NULL,                   -- rows with from_xid <= xid < to_xid
    to_xid    xid8 NOT NULL,
    row_count integer NOT NULL,
    digests   bytea NOT NULL,
    mac       bytea NOT NULL CHECK (length(mac) = 32), -- HMAC (key outside the database) of previous mac and all of the above
    version   smallint NOT NULL DEFAULT 1,
    sealed    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (part, seq)
);
ALTER TABLE trace_seal ALTER digests SET STORAGE EXTERNAL;
COMMENT ON TABLE trace_seal IS 'Seals over finished trace rows, chained a partition; verify names what was altered or taken out.';
-- How far the sealer has got, for all partitions at once.
CREATE TABLE seal_horizon (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    xid  xid8 NOT NULL DEFAULT '0',
    at   timestamptz NOT NULL DEFAULT now()
);
INSERT INTO seal_horizon DEFAULT VALUES;
COMMENT ON TABLE seal_horizon IS 'Traces of transactions before xid are sealed.';

-- An alarm clears itself: the row of a code and subject is deleted by who raised it, or ended and kept a while.
CREATE TABLE alarm (
    alarm_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    code     text NOT NULL,                    -- "whitelist.stale", "crl.expired": documented with their remedy
    subject  text NOT NULL DEFAULT '',         -- which one: a domain, a CA; never a patient
    since    timestamptz NOT NULL DEFAULT now(),
    last     timestamptz NOT NULL DEFAULT now(),
    times    integer NOT NULL DEFAULT 1,
    what     text NOT NULL,                    -- in French: what happens
    remedy   text NOT NULL,                    -- in French: what to do
    host     text,
    cleared  timestamptz,
    hooked   timestamptz                       -- when the operator's command was told
);
CREATE UNIQUE INDEX alarm_live ON alarm (code, subject) WHERE cleared IS NULL;
COMMENT ON TABLE alarm IS 'What an operator must do something about; clears itself.';

GRANT INSERT ON trace TO caducee_mx, caducee_submission, caducee_relay, caducee_imapd, caducee_webmail, caducee_keyd,
    caducee_fetcher, caducee_sweeper, caducee_retention, caducee_sync, caducee_admin, caducee_auditor;
GRANT SELECT ON trace TO caducee_sealer, caducee_auditor, caducee_backup, caducee_admin;
GRANT SELECT ON trace_functional_default, trace_connection_default, trace_queue_default
    TO caducee_sealer, caducee_auditor, caducee_backup;
GRANT SELECT, INSERT ON trace_seal TO caducee_sealer;
GRANT SELECT, UPDATE ON seal_horizon TO caducee_sealer;
GRANT SELECT ON trace_seal, seal_horizon TO caducee_auditor, caducee_backup, caducee_admin;
GRANT SELECT, INSERT, UPDATE ON alarm TO caducee_mx, caducee_submission, caducee_relay, caducee_imapd, caducee_webmail,
    caducee_keyd, caducee_fetcher, caducee_sealer, caducee_sweeper, caducee_retention, caducee_notifier, caducee_sync,
    caducee_admin, caducee_auditor;
GRANT SELECT ON alarm TO caducee_backup;
GRANT DELETE ON alarm TO caducee_retention;
SELECT trace_make_partitions();
