-- Back: yes, older daemons remind nobody; drop policies and grants to undo it.
-- Whoever answers for a shared BAL is reminded of what nobody has taken in hand (role reminder of directoryd). It sees when
-- messages came and who has them in hand, nothing of what they say, and delivers as a writer from outside does.
GRANT SELECT ON setting, structure, domain, bal, bal_quota, person, membership TO caducee_reminder;
GRANT UPDATE (used_bytes, messages) ON bal_quota TO caducee_reminder;
GRANT SELECT (bal_id, folder_id, uid, save_date), INSERT ON message TO caducee_reminder;
GRANT SELECT, INSERT, UPDATE (reminded) ON message_work TO caducee_reminder;
GRANT SELECT (bal_id, folder_id, name, special_use, uidvalidity, uidnext, highestmodseq, messages, unseen, deleted, bytes),
    UPDATE (uidnext, highestmodseq, messages, unseen, bytes) ON folder TO caducee_reminder;
GRANT INSERT ON delivery_key, blob, blob_chunk, trace TO caducee_reminder;
GRANT SELECT (bal_id, blob_id) ON blob TO caducee_reminder;
GRANT SELECT, INSERT, UPDATE ON alarm TO caducee_reminder;
DO $reminder$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['delivery_key', 'folder', 'blob', 'blob_chunk', 'message', 'message_work'] LOOP
        EXECUTE format('CREATE POLICY reminder ON %I TO caducee_reminder
            USING (bal_id = current_setting(''caducee.bal'')::bigint)
            WITH CHECK (bal_id = current_setting(''caducee.bal'')::bigint)', t);
    END LOOP;
END
$reminder$;
COMMENT ON COLUMN message_work.reminded IS 'When whoever answers for the BAL was reminded of it; NULL: not since it was last to be done.';
