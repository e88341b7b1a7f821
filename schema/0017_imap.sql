-- Back: yes, older daemons know nothing of the new column; to undo it, drop it and grant membership to caducee_imapd again.
-- A limit on how many messages a BAL holds (RFC 9208, resource MESSAGE), beside the one in bytes.
ALTER TABLE bal_quota ADD COLUMN limit_messages bigint NOT NULL DEFAULT 0 CHECK (limit_messages >= 0); -- 0: none
COMMENT ON COLUMN bal_quota.limit_messages IS 'How many messages the BAL may hold (a copy counts again); 0: as many as fit.';

-- SETACL: keyd judges the proven session and writes the share. imapd, which faces the Internet, writes none by itself.
REVOKE INSERT, UPDATE, DELETE ON membership FROM caducee_imapd;
GRANT INSERT, UPDATE, DELETE ON membership TO caducee_keyd;
