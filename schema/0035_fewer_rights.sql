-- Back: yes
-- Rights that no statement uses. Retention ends old sessions and log-ins: it need not read what opens them (hashes, refresh tokens).
REVOKE SELECT ON web_session FROM caducee_retention;
GRANT SELECT (expires) ON web_session TO caducee_retention;
REVOKE SELECT, INSERT ON web_login FROM caducee_retention;
GRANT SELECT (created) ON web_login TO caducee_retention;
-- The publisher runs as caducee_sync; only the fetcher says what environment the database was made for.
REVOKE SELECT, UPDATE ON publication FROM caducee_fetcher;
REVOKE INSERT, UPDATE ON setting FROM caducee_sync;
