-- Following the Annuaire: what a pass brings is laid down here first and applied whole, or not at all.
CREATE UNLOGGED TABLE directory_stage (
    pass        bigint NOT NULL,
    op          text NOT NULL CHECK (op IN ('entry', 'present', 'gone')),
    source_key  text NOT NULL,
    address     text,
    kind        text,
    title       text,
    given_name  text,
    family_name text,
    profession  text,
    role        text,
    national_id text,
    structure   text,
    structure_id_type text,
    structure_national_id text,
    town        text,
    description text,
    red_listed  boolean NOT NULL DEFAULT false,
    fold        text,
    digest      bytea,
    PRIMARY KEY (pass, source_key)
) WITH (autovacuum_enabled = false);
COMMENT ON TABLE directory_stage IS 'Entries of a pass that is under way, refused, or a dry run; the database may lose it.';

ALTER TABLE directory_pass ADD dry_run boolean NOT NULL DEFAULT false, ADD forced_by text, ADD forced_why text,
    ADD complete boolean NOT NULL DEFAULT false, ADD skipped integer NOT NULL DEFAULT 0, ADD applied timestamptz,
    ADD ours_vanished integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN directory_pass.complete IS 'Entries that this pass did not name are gone (a whole listing), not just unchanged';
-- What asks for it wants more than "now": "dry-run", or a reason that overrides the vanish threshold.
ALTER TABLE fetch_request ADD detail text;

-- Shown to us because the BAL is ours; found by nobody: its fold is empty.
ALTER TABLE directory_entry ADD red_listed boolean NOT NULL DEFAULT false;

-- Ours are found by their domain, among hundreds of thousands.
CREATE INDEX directory_entry_domain ON directory_entry (split_part(address, '@', 2));

GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON directory_stage TO caducee_sync;
GRANT SELECT ON directory_stage TO caducee_admin;
GRANT SELECT, UPDATE ON fetch_request TO caducee_sync;
GRANT DELETE ON publication TO caducee_retention;
GRANT SELECT (bal_id, done, failed) ON publication TO caducee_webmail;
