-- The webmail's sessions, drafts and registers; the mirror of the Annuaire; publication.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- A session of the webmail. Inserted by keyd alone, when it has verified the ID token; the cookie's value is never here.
CREATE TABLE web_session (
    session_hash  bytea PRIMARY KEY CHECK (length(session_hash) = 32), -- SHA-256 of the cookie's secret
    person_id     bigint NOT NULL REFERENCES person,
    subject       text NOT NULL,               -- PSC's sub
    created       timestamptz NOT NULL DEFAULT now(),
    expires       timestamptz NOT NULL,        -- 10 h at most
    last_used     timestamptz NOT NULL DEFAULT now(),
    refreshed     timestamptz NOT NULL DEFAULT now(), -- when PSC last said that the log-in still holds
    locked        timestamptz,
    revoked       timestamptz,
    shared_post   boolean NOT NULL DEFAULT false, -- "poste partagé"
    peer          text,
    agent         text,
    csrf          bytea,
    refresh       bytea,                       -- PSC refresh token under a key derived from the cookie's secret
    id_token      bytea,                       -- the same; for logout's id_token_hint
    facts         bytea                        -- the same; userinfo (exercices, roles)
) WITH (fillfactor = 60);
CREATE INDEX web_session_person ON web_session (person_id);
COMMENT ON TABLE web_session IS 'Sessions of the webmail; a row exists only where keyd has seen a valid ID token.';
-- A log-in on its way to PSC and back: state, nonce, PKCE verifier; five minutes.
CREATE TABLE web_login (
    state_hash bytea PRIMARY KEY,
    nonce      text NOT NULL,
    verifier   text NOT NULL,
    back_to    text,
    prompt     text,
    session_hash bytea,                        -- the locked session this log-in must match
    created    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE web_login IS 'Log-ins between us and PSC.';

-- What a person chose in the webmail; bal_id 0: everywhere. Signatures stand here: they are meant for strangers.
CREATE TABLE web_setting (
    person_id bigint NOT NULL REFERENCES person,
    bal_id    bigint NOT NULL DEFAULT 0,
    name      text NOT NULL,
    value     text NOT NULL CHECK (octet_length(value) <= 16384),
    changed   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_id, bal_id, name)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON web_setting TO caducee_webmail;
GRANT SELECT ON web_setting TO caducee_backup;
COMMENT ON TABLE web_setting IS 'Choices of a person in the webmail: language, signature, density.';

-- A draft being written, encrypted to the BAL: survives lock and log-out.
CREATE TABLE draft (
    bal_id     bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    draft_id   bigint NOT NULL,
    person_id  bigint NOT NULL REFERENCES person,
    delivery_key_id bigint NOT NULL,
    content    bytea NOT NULL,                 -- form as typed; AAD (draft, bal, id, content)
    changed    timestamptz NOT NULL DEFAULT now(),
    send_at    timestamptz,
    PRIMARY KEY (bal_id, draft_id)
);
COMMENT ON TABLE draft IS 'Messages being written.';
CREATE TABLE draft_part (
    bal_id     bigint NOT NULL,
    draft_id   bigint NOT NULL,
    part_id    bigint NOT NULL,
    blob_id    bigint NOT NULL,                -- the attachment's bytes
    about      bytea NOT NULL,                 -- name, type, size: encrypted
    PRIMARY KEY (bal_id, draft_id, part_id),
    FOREIGN KEY (bal_id, draft_id) REFERENCES draft ON DELETE CASCADE,
    FOREIGN KEY (bal_id, blob_id) REFERENCES blob
);
CREATE INDEX draft_part_blob ON draft_part (bal_id, blob_id);
CREATE TRIGGER draft_part_gone AFTER DELETE ON draft_part REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_blobs();
COMMENT ON TABLE draft_part IS 'Attachments of drafts.';
-- Signature, out-of-office, rules, templates, contacts: one encrypted document a kind.
CREATE TABLE bal_document (
    bal_id     bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    viewer     bigint NOT NULL,                -- 0: the BAL's own
    kind       text NOT NULL CHECK (kind IN ('signature', 'templates', 'contacts', 'rules', 'settings')),
    delivery_key_id bigint NOT NULL,
    content    bytea NOT NULL,
    changed    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bal_id, viewer, kind)
);
COMMENT ON TABLE bal_document IS 'Signatures, templates, contacts, rules of a BAL, encrypted.';
-- Out-of-office is read by mx, which has no key: it is in clear by design, as its text is sent to anyone.
CREATE TABLE bal_absence (
    bal_id       bigint PRIMARY KEY REFERENCES bal ON DELETE CASCADE,
    starts       timestamptz NOT NULL,
    ends         timestamptz NOT NULL,
    subject      text NOT NULL,
    body         text NOT NULL,
    patient_body text
);
CREATE TABLE absence_answer (
    bal_id bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    hash   bytea NOT NULL,                     -- keyed hash of the correspondent
    at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bal_id, hash)
);
COMMENT ON TABLE bal_absence IS 'Out-of-office with dates.';
COMMENT ON TABLE absence_answer IS 'Who was answered already (once a week).';

-- A structure's patients, by keyed hash of the matricule: exchanges, oppositions, who recorded them.
CREATE TABLE patient_register (
    structure_id    bigint NOT NULL REFERENCES structure,
    patient_hash    bytea NOT NULL,
    exchange        text NOT NULL DEFAULT 'none' CHECK (exchange IN ('none', 'open', 'closed')),
    opposed_messages timestamptz,
    opposed_sharing  timestamptz,
    recorded_by     bigint REFERENCES person,
    informed        timestamptz,               -- the notice was sent
    qualified_by    bigint REFERENCES person,  -- who stated that the identity is qualified
    about           bytea,                     -- name, sex, birth date for the list, encrypted to the structure's BAL
    about_bal       bigint REFERENCES bal ON DELETE SET NULL,
    about_key       bigint,
    changed         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (structure_id, patient_hash)
);
COMMENT ON TABLE patient_register IS 'Exchanges with patients and their oppositions, keyed by HMAC of the matricule.';

-- The national directory, mirrored for search. `fold` is lower-case, accent-less: name, profession, role, structure, town.
CREATE TABLE directory_entry (
    entry_id    bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    source_key  text NOT NULL UNIQUE,          -- entryUUID or DN in the Annuaire
    address     text NOT NULL,
    kind        text NOT NULL,
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
    fold        text NOT NULL,
    digest      bytea NOT NULL,                -- of the entry: unchanged rows are not written
    pass        bigint NOT NULL                -- the pass that last saw it
);
CREATE INDEX directory_entry_fold ON directory_entry USING gin (fold gin_trgm_ops);
CREATE INDEX directory_entry_address ON directory_entry (address);
CREATE INDEX directory_entry_pass ON directory_entry (pass);
COMMENT ON TABLE directory_entry IS 'The Annuaire Santé, mirrored for completion and checks.';
CREATE TABLE directory_pass (
    pass     bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    started  timestamptz NOT NULL DEFAULT now(),
    ended    timestamptz,
    method   text NOT NULL,                    -- syncrepl, modified, full
    cookie   bytea,
    seen     integer, added integer, changed integer, vanished integer,
    refused  text                              -- why it was not applied
);
COMMENT ON TABLE directory_pass IS 'Passes over the Annuaire, and what each changed.';
-- What the Annuaire proposes and a human decides.
CREATE TABLE directory_proposal (
    proposal_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    action     text NOT NULL CHECK (action IN ('create', 'update', 'orphan')),
    address    text NOT NULL,
    kind       text,
    entry_id   bigint,
    detail     text,
    proposed   timestamptz NOT NULL DEFAULT now(),
    decided    timestamptz,
    decision   text CHECK (decision IN ('accepted', 'refused')),
    decided_by text
);
CREATE UNIQUE INDEX directory_proposal_live ON directory_proposal (action, address) WHERE decided IS NULL;
COMMENT ON TABLE directory_proposal IS 'Creations and changes that the Annuaire proposes.';

-- Publication outbox: one row an operation, in order for a BAL.
CREATE TABLE publication (
    publication_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    bal_id    bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    operation text NOT NULL CHECK (operation IN ('insert', 'replace', 'delete')),
    created   timestamptz NOT NULL DEFAULT now(),
    due       timestamptz NOT NULL DEFAULT now(),
    attempts  integer NOT NULL DEFAULT 0,
    answer    text,
    done      timestamptz,
    failed    timestamptz
);
CREATE INDEX publication_due ON publication (due) WHERE done IS NULL AND failed IS NULL;
CREATE INDEX publication_bal ON publication (bal_id);
COMMENT ON TABLE publication IS 'What the Annuaire must be told of our BALs.';

-- What the erasure journal (kept with the keys) was last told; a restore compares.
CREATE TABLE erasure (
    erasure_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    bal_id     bigint NOT NULL,
    what       text NOT NULL CHECK (what IN ('bal', 'messages', 'person')),
    at         timestamptz NOT NULL DEFAULT now(),
    readable_until timestamptz NOT NULL        -- when backups are unreadable too
);
COMMENT ON TABLE erasure IS 'What was erased, and from when on backups cannot read it either.';

DO $rls$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['draft', 'draft_part', 'bal_document', 'bal_absence', 'absence_answer'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_bal ON %I TO caducee_mx, caducee_submission, caducee_relay, caducee_webmail,
            caducee_imapd, caducee_retention
            USING (bal_id = current_setting(''caducee.bal'')::bigint)
            WITH CHECK (bal_id = current_setting(''caducee.bal'')::bigint)', t);
        EXECUTE format('CREATE POLICY whole ON %I FOR SELECT TO caducee_backup USING (true)', t);
        EXECUTE format('GRANT SELECT ON %I TO caducee_backup', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO caducee_webmail', t);
    END LOOP;
END
$rls$;
GRANT SELECT ON bal_absence TO caducee_mx, caducee_submission;
GRANT SELECT, INSERT, UPDATE ON absence_answer TO caducee_mx, caducee_submission;
GRANT SELECT, DELETE ON draft, draft_part, bal_document, bal_absence, absence_answer TO caducee_retention;
GRANT SELECT (bal_id, blob_id) ON draft_part TO caducee_sweeper;
CREATE POLICY sweep ON draft_part FOR SELECT TO caducee_sweeper USING (true);

GRANT SELECT, INSERT ON web_session TO caducee_keyd;
GRANT UPDATE (last_used, locked, revoked) ON web_session TO caducee_keyd;
GRANT SELECT, DELETE ON web_session TO caducee_webmail;
GRANT UPDATE (last_used, refreshed, locked, revoked, shared_post, agent, csrf, refresh, id_token, facts) ON web_session TO caducee_webmail;
GRANT SELECT, DELETE ON web_session TO caducee_retention;
GRANT SELECT, INSERT, DELETE ON web_login TO caducee_webmail, caducee_retention;
GRANT SELECT, INSERT, UPDATE ON patient_register TO caducee_webmail;
GRANT SELECT ON patient_register TO caducee_submission, caducee_relay, caducee_backup;
GRANT SELECT ON directory_entry TO caducee_webmail, caducee_submission, caducee_imapd, caducee_admin, caducee_backup;
GRANT SELECT, INSERT, UPDATE, DELETE ON directory_entry, directory_pass, directory_proposal, publication TO caducee_sync;
GRANT SELECT ON directory_pass, directory_proposal, publication TO caducee_admin, caducee_auditor, caducee_backup, caducee_webmail;
GRANT UPDATE ON directory_proposal TO caducee_admin;
GRANT INSERT, UPDATE ON publication TO caducee_admin;
GRANT INSERT ON publication TO caducee_webmail;
GRANT SELECT, UPDATE ON publication TO caducee_fetcher;
GRANT SELECT, INSERT ON erasure TO caducee_admin, caducee_retention, caducee_keyd;
GRANT SELECT ON erasure TO caducee_backup, caducee_auditor;

-- The administration part reads as the auditor does: counts and dates of the queue and of epochs, never an address of a
-- message that waits.
GRANT SELECT (epoch_id, created, retired, destroyed) ON epoch TO caducee_auditor;
GRANT SELECT (queue_id, created) ON queue_message TO caducee_auditor;
GRANT SELECT (queue_id, state) ON queue_recipient TO caducee_auditor;
