-- Back: yes, older daemons count nothing; drop the table to undo it.
-- Fields that a client's product has set otherwise than its documents say: left as they are, counted for whoever
-- administers the structure. Codes of documents and O or N only; no name, no message.
CREATE TABLE header_mismatch (
    bal_id   bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    day      date NOT NULL DEFAULT current_date,
    field    text NOT NULL CHECK (field IN ('X-MSS-CODECDA', 'X-MSS-INS')),
    product  text NOT NULL DEFAULT '',         -- X-MSS-NIL
    count    integer NOT NULL DEFAULT 1,
    written  text NOT NULL,                    -- the last one: what the client has written
    computed text NOT NULL,                    -- and what we read in its documents
    last     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bal_id, day, field, product)
) WITH (fillfactor = 60);
COMMENT ON TABLE header_mismatch IS 'X-MSS fields of clients that their documents contradict, by BAL, day and product.';
CREATE INDEX header_mismatch_day ON header_mismatch (day);
GRANT SELECT, INSERT, UPDATE ON header_mismatch TO caducee_submission, caducee_webmail;
GRANT SELECT ON header_mismatch TO caducee_admin, caducee_auditor, caducee_backup;
GRANT SELECT, DELETE ON header_mismatch TO caducee_retention;
