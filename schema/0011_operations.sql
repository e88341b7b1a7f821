-- Back: yes, programs of version 9 run on with it; DROP what it adds to undo it.
-- What an operator's hands need: imports that can be taken up again, persons who leave, where a person works.

-- What an import has brought already, so that a second run adds nothing: 16 bytes of SHA-256 over where a message came from.
CREATE TABLE import_item (
    bal_id bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    item   bytea NOT NULL CHECK (octet_length(item) = 16),
    PRIMARY KEY (bal_id, item)
);
COMMENT ON TABLE import_item IS 'Messages that `caducee bal import` has brought: a run taken up again skips them.';
ALTER TABLE import_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE import_item FORCE ROW LEVEL SECURITY;
CREATE POLICY own_bal ON import_item TO caducee_admin, caducee_retention
    USING (bal_id = current_setting('caducee.bal')::bigint) WITH CHECK (bal_id = current_setting('caducee.bal')::bigint);
CREATE POLICY whole ON import_item FOR SELECT TO caducee_backup USING (true);
GRANT SELECT, INSERT ON import_item TO caducee_admin;
GRANT SELECT ON import_item TO caducee_backup;
GRANT SELECT, INSERT ON keyword TO caducee_admin; -- flags of other servers are kept

-- Where a person works: what Pro Santé Connect said at the last log-in (SubjectRefPro.exercices[].activities[]).
CREATE TABLE person_exercise (
    person_id bigint NOT NULL REFERENCES person,
    structure_number text NOT NULL CHECK (structure_number ~ '^[0-9AB]{9}$|^[0-9]{14}$'), -- FINESS or SIRET
    seen      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_id, structure_number)
);
COMMENT ON TABLE person_exercise IS 'FINESS or SIRET of the structures of a person''s exercises, as Pro Santé Connect last showed them.';
GRANT SELECT ON person_exercise TO caducee_admin, caducee_webmail, caducee_auditor, caducee_backup;
GRANT INSERT, UPDATE, DELETE ON person_exercise TO caducee_webmail;
GRANT DELETE ON person_exercise TO caducee_admin;
CREATE INDEX directory_entry_person ON directory_entry (national_id) WHERE national_id IS NOT NULL;
GRANT SELECT ON directory_entry TO caducee_auditor; -- what is public anyway; the flag below is read by auditors too

-- Does what is known of a person's exercises name the structure, one above or one below it? NULL: nothing is known.
CREATE FUNCTION works_there(person bigint, structure bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up AS (
        SELECT s.structure_id, s.parent_id FROM structure s WHERE s.structure_id = $2
        UNION SELECT s.structure_id, s.parent_id FROM structure s JOIN up ON s.structure_id = up.parent_id
    ), down AS (
        SELECT s.structure_id FROM structure s WHERE s.structure_id = $2
        UNION SELECT s.structure_id FROM structure s JOIN down ON s.parent_id = down.structure_id
    ), known AS (
        SELECT x.structure_number AS number FROM person_exercise x WHERE x.person_id = $1
        UNION SELECT e.structure_national_id FROM directory_entry e JOIN person_identifier i ON i.national_id = e.national_id
            WHERE i.person_id = $1 AND e.structure_national_id IS NOT NULL
    )
    SELECT CASE WHEN (SELECT left_on <= current_date FROM person WHERE person_id = $1) THEN false
                WHEN NOT EXISTS (SELECT FROM known) THEN NULL
                ELSE EXISTS (SELECT FROM known k, structure s WHERE s.structure_id IN (SELECT structure_id FROM up UNION SELECT
                     structure_id FROM down) AND k.number IN (s.siret, s.finess_et, s.finess_ej)) END
$$;
COMMENT ON FUNCTION works_there IS 'Whether a person''s exercises (Annuaire, Pro Santé Connect) show a structure; NULL: nothing is known of them.';

-- A person who leaves: what is kept (the identity that traces name) and until when.
ALTER TABLE person ADD erased timestamptz, ADD keep_until timestamptz;
COMMENT ON COLUMN person.erased IS 'caducee person erase: shares, sessions and choices are gone';
COMMENT ON COLUMN person.keep_until IS 'the identity goes too then: traces that name it are past their retention';
ALTER TABLE erasure ADD person_id bigint, ALTER bal_id DROP NOT NULL;
GRANT SELECT (person_id, created, last_used, revoked, agent, peer), DELETE ON web_session TO caducee_admin;
GRANT SELECT (person_id), DELETE ON web_setting TO caducee_admin;
GRANT UPDATE (title, given_name, family_name, profession, keep_until) ON person TO caducee_retention;
GRANT DELETE ON person_identifier, person_exercise TO caducee_retention;
GRANT SELECT ON person_exercise TO caducee_retention;
