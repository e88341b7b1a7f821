-- Back: yes
-- What SORT and THREAD compare, of 2,048 UIDs a row, so that they do not open every summary each time. Encrypted under a key that
-- only the BAL's private half gives; written by a reader that has just read them all, true for as long as the messages are there.
CREATE TABLE folder_order (
    bal_id    bigint NOT NULL,
    folder_id bigint NOT NULL,
    block     bigint NOT NULL,          -- uid / 2048
    kind      smallint NOT NULL CHECK (kind IN (1, 2, 4)), -- 1 dates, size, subject; 2 people; 4 ids for threads
    data      bytea NOT NULL,           -- encrypted, AAD (order.kind, bal, folder, block); zstd
    PRIMARY KEY (bal_id, folder_id, block, kind),
    FOREIGN KEY (bal_id, folder_id) REFERENCES folder ON DELETE CASCADE
);
ALTER TABLE folder_order ALTER data SET STORAGE EXTERNAL;
COMMENT ON TABLE folder_order IS 'Encrypted keys of SORT and THREAD, 2,048 UIDs a row: made again when missing.';
ALTER TABLE folder_order ENABLE ROW LEVEL SECURITY;
ALTER TABLE folder_order FORCE ROW LEVEL SECURITY;
CREATE POLICY own_bal ON folder_order TO caducee_imapd, caducee_webmail, caducee_retention
    USING (bal_id = current_setting('caducee.bal')::bigint) WITH CHECK (bal_id = current_setting('caducee.bal')::bigint);
CREATE POLICY whole ON folder_order FOR SELECT TO caducee_backup USING (true);
GRANT SELECT ON folder_order TO caducee_backup;
GRANT SELECT, INSERT, UPDATE, DELETE ON folder_order TO caducee_imapd;
GRANT SELECT (bal_id, folder_id, block), DELETE ON folder_order TO caducee_webmail, caducee_retention;

-- What is said of a message goes when it goes, whoever takes it out: its rows with it, in the same transaction.
CREATE FUNCTION forget_order() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM folder_order o USING (SELECT DISTINCT bal_id, folder_id, uid / 2048 AS block FROM gone) g
        WHERE o.bal_id = g.bal_id AND o.folder_id = g.folder_id AND o.block = g.block;
    RETURN NULL;
END $$;
CREATE TRIGGER message_gone_order AFTER DELETE ON message REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION forget_order();
