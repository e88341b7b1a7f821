-- Back: yes, programs of before do not call it; DROP the two functions and the policies own_person to undo it.
-- What is held about a person stands in many tables, some of them one BAL's at a time: one function counts it all (RGPD art. 15), another
-- takes away what is the person's alone (art. 17). They run as the owner, whom a policy lets see the rows of one person, never of a BAL.

DO $policies$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES ('draft', 'person_id'), ('message_work', 'person_id'), ('bal_absence', 'changed_by'),
            ('seen_page', 'viewer'), ('folder_viewer', 'viewer'), ('annotation', 'viewer'), ('bal_document', 'viewer')) AS x (name, who) LOOP
        EXECUTE format('CREATE POLICY own_person ON %I TO caducee_owner USING '
                       '(%I = nullif(current_setting(''caducee.person'', true), '''')::bigint)', t.name, t.who);
    END LOOP;
END $policies$;

CREATE FUNCTION person_held(person bigint) RETURNS TABLE (what text, bal_id bigint, count bigint, first timestamptz, last timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('caducee.person', person::text, true);
    RETURN QUERY
    SELECT 'draft', d.bal_id, count(*), min(d.changed), max(d.changed) FROM draft d WHERE d.person_id = person GROUP BY d.bal_id
    UNION ALL SELECT 'message_work', w.bal_id, count(*), min(w.since), max(w.since) FROM message_work w WHERE w.person_id = person GROUP BY w.bal_id
    UNION ALL SELECT 'seen_page', s.bal_id, count(*), NULL, NULL FROM seen_page s WHERE s.viewer = person GROUP BY s.bal_id
    UNION ALL SELECT 'folder_viewer', v.bal_id, count(*), NULL, NULL FROM folder_viewer v WHERE v.viewer = person GROUP BY v.bal_id
    UNION ALL SELECT 'annotation', a.bal_id, count(*), NULL, NULL FROM annotation a WHERE a.viewer = person GROUP BY a.bal_id
    UNION ALL SELECT 'bal_document', o.bal_id, count(*), NULL, NULL FROM bal_document o WHERE o.viewer = person GROUP BY o.bal_id
    UNION ALL SELECT 'bal_absence', b.bal_id, count(*), min(b.changed), max(b.changed) FROM bal_absence b WHERE b.changed_by = person GROUP BY b.bal_id
    UNION ALL SELECT 'web_setting', e.bal_id, count(*), min(e.changed), max(e.changed) FROM web_setting e WHERE e.person_id = person GROUP BY e.bal_id
    UNION ALL SELECT 'queue_message', q.bal_id, count(*), min(q.created), max(q.created) FROM queue_message q WHERE q.person_id = person GROUP BY q.bal_id
    UNION ALL SELECT 'patient_register', NULL, count(*), min(r.changed), max(r.changed) FROM patient_register r
        WHERE r.recorded_by = person OR r.qualified_by = person HAVING count(*) > 0
    UNION ALL SELECT 'patient_sharing', NULL, count(*), min(h.stated), max(h.stated) FROM patient_sharing h WHERE h.stated_by = person HAVING count(*) > 0
    UNION ALL SELECT 'certificate_binding', c.bal_id, count(*), min(c.created), max(c.created) FROM certificate_binding c WHERE c.bound_by = person GROUP BY c.bal_id
    UNION ALL SELECT 'erasure', NULL, count(*), min(x.at), max(x.at) FROM erasure x WHERE x.person_id = person HAVING count(*) > 0;
    PERFORM set_config('caducee.person', '', true);
END $$;
COMMENT ON FUNCTION person_held IS 'How many rows name a person, by table and BAL: what `caducee person report` shows besides identity, rights, sessions and traces.';

-- Marks, notes, cards and unsent drafts of a person in BALs of others. What tells who took a decision stays: the row it names has
-- no name any more once the identity has gone.
CREATE FUNCTION person_forget_own(person bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
    RETURN gone;
END $$;
COMMENT ON FUNCTION person_forget_own IS 'Erases what a person alone left in BALs of others (RGPD art. 17); says how many rows.';
REVOKE ALL ON FUNCTION person_held, person_forget_own FROM PUBLIC;
GRANT EXECUTE ON FUNCTION person_held, person_forget_own TO caducee_admin;
