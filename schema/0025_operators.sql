-- Back: yes, no daemon is concerned; a `caducee` command of before is refused once roles are given (DROP FUNCTION operator_guard CASCADE).
-- Who runs `caducee` is told to the database with the connection (caducee.operator), and the database looks at operator_role for
-- every change that caducee_admin makes: a net under the command's own checks, as row-level security is one under the daemons'.
-- It is no wall against root, who is PostgreSQL's administrator too: what root cannot do is guarded by keys (keyd).

CREATE FUNCTION operator_may(roles text[], structure bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    WITH RECURSIVE held AS MATERIALIZED (
        SELECT login, role, structure_id FROM operator_role WHERE starts <= now() AND (ends IS NULL OR ends > now())
    ), up AS (
        SELECT s.structure_id, s.parent_id FROM structure s WHERE s.structure_id = $2
        UNION SELECT s.structure_id, s.parent_id FROM structure s JOIN up ON s.structure_id = up.parent_id
    )
    SELECT NOT EXISTS (SELECT FROM held) OR EXISTS (SELECT FROM held h WHERE h.login = current_setting('caducee.operator', true)
        AND h.role = ANY ($1) AND (h.role <> 'administrateur' OR $2 IS NULL OR h.structure_id IN (SELECT structure_id FROM up)))
$$;
COMMENT ON FUNCTION operator_may IS 'Whether the connection''s operator holds one of the roles (an administrateur: over that structure); as long as nobody has any, everybody does.';

CREATE FUNCTION operator_refuse(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'not a change of this operator''s role: ' || what;
END $$;

-- A whole table is of some roles, given as the trigger's arguments.
CREATE FUNCTION operator_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT operator_may(TG_ARGV, NULL) THEN
        PERFORM operator_refuse(TG_TABLE_NAME);
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

-- A BAL, its key and its bounds: exploitants, and administrateurs of its structure; not to be carried over to another one's.
CREATE FUNCTION operator_guard_bal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    of bigint;
BEGIN
    IF TG_TABLE_NAME = 'bal' THEN
        of := coalesce(NEW.structure_id, OLD.structure_id);
        IF TG_OP = 'UPDATE' AND NEW.structure_id <> OLD.structure_id THEN
            PERFORM operator_refuse('the structure of a BAL');
        END IF;
    ELSE
        of := (SELECT b.structure_id FROM bal b WHERE b.bal_id = coalesce(NEW.bal_id, OLD.bal_id));
    END IF;
    IF NOT operator_may(ARRAY['exploitant', 'administrateur'], of) THEN
        PERFORM operator_refuse(TG_TABLE_NAME);
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

-- To open a BAL to somebody is its structure's administrateur's alone; an exploitant takes away, and names the holder of a BAL made
-- in the same transaction. What has ended already, and stays so, opens nothing.
CREATE FUNCTION operator_guard_share() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    of record;
    allowed text[] := ARRAY['exploitant', 'administrateur'];
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.ends <= now() AND (TG_OP = 'DELETE' OR NEW.ends <= now()) THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    SELECT b.structure_id, b.created = now() AS fresh INTO of FROM bal b WHERE b.bal_id = coalesce(NEW.bal_id, OLD.bal_id);
    IF TG_OP = 'INSERT' AND NOT (NEW.role = 'titulaire' AND of.fresh) OR TG_OP = 'UPDATE' AND (NEW.bal_id <> OLD.bal_id OR
            NEW.person_id <> OLD.person_id OR NEW.role <> OLD.role OR NEW.may_send AND NOT OLD.may_send OR
            coalesce(NEW.ends, 'infinity') > coalesce(OLD.ends, 'infinity')) THEN
        allowed := ARRAY['administrateur'];
    END IF;
    IF NOT operator_may(allowed, of.structure_id) THEN
        PERFORM operator_refuse(TG_TABLE_NAME);
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

-- The same for a certificate: to bind or to change one is the administrateur's.
CREATE FUNCTION operator_guard_binding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT operator_may(CASE TG_OP WHEN 'DELETE' THEN ARRAY['exploitant', 'administrateur'] ELSE ARRAY['administrateur'] END,
            (SELECT b.structure_id FROM bal b WHERE b.bal_id = coalesce(NEW.bal_id, OLD.bal_id))) THEN
        PERFORM operator_refuse(TG_TABLE_NAME);
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

-- A further national id opens whatever its person holds: only who administers all of that may add or move one.
CREATE FUNCTION operator_guard_identifier() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    opens boolean := TG_OP <> 'DELETE' AND EXISTS (SELECT FROM membership m JOIN bal b USING (bal_id) WHERE m.person_id = NEW.person_id
        AND (m.ends IS NULL OR m.ends > now()) AND NOT operator_may(ARRAY['administrateur'], b.structure_id));
BEGIN
    -- the same id for the same person again changes nothing
    IF TG_OP <> 'DELETE' AND EXISTS (SELECT FROM person_identifier i WHERE i.national_id = NEW.national_id AND i.person_id = NEW.person_id) THEN
        RETURN NEW;
    END IF;
    IF opens OR NOT operator_may(ARRAY['exploitant', 'administrateur'], NULL) THEN
        PERFORM operator_refuse(TG_TABLE_NAME);
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

-- What the officier notes of the keys is theirs; every other value of the installation is the exploitant's.
CREATE FUNCTION operator_guard_setting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT operator_may(CASE WHEN coalesce(NEW.name, OLD.name) LIKE 'key.%' THEN ARRAY['officier'] ELSE ARRAY['exploitant'] END, NULL) THEN
        PERFORM operator_refuse(TG_TABLE_NAME);
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
REVOKE ALL ON FUNCTION operator_may, operator_refuse, operator_guard, operator_guard_bal, operator_guard_share, operator_guard_binding,
    operator_guard_identifier, operator_guard_setting FROM PUBLIC;

DO $triggers$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['structure', 'domain', 'operator_role', 'crl', 'queue_state', 'queue_recipient', 'queue_domain',
                             'queue_message', 'directory_proposal'] LOOP
        EXECUTE format('CREATE TRIGGER operator BEFORE INSERT OR DELETE OR UPDATE ON %I FOR EACH STATEMENT '
            'WHEN (current_user = ''caducee_admin'') EXECUTE FUNCTION operator_guard(''exploitant'')', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['person', 'web_session', 'web_setting', 'publication'] LOOP
        EXECUTE format('CREATE TRIGGER operator BEFORE INSERT OR DELETE OR UPDATE ON %I FOR EACH STATEMENT '
            'WHEN (current_user = ''caducee_admin'') EXECUTE FUNCTION operator_guard(''exploitant'', ''administrateur'')', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['bal', 'bal_key'] LOOP
        EXECUTE format('CREATE TRIGGER operator BEFORE INSERT OR DELETE OR UPDATE ON %I FOR EACH ROW '
            'WHEN (current_user = ''caducee_admin'') EXECUTE FUNCTION operator_guard_bal()', t);
    END LOOP;
END $triggers$;
-- Where a CA's CRL stands is learnt from any certificate that is bound, and every daemon then told to look again.
CREATE TRIGGER operator BEFORE INSERT OR DELETE OR UPDATE OF removed ON ca FOR EACH STATEMENT
    WHEN (current_user = 'caducee_admin') EXECUTE FUNCTION operator_guard('exploitant');
CREATE TRIGGER operator BEFORE INSERT OR DELETE OR UPDATE OF whitelist ON trust_state FOR EACH STATEMENT
    WHEN (current_user = 'caducee_admin') EXECUTE FUNCTION operator_guard('exploitant');
CREATE TRIGGER operator BEFORE INSERT OR DELETE OR UPDATE OF limit_bytes, limit_messages ON bal_quota FOR EACH ROW
    WHEN (current_user = 'caducee_admin') EXECUTE FUNCTION operator_guard_bal();
CREATE TRIGGER operator BEFORE INSERT OR DELETE OR UPDATE ON membership FOR EACH ROW
    WHEN (current_user = 'caducee_admin') EXECUTE FUNCTION operator_guard_share();
CREATE TRIGGER operator BEFORE INSERT OR DELETE OR UPDATE ON certificate_binding FOR EACH ROW
    WHEN (current_user = 'caducee_admin') EXECUTE FUNCTION operator_guard_binding();
CREATE TRIGGER operator BEFORE INSERT OR DELETE OR UPDATE ON person_identifier FOR EACH ROW
    WHEN (current_user = 'caducee_admin') EXECUTE FUNCTION operator_guard_identifier();
CREATE TRIGGER operator BEFORE INSERT OR DELETE OR UPDATE ON setting FOR EACH ROW
    WHEN (current_user = 'caducee_admin') EXECUTE FUNCTION operator_guard_setting();
