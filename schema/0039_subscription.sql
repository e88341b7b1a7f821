-- Back: yes, older daemons know nothing of it; to undo it, drop the table and put both functions back as 0029 and 0033 have them.
-- RFC 9051 6.3.7: a subscription outlives its mailbox. What a folder's row said of it stays here by name, until the name is made
-- again or unsubscribed.
CREATE TABLE subscription (
    bal_id     bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    viewer     bigint NOT NULL,  -- 0: of the BAL; else as folder_viewer's, in a shared BAL
    name       folder_name NOT NULL,
    subscribed boolean NOT NULL, -- false: a person's no to what the BAL subscribes
    PRIMARY KEY (bal_id, viewer, name)
);
COMMENT ON TABLE subscription IS 'Subscriptions of folders that were deleted, at most 10,000 of a BAL.';
ALTER TABLE subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE subscription FORCE ROW LEVEL SECURITY;
CREATE POLICY own_bal ON subscription TO caducee_imapd, caducee_webmail USING (bal_id = current_setting('caducee.bal')::bigint)
    WITH CHECK (bal_id = current_setting('caducee.bal')::bigint);
CREATE POLICY whole ON subscription FOR SELECT TO caducee_backup USING (true);
CREATE POLICY own_person ON subscription TO caducee_owner USING
    (viewer = nullif(current_setting('caducee.person', true), '')::bigint);
GRANT SELECT, INSERT, UPDATE, DELETE ON subscription TO caducee_imapd, caducee_webmail;
GRANT SELECT ON subscription TO caducee_backup;

-- What is held of a person, and what goes with a person, has one table more.
DO $person$
BEGIN
    EXECUTE replace(pg_get_functiondef('person_held(bigint)'::regprocedure), 'UNION ALL SELECT ''annotation''',
        'UNION ALL SELECT ''subscription'', k.bal_id, count(*), NULL, NULL FROM subscription k WHERE k.viewer = person '
        'GROUP BY k.bal_id' || chr(10) || '    UNION ALL SELECT ''annotation''');
    EXECUTE replace(pg_get_functiondef('person_forget_own(bigint)'::regprocedure), '''folder_viewer'', ',
        '''folder_viewer'', ''subscription'', ');
END $person$;
