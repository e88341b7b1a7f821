-- Back: yes, older daemons do not read the counts, which triggers keep; to undo it, drop the triggers, both tables and the indexes.
-- How much waits, without counting it: each statement that adds, ends or holds recipients leaves its difference (a row
-- inserted: nobody waits for anybody), and the differences are folded into one row a domain now and then.
CREATE TABLE queue_count (
    domain  text PRIMARY KEY,
    waiting bigint NOT NULL,                   -- claimed ones included
    held    bigint NOT NULL
) WITH (fillfactor = 60);
COMMENT ON TABLE queue_count IS 'Recipients in the queue by destination, but for the differences in queue_delta.';
CREATE TABLE queue_delta (
    domain  text NOT NULL,
    waiting integer NOT NULL,
    held    integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
COMMENT ON TABLE queue_delta IS 'What statements changed since the last fold; the sum with queue_count is exact.';

INSERT INTO queue_count SELECT domain, count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'held')
    FROM queue_recipient GROUP BY domain;

CREATE FUNCTION queue_count_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO queue_delta SELECT domain, count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'held')
        FROM changed GROUP BY domain;
    RETURN NULL;
END $$;
CREATE FUNCTION queue_count_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO queue_delta SELECT domain, -count(*) FILTER (WHERE state = 'waiting'), -count(*) FILTER (WHERE state = 'held')
        FROM changed GROUP BY domain;
    RETURN NULL;
END $$;
CREATE FUNCTION queue_count_held() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO queue_delta VALUES (NEW.domain, CASE NEW.state WHEN 'waiting' THEN 1 ELSE -1 END,
                                    CASE NEW.state WHEN 'held' THEN 1 ELSE -1 END);
    RETURN NULL;
END $$;
CREATE TRIGGER queue_count_added AFTER INSERT ON queue_recipient REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION queue_count_added();
CREATE TRIGGER queue_count_ended AFTER DELETE ON queue_recipient REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION queue_count_ended();
-- By row: a claim, which changes no state, must not pay for it.
CREATE TRIGGER queue_count_held AFTER UPDATE OF state ON queue_recipient FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION queue_count_held();

-- By relays every few seconds, and by who asks; two at once need not.
CREATE FUNCTION queue_fold() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF pg_try_advisory_xact_lock(hashtext('caducee.queue_fold')) AND EXISTS (SELECT FROM queue_delta) THEN
        WITH gone AS (DELETE FROM queue_delta RETURNING *)
        INSERT INTO queue_count AS c SELECT domain, sum(waiting), sum(held) FROM gone GROUP BY domain
            ON CONFLICT (domain) DO UPDATE SET waiting = c.waiting + excluded.waiting, held = c.held + excluded.held;
        DELETE FROM queue_count WHERE waiting = 0 AND held = 0;
    END IF;
END $$;
COMMENT ON FUNCTION queue_fold IS 'Adds the differences to the counts.';
REVOKE ALL ON FUNCTION queue_fold, queue_count_added, queue_count_ended, queue_count_held FROM PUBLIC;
GRANT EXECUTE ON FUNCTION queue_fold TO caducee_relay, caducee_admin;
GRANT SELECT ON queue_count, queue_delta TO caducee_admin, caducee_auditor, caducee_backup;

-- Of each domain: what is under way, and the oldest.
CREATE INDEX queue_recipient_claimed ON queue_recipient (domain, due) WHERE holder IS NOT NULL;
CREATE INDEX queue_recipient_oldest ON queue_recipient (domain, queue_id);
