-- Back: yes, programs of version 11 never call what it adds.
-- The memberships whose person's exercises no longer show the structure, all at once: works_there() is for one.
CREATE FUNCTION members_astray() RETURNS TABLE (bal_id bigint, person_id bigint) LANGUAGE sql STABLE ROWS 100 AS $$
    WITH RECURSIVE up AS (
        SELECT s.structure_id AS origin, s.structure_id, s.parent_id FROM structure s
        UNION SELECT up.origin, s.structure_id, s.parent_id FROM structure s JOIN up ON s.structure_id = up.parent_id
    ), near AS (
        SELECT up.origin, up.structure_id FROM up UNION SELECT up.structure_id, up.origin FROM up
    ), numbers AS (
        SELECT near.origin, x.number FROM near JOIN structure s USING (structure_id)
            CROSS JOIN LATERAL (VALUES (s.siret), (s.finess_et), (s.finess_ej)) AS x (number) WHERE x.number IS NOT NULL
    ), known AS (
        SELECT x.person_id, x.structure_number AS number FROM person_exercise x
        UNION SELECT i.person_id, e.structure_national_id FROM person_identifier i JOIN directory_entry e USING (national_id)
            WHERE e.structure_national_id IS NOT NULL
    ), seen AS (
        SELECT DISTINCT k.person_id, n.origin FROM known k JOIN numbers n USING (number)
    )
    SELECT m.bal_id, m.person_id FROM membership m JOIN bal b USING (bal_id) JOIN person p USING (person_id)
        WHERE b.state <> 'closed' AND (p.left_on <= current_date OR (EXISTS (SELECT FROM known k WHERE k.person_id = m.person_id)
              AND NOT EXISTS (SELECT FROM seen s WHERE s.person_id = m.person_id AND s.origin = b.structure_id)))
$$;
COMMENT ON FUNCTION members_astray IS 'Memberships of persons whose exercises (Annuaire, Pro Santé Connect) no longer show the structure.';
