-- Back: yes, but the webmail of before writes shares by itself; to undo it, grant membership to caducee_webmail again.
-- Who shares a BAL: keyd by a manager's proven session, these functions by an administrateur's. The webmail, which faces
-- the Internet, writes no membership by itself; it notes that a holder has been told (exceptional access).
REVOKE INSERT, UPDATE, DELETE ON membership FROM caducee_webmail;
GRANT UPDATE (told) ON membership TO caducee_webmail;
-- Nor does it bind a certificate to a BAL: keyd does, for its manager.
REVOKE INSERT, UPDATE, DELETE ON certificate_binding FROM caducee_webmail;
GRANT INSERT, UPDATE, DELETE ON certificate_binding TO caducee_keyd;

CREATE FUNCTION admin_share(session bytea, bal bigint, whom text, new_role text, sends boolean, until bigint)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    who bigint := admin_require_bal(session, ARRAY['administrateur'], bal);
BEGIN
    IF new_role NOT IN ('lecteur', 'membre', 'gestionnaire') OR (SELECT kind FROM bal b WHERE b.bal_id = admin_share.bal) = 'PER' THEN
        RAISE insufficient_privilege USING MESSAGE = 'a PER BAL is shared by its holder';
    END IF;
    INSERT INTO membership (bal_id, person_id, role, may_send, ends, granted_by) SELECT admin_share.bal, i.person_id, new_role,
        sends AND new_role <> 'lecteur', CASE WHEN until = 0 THEN now() + interval '1 year' ELSE to_timestamp(until) END, who
        FROM person_identifier i WHERE i.national_id = whom
        ON CONFLICT (bal_id, person_id) DO UPDATE SET role = excluded.role, may_send = excluded.may_send, ends = excluded.ends,
            granted_by = excluded.granted_by WHERE membership.role <> 'titulaire';
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION admin_share IS 'A share of an ORG, CAB or APP BAL that the session governs as administrateur; false: nobody is meant.';

CREATE FUNCTION admin_unshare(session bytea, bal bigint, whom bigint) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM admin_require_bal(session, ARRAY['administrateur'], bal);
    DELETE FROM membership m WHERE m.bal_id = admin_unshare.bal AND m.person_id = whom AND m.role <> 'titulaire';
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION admin_unshare IS 'The end of a share of a BAL that the session governs as administrateur; false: there was none.';

-- Only in the transaction that creates the BAL: a holder is never put beside or in place of another.
CREATE FUNCTION admin_holder(session bytea, bal bigint, whom bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM admin_require_bal(session, ARRAY['administrateur'], bal);
    IF NOT EXISTS (SELECT FROM bal b WHERE b.bal_id = admin_holder.bal AND b.created = now() AND b.kind = 'PER') THEN
        RAISE insufficient_privilege USING MESSAGE = 'not a PER BAL of this transaction';
    END IF;
    INSERT INTO membership (bal_id, person_id, role, may_send) VALUES (admin_holder.bal, whom, 'titulaire', true);
END $$;
COMMENT ON FUNCTION admin_holder IS 'The holder of a PER BAL that the session creates as administrateur, in that transaction.';

REVOKE ALL ON FUNCTION admin_share, admin_unshare, admin_holder FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin_share, admin_unshare, admin_holder TO caducee_webmail;
