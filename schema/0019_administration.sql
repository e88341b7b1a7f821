-- Back: yes, the daemons of before do not know these functions.
-- Administration at the webmail: the database itself decides what a session may see and do. A session's row is inserted by
-- keyd alone, so its hash is the proof of who asks; the webmail's own role sees nothing of these tables that it did not.

CREATE FUNCTION admin_person(session bytea) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT person_id FROM web_session WHERE session_hash = $1 AND revoked IS NULL AND locked IS NULL AND expires > now()
$$;
COMMENT ON FUNCTION admin_person IS 'Who is behind a session that lives and is not locked; NULL: nobody.';

-- An administrateur governs their structures and those under them; the other roles are the whole installation's.
CREATE FUNCTION admin_structures(session bytea, roles text[]) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    WITH RECURSIVE mine AS (
        SELECT o.role, o.structure_id FROM operator_role o WHERE o.person_id = admin_person($1) AND o.role = ANY($2)
            AND o.starts <= now() AND (o.ends IS NULL OR o.ends > now())
    ), governed AS (
        SELECT s.structure_id FROM structure s WHERE EXISTS (SELECT FROM mine WHERE role <> 'administrateur')
            OR s.structure_id IN (SELECT structure_id FROM mine)
        UNION SELECT s.structure_id FROM structure s JOIN governed g ON s.parent_id = g.structure_id
    ) SELECT structure_id FROM governed
$$;
COMMENT ON FUNCTION admin_structures IS 'The structures that a session governs by one of these roles.';

CREATE FUNCTION admin_require(session bytea, roles text[], structure bigint) RETURNS bigint LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF structure IS NULL AND NOT EXISTS (SELECT FROM operator_role o WHERE o.person_id = admin_person(session)
            AND o.role = ANY(roles) AND o.role <> 'administrateur' AND o.starts <= now() AND (o.ends IS NULL OR o.ends > now()))
        OR structure IS NOT NULL AND structure NOT IN (SELECT admin_structures(session, roles)) THEN
        RAISE insufficient_privilege USING MESSAGE = 'no such role over it';
    END IF;
    RETURN admin_person(session);
END $$;
COMMENT ON FUNCTION admin_require IS 'SQLSTATE 42501 unless the session holds one of the roles over the structure (NULL: over all).';

-- A BAL that the session does not govern is answered like one that does not exist: refused.
CREATE FUNCTION admin_require_bal(session bytea, roles text[], bal bigint) RETURNS bigint LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT admin_require($1, $2, coalesce((SELECT structure_id FROM bal WHERE bal_id = $3), 0))
$$;

CREATE FUNCTION admin_bals(session bytea, words text) RETURNS SETOF bal LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT b.* FROM bal b WHERE b.structure_id IN (SELECT admin_structures($1, ARRAY['exploitant', 'administrateur', 'auditeur']))
        AND (words IS NULL OR b.address ILIKE '%' || words || '%' OR b.display_name ILIKE '%' || words || '%')
$$;
COMMENT ON FUNCTION admin_bals IS 'The BALs of the structures that a session governs.';

-- The row, the wrapped key and the quota: what the webmail itself may not write.
CREATE FUNCTION admin_bal_create(session bytea, structure bigint, mail_domain text, mail_address text, bal_kind text, name text,
    responsible bigint, half bytea, epoch bigint, key bytea) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    PERFORM admin_require(session, ARRAY['exploitant', 'administrateur'], structure);
    IF NOT EXISTS (SELECT FROM domain d WHERE d.name = mail_domain AND d.structure_id = structure) THEN
        RAISE insufficient_privilege USING MESSAGE = 'not a domain of that structure';
    END IF;
    INSERT INTO bal (structure_id, domain, address, kind, state, display_name, responsible_id, public_half, published, origin)
        VALUES (structure, mail_domain, mail_address, bal_kind, 'open', name, responsible, half, bal_kind <> 'APP', 'admin')
        RETURNING bal_id INTO made;
    INSERT INTO bal_key (bal_id, epoch_id, wrapped) VALUES (made, epoch, key);
    INSERT INTO bal_quota (bal_id) VALUES (made);
    RETURN made;
END $$;
COMMENT ON FUNCTION admin_bal_create IS 'A BAL of a structure that the session governs, in a domain of that structure.';

CREATE FUNCTION admin_structure_set(session bytea, structure bigint, typing boolean, notice text, emergency text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM admin_require(session, ARRAY['exploitant', 'administrateur'], structure);
    UPDATE structure SET patient_typing = typing, patient_notice = nullif(notice, ''), emergency_text = nullif(emergency, '')
        WHERE structure.structure_id = admin_structure_set.structure;
    RETURN structure;
END $$;
COMMENT ON FUNCTION admin_structure_set IS 'What a structure settles about patients: typed identities, the notice, the emergency text.';

REVOKE ALL ON FUNCTION admin_person, admin_structures, admin_require, admin_require_bal, admin_bals, admin_bal_create,
    admin_structure_set FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin_structures, admin_require, admin_require_bal, admin_bals, admin_bal_create,
    admin_structure_set TO caducee_webmail;
GRANT SELECT (epoch_id, public_half, created, retired, destroyed) ON epoch TO caducee_webmail; -- to seal a new BAL's key to
GRANT UPDATE (published) ON bal TO caducee_webmail; -- with red_listed, by its manager or administrator
GRANT UPDATE (holder) ON queue_recipient TO caducee_webmail; -- released by an exploitant
