-- Back: yes, older daemons do not read what is new here; drop the two tables and the two columns of erasure to undo it.
-- Certificates of others that we have admitted or bound: about these the fetcher asks OCSP, when trust.ocsp is on.
CREATE TABLE certificate_known (
    fingerprint bytea PRIMARY KEY CHECK (length(fingerprint) = 32), -- SHA-256 of der
    der         bytea NOT NULL CHECK (length(der) <= 8192),
    not_after   timestamptz NOT NULL,
    first_seen  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE certificate_known IS 'Peers'' and applications'' certificates that were admitted, until they end: what OCSP is asked about.';
-- When a question was last put, whether or not an answer that counts came back.
ALTER TABLE certificate_known ADD asked timestamptz;
GRANT INSERT ON certificate_known TO caducee_mx, caducee_submission, caducee_relay, caducee_imapd, caducee_admin;
GRANT SELECT, UPDATE (asked), DELETE ON certificate_known TO caducee_fetcher;
GRANT SELECT ON certificate_known TO caducee_admin, caducee_auditor, caducee_backup;

-- Entries of ours that left the Annuaire and have not come back: slow erosion is counted over a window of time, like one large
-- loss at once.
CREATE TABLE directory_vanished (
    address      text PRIMARY KEY,
    structure_id bigint NOT NULL REFERENCES structure ON DELETE CASCADE,
    vanished     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX directory_vanished_structure ON directory_vanished (structure_id, vanished);
COMMENT ON TABLE directory_vanished IS 'Our entries that passes took off the mirror, until they return, the window ends, or an operator has looked (--force).';
GRANT SELECT, INSERT, UPDATE, DELETE ON directory_vanished TO caducee_sync;
GRANT SELECT ON directory_vanished TO caducee_admin, caducee_auditor, caducee_backup;

-- Erased by the retention job: keyd writes it into the journal beside the keys first (journaled), only then the key goes.
ALTER TABLE erasure ADD public_half bytea, ADD journaled timestamptz;
COMMENT ON COLUMN erasure.public_half IS 'Of the BAL whose erasure is meant: a number given again to another BAL is not erased';
COMMENT ON COLUMN erasure.journaled IS 'When keyd wrote it into the erasure journal; NULL with a public_half: it has still to';
CREATE INDEX erasure_unjournaled ON erasure (erasure_id) WHERE journaled IS NULL AND public_half IS NOT NULL;
GRANT UPDATE (journaled) ON erasure TO caducee_keyd;
GRANT UPDATE (at, readable_until) ON erasure TO caducee_retention;
