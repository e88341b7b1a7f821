-- Back: yes, no daemon writes what changes here; the `caducee` command of before opens no exceptional access once roles are given.
-- An exceptional access takes two persons: one asks, another one, named in the request, approves under their own operator's account.
-- The database decides: nobody writes such an access by a statement of their own.

CREATE TABLE exceptional_request (
    bal_id    bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    person_id bigint NOT NULL REFERENCES person, -- who is to read
    second_id bigint NOT NULL REFERENCES person, -- who must approve
    ends      timestamptz NOT NULL,
    reason    text NOT NULL,
    asked_by  text NOT NULL,                     -- an operator's login
    asked     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bal_id, person_id)
);
COMMENT ON TABLE exceptional_request IS 'Exceptional accesses that wait for their second person, a week at most.';
GRANT SELECT ON exceptional_request TO caducee_admin, caducee_auditor, caducee_backup;

CREATE FUNCTION exceptional_open(bal bigint, reader bigint, second bigint, until timestamptz, why text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO membership (bal_id, person_id, role, may_send, ends, reason, second_by) VALUES (bal, reader, 'lecteur', false, until, why, second)
        ON CONFLICT (bal_id, person_id) DO UPDATE SET ends = excluded.ends, reason = excluded.reason, second_by = excluded.second_by, told = NULL
        WHERE membership.role <> 'titulaire';
    IF NOT FOUND THEN
        RAISE unique_violation USING MESSAGE = 'the holder needs none';
    END IF;
END $$;

-- True: it is open (nobody has a role yet: the first day); false: the second person's turn.
CREATE FUNCTION exceptional_ask(bal bigint, reader bigint, second bigint, until timestamptz, why text) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    me text := current_setting('caducee.operator', true);
BEGIN
    IF NOT EXISTS (SELECT FROM operator_role WHERE starts <= now() AND (ends IS NULL OR ends > now())) THEN
        PERFORM exceptional_open(bal, reader, second, until, why);
        RETURN true;
    END IF;
    IF NOT operator_may(ARRAY['administrateur'], (SELECT structure_id FROM bal b WHERE b.bal_id = exceptional_ask.bal)) THEN
        PERFORM operator_refuse('exceptional access');
    END IF;
    IF NOT EXISTS (SELECT FROM operator_role o WHERE o.person_id = second AND o.login <> me AND o.role = 'administrateur'
            AND o.starts <= now() AND (o.ends IS NULL OR o.ends > now())) THEN
        PERFORM operator_refuse('the second person is no other administrateur');
    END IF;
    DELETE FROM exceptional_request WHERE asked < now() - interval '7 days';
    INSERT INTO exceptional_request AS r (bal_id, person_id, second_id, ends, reason, asked_by) VALUES (bal, reader, second, until, why, me)
        ON CONFLICT (bal_id, person_id) DO UPDATE SET second_id = excluded.second_id, ends = excluded.ends, reason = excluded.reason,
            asked_by = excluded.asked_by, asked = now();
    RETURN false;
END $$;
COMMENT ON FUNCTION exceptional_ask IS 'Asks for an exceptional access; true: open at once, false: the second person must approve.';

-- What was asked, and nothing else, opens. No row: nothing waits for this operator.
CREATE FUNCTION exceptional_approve(bal bigint, reader bigint) RETURNS TABLE (until timestamptz, why text, asker text) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    r exceptional_request;
BEGIN
    IF NOT operator_may(ARRAY['administrateur'], (SELECT structure_id FROM bal b WHERE b.bal_id = exceptional_approve.bal)) THEN
        PERFORM operator_refuse('exceptional access');
    END IF;
    DELETE FROM exceptional_request x USING operator_role o WHERE x.bal_id = exceptional_approve.bal AND x.person_id = reader
        AND x.asked > now() - interval '7 days' AND x.ends > now() AND o.person_id = x.second_id
        AND o.login = current_setting('caducee.operator', true) AND o.login <> x.asked_by AND o.role = 'administrateur'
        AND o.starts <= now() AND (o.ends IS NULL OR o.ends > now()) RETURNING x.* INTO r;
    IF FOUND THEN
        PERFORM exceptional_open(r.bal_id, r.person_id, r.second_id, r.ends, r.reason);
        RETURN QUERY SELECT r.ends, r.reason, r.asked_by;
    END IF;
END $$;
COMMENT ON FUNCTION exceptional_approve IS 'The second person''s word: opens what another one has asked for.';
REVOKE ALL ON FUNCTION exceptional_open, exceptional_ask, exceptional_approve FROM PUBLIC;
GRANT EXECUTE ON FUNCTION exceptional_ask, exceptional_approve TO caducee_admin;

CREATE FUNCTION operator_guard_exceptional() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.second_by IS DISTINCT FROM OLD.second_by OR NEW.ends > OLD.ends THEN
        PERFORM operator_refuse('an exceptional access by one person');
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION operator_guard_exceptional FROM PUBLIC;
CREATE TRIGGER operator_exceptional BEFORE INSERT OR UPDATE ON membership FOR EACH ROW
    WHEN (current_user = 'caducee_admin' AND NEW.second_by IS NOT NULL) EXECUTE FUNCTION operator_guard_exceptional();

-- The personal certificates of who operated go too; roles have ended before.
CREATE OR REPLACE FUNCTION person_forget_own(person bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    t text;
    n bigint;
    gone bigint := 0;
BEGIN
    IF NOT operator_may(ARRAY['exploitant', 'administrateur'], NULL) THEN
        PERFORM operator_refuse('person_forget_own');
    END IF;
    PERFORM set_config('caducee.person', person::text, true);
    DELETE FROM draft WHERE person_id = person;
    GET DIAGNOSTICS gone = ROW_COUNT;
    FOREACH t IN ARRAY ARRAY['seen_page', 'folder_viewer', 'annotation', 'bal_document'] LOOP
        EXECUTE format('DELETE FROM %I WHERE viewer = $1', t) USING person;
        GET DIAGNOSTICS n = ROW_COUNT;
        gone := gone + n;
    END LOOP;
    PERFORM set_config('caducee.person', '', true);
    DELETE FROM operator_certificate WHERE person_id = person;
    GET DIAGNOSTICS n = ROW_COUNT;
    gone := gone + n;
    RETURN gone;
END $$;
