-- Mail: what a BAL holds. Every table leads with bal_id, is under row-level security, and holds no clear text of a message.
-- In clear by design: addresses of BALs, folder names, sizes, dates, flags.

-- Random keys that writers keep for a BAL a quarter of an hour at most, sealed to the BAL's public half and committed
-- before their first use. Summaries, texts and blob keys are under them.
CREATE TABLE delivery_key (
    bal_id          bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    delivery_key_id bigint NOT NULL, -- made by the writer: milliseconds << 22 | random
    sealed          bytea NOT NULL,  -- crypto_box_seal to bal.public_half: 32 + 48 bytes
    writer          text NOT NULL,
    created         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bal_id, delivery_key_id)
);
COMMENT ON TABLE delivery_key IS 'Keys of writers, sealed to the BAL; readers open each once a session.';

-- Domains, not CHECKs, on rows that each delivery writes: a CHECK of the table is parsed again for every UPDATE (6 % of a
-- delivery), a domain is looked at only when its own column is set.
CREATE DOMAIN folder_name AS text CHECK (VALUE <> '' AND octet_length(VALUE) <= 1000);
CREATE DOMAIN folder_use AS text CHECK (VALUE IN ('INBOX', '\Sent', '\Drafts', '\Trash', '\Junk', '\Archive'));
CREATE DOMAIN imap_number AS bigint CHECK (VALUE BETWEEN 1 AND 4294967295);

-- A folder, with all that SELECT and STATUS answer, in one row. Its row lock is what orders UIDs and MODSEQs.
CREATE TABLE folder (
    bal_id        bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    folder_id     bigint NOT NULL, -- made by the writer, like delivery keys'
    name          folder_name NOT NULL,
    special_use   folder_use,
    subscribed    boolean NOT NULL DEFAULT false,
    no_select     boolean NOT NULL DEFAULT false, -- deleted under children
    uidvalidity   imap_number NOT NULL,
    uidnext       bigint NOT NULL DEFAULT 1,
    highestmodseq bigint NOT NULL DEFAULT 1,
    messages      integer NOT NULL DEFAULT 0,
    unseen        integer NOT NULL DEFAULT 0, -- of the BAL; a person's own is in folder_viewer
    deleted       integer NOT NULL DEFAULT 0,
    bytes         bigint NOT NULL DEFAULT 0,
    paged_to      bigint NOT NULL DEFAULT 1, -- UIDs below have their state in state_page
    recent_from   bigint NOT NULL DEFAULT 1, -- first UID no session has announced as \Recent
    expunged_floor bigint NOT NULL DEFAULT 0, -- expunged rows at or below this modseq are forgotten
    created       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bal_id, folder_id)
) WITH (fillfactor = 30); -- rewritten by each delivery: HOT needs room
COMMENT ON TABLE folder IS 'Folders: UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ and STATUS counters in one row.';
CREATE UNIQUE INDEX folder_name ON folder (bal_id, name);
CREATE UNIQUE INDEX folder_special ON folder (bal_id, special_use) WHERE special_use IS NOT NULL;
ALTER TABLE folder SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

-- UIDVALIDITY is never repeated in a BAL, even for a folder deleted and made again (RFC 9051 2.3.1.1).
CREATE TABLE bal_uidvalidity (
    bal_id bigint PRIMARY KEY REFERENCES bal ON DELETE CASCADE,
    last   bigint NOT NULL
);
COMMENT ON TABLE bal_uidvalidity IS 'The last UIDVALIDITY given in a BAL.';

-- A message's bytes, encrypted once a BAL: a key of its own (wrapped under a delivery key), chunks beside.
CREATE TABLE blob (
    bal_id          bigint NOT NULL,
    blob_id         bigint NOT NULL,    -- also OBJECTID's EMAILID: a COPY shares it
    delivery_key_id bigint NOT NULL,
    wrapped         bytea NOT NULL,     -- the blob's key under the delivery key, AAD (blob, bal, id, key)
    size            bigint NOT NULL,    -- of the clear bytes
    compressed      boolean NOT NULL,   -- zstd level 1 before encryption
    created         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bal_id, blob_id)
    -- No foreign key to delivery_key: each delivery would write a lock into the same key's row.
);
COMMENT ON TABLE blob IS 'Messages as bytes; goes when the last message or queue row that references it has gone.';
CREATE TABLE blob_chunk (
    bal_id  bigint NOT NULL,
    blob_id bigint NOT NULL,
    seq     integer NOT NULL,           -- 256 KiB of clear bytes each, the last one shorter
    data    bytea NOT NULL,             -- nonce, AES-256-GCM, tag; AAD holds seq and a last-flag
    PRIMARY KEY (bal_id, blob_id, seq)
    -- No foreign key: chunks are written with their blob in one statement, and deleted with it in one.
);
ALTER TABLE blob_chunk ALTER data SET STORAGE EXTERNAL; -- it does not compress: it is cipher text
COMMENT ON TABLE blob_chunk IS 'Encrypted pieces of a blob: any range is read without the rest.';

-- A message in a folder: immutable. structure and texts are what parse found once; encrypted under the delivery key.
CREATE TABLE message (
    bal_id          bigint NOT NULL,
    folder_id       bigint NOT NULL,
    uid             bigint NOT NULL,
    modseq0         bigint NOT NULL,    -- at arrival
    flags0          bigint NOT NULL,    -- at arrival; bits as state_page's
    blob_id         bigint NOT NULL,
    delivery_key_id bigint NOT NULL,
    size            bigint NOT NULL,
    internal_date   bigint NOT NULL,    -- seconds since 1970
    save_date       bigint NOT NULL,
    head_size       integer NOT NULL,   -- bytes of our header fields in front of what was sent
    summary_flags   integer NOT NULL,
    msgid_hash      bytea,              -- 16 bytes of SHA-256 (bal, Message-ID): finds a client's own Sent copy, MDNs
    structure       bytea NOT NULL,     -- encrypted, AAD (message, bal, blob, structure)
    search_text     bytea,              -- encrypted, zstd; NULL when there is none
    PRIMARY KEY (bal_id, folder_id, uid),
    FOREIGN KEY (bal_id, blob_id) REFERENCES blob -- stops the sweeper
    -- None to folder: whoever adds or removes a message holds that row's lock, and a folder goes after its messages.
);
ALTER TABLE message ALTER structure SET STORAGE EXTERNAL, ALTER search_text SET STORAGE EXTERNAL;
ALTER TABLE message SET (toast_tuple_target = 4080); -- an ENVELOPE is read with its row, not from beside it
COMMENT ON TABLE message IS 'Messages in folders: immutable facts; what changes is in state_page.';
CREATE INDEX message_blob ON message (bal_id, blob_id);
CREATE INDEX message_msgid ON message (bal_id, msgid_hash) WHERE msgid_hash IS NOT NULL;

-- What changes: aligned blocks of 64 UIDs. page = known bitmap (8 bytes), exists bitmap (8), 64 x (flags 8, modseq 8), all
-- big-endian. A UID that is not known is spoken for by its message row (flags0, modseq0).
CREATE TABLE state_page (
    bal_id     bigint NOT NULL,
    folder_id  bigint NOT NULL,
    block      bigint NOT NULL,         -- uid / 64
    max_modseq bigint NOT NULL,         -- CHANGEDSINCE skips the page
    page       bytea NOT NULL CHECK (octet_length(page) = 1040),
    PRIMARY KEY (bal_id, folder_id, block),
    FOREIGN KEY (bal_id, folder_id) REFERENCES folder ON DELETE CASCADE
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
ALTER TABLE state_page ALTER page SET STORAGE PLAIN;
COMMENT ON TABLE state_page IS 'Existence, flags and modseq of 64 messages a row.';

-- \Seen of one person (or certificate: minus its binding id) in a shared BAL: bitmap (8 bytes), 64 x modseq.
CREATE TABLE seen_page (
    bal_id     bigint NOT NULL,
    folder_id  bigint NOT NULL,
    viewer     bigint NOT NULL,
    block      bigint NOT NULL,
    max_modseq bigint NOT NULL,
    page       bytea NOT NULL CHECK (octet_length(page) = 520),
    PRIMARY KEY (bal_id, folder_id, viewer, block),
    FOREIGN KEY (bal_id, folder_id) REFERENCES folder ON DELETE CASCADE
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
ALTER TABLE seen_page ALTER page SET STORAGE PLAIN;
COMMENT ON TABLE seen_page IS 'Who has read what in shared BALs (ORG, CAB): 64 messages a row.';
CREATE TABLE folder_viewer (
    bal_id    bigint NOT NULL,
    folder_id bigint NOT NULL,
    viewer    bigint NOT NULL,
    seen      integer NOT NULL DEFAULT 0, -- of the messages that exist
    subscribed boolean,                   -- the person's own choice in a shared BAL
    PRIMARY KEY (bal_id, folder_id, viewer),
    FOREIGN KEY (bal_id, folder_id) REFERENCES folder ON DELETE CASCADE
) WITH (fillfactor = 60);
COMMENT ON TABLE folder_viewer IS 'Per person in a shared BAL: how many messages of a folder are seen.';

-- QRESYNC's memory (RFC 7162): which UIDs went at which modseq. uids: big-endian u32 pairs (first, last).
CREATE TABLE expunged (
    bal_id    bigint NOT NULL,
    folder_id bigint NOT NULL,
    modseq    bigint NOT NULL,
    uids      bytea NOT NULL,
    gone      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bal_id, folder_id, modseq),
    FOREIGN KEY (bal_id, folder_id) REFERENCES folder ON DELETE CASCADE
);
COMMENT ON TABLE expunged IS 'UID ranges expunged, by modseq, for QRESYNC.';

-- Names of a folder's keywords: bit 6 to 63 of flags.
CREATE TABLE keyword (
    bal_id    bigint NOT NULL,
    folder_id bigint NOT NULL,
    bit       smallint NOT NULL CHECK (bit BETWEEN 6 AND 63),
    name      text NOT NULL CHECK (name <> '' AND octet_length(name) <= 255),
    PRIMARY KEY (bal_id, folder_id, bit),
    FOREIGN KEY (bal_id, folder_id) REFERENCES folder ON DELETE CASCADE
);
CREATE UNIQUE INDEX keyword_name ON keyword (bal_id, folder_id, lower(name));
COMMENT ON TABLE keyword IS 'Keywords of a folder, at most 58.';

-- Who has a message in hand in a shared BAL, and since when (the state itself is a keyword).
CREATE TABLE message_work (
    bal_id    bigint NOT NULL,
    folder_id bigint NOT NULL,
    uid       bigint NOT NULL,
    person_id bigint REFERENCES person,
    state     text NOT NULL CHECK (state IN ('a-traiter', 'en-cours', 'traite')),
    since     timestamptz NOT NULL DEFAULT now(),
    reminded  timestamptz,
    PRIMARY KEY (bal_id, folder_id, uid),
    FOREIGN KEY (bal_id, folder_id) REFERENCES folder ON DELETE CASCADE
);
COMMENT ON TABLE message_work IS 'Work state of messages of shared BALs: à traiter, pris en charge par, traité.';

-- IMAP METADATA (RFC 5464): folder_id 0 is the server's, viewer 0 is shared.
CREATE TABLE annotation (
    bal_id    bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    folder_id bigint NOT NULL,
    viewer    bigint NOT NULL,
    entry     text NOT NULL CHECK (octet_length(entry) <= 255),
    value     bytea NOT NULL CHECK (octet_length(value) <= 65536),
    PRIMARY KEY (bal_id, folder_id, viewer, entry)
);
COMMENT ON TABLE annotation IS 'IMAP METADATA entries.';

-- Blobs whose last reference may have gone: the sweeper's list. Filled by triggers (of message, queue_message, draft_part),
-- so that nobody who deletes can forget it; a full pass now and then finds what a crash left out.
CREATE TABLE blob_candidate (
    bal_id  bigint NOT NULL,
    blob_id bigint NOT NULL,
    PRIMARY KEY (bal_id, blob_id)
);
COMMENT ON TABLE blob_candidate IS 'Blobs that the sweeper must look at.';
CREATE FUNCTION note_blobs() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO blob_candidate SELECT DISTINCT bal_id, blob_id FROM gone ORDER BY 1, 2 ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER message_gone AFTER DELETE ON message REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_blobs();
GRANT SELECT, INSERT, DELETE, UPDATE ON blob_candidate TO caducee_sweeper;
GRANT SELECT ON blob_candidate TO caducee_backup;

-- Row-level security: a net under our own mistakes. The variable unset is an error, never all rows.
DO $rls$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['delivery_key', 'folder', 'bal_uidvalidity', 'blob', 'blob_chunk', 'message', 'state_page',
                             'seen_page', 'folder_viewer', 'expunged', 'keyword', 'message_work', 'annotation'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_bal ON %I TO caducee_mx, caducee_submission, caducee_relay, caducee_imapd,
            caducee_webmail, caducee_retention, caducee_admin, caducee_sync
            USING (bal_id = current_setting(''caducee.bal'')::bigint)
            WITH CHECK (bal_id = current_setting(''caducee.bal'')::bigint)', t);
        EXECUTE format('CREATE POLICY whole ON %I FOR SELECT TO caducee_backup USING (true)', t);
        EXECUTE format('GRANT SELECT ON %I TO caducee_backup', t);
    END LOOP;
END
$rls$;

-- Writers from outside see no mail: they insert, and touch the counters of a folder.
GRANT INSERT ON delivery_key, blob, blob_chunk, message TO caducee_mx, caducee_submission, caducee_relay;
GRANT SELECT (bal_id, folder_id, name, special_use, uidvalidity, uidnext, highestmodseq, messages, unseen, deleted, bytes)
    ON folder TO caducee_mx, caducee_submission, caducee_relay, caducee_notifier;
GRANT UPDATE (uidnext, highestmodseq, messages, unseen, bytes) ON folder TO caducee_mx, caducee_submission, caducee_relay;
-- Ids only: a COMMIT whose answer was lost is recognised by its blob.
GRANT SELECT (bal_id, blob_id) ON blob TO caducee_mx, caducee_submission;
-- Creating the system folders of a new BAL, and nothing of its mail.
GRANT INSERT ON folder TO caducee_admin, caducee_sync;
GRANT SELECT ON folder TO caducee_admin;
GRANT SELECT, INSERT, UPDATE ON bal_uidvalidity TO caducee_admin, caducee_sync, caducee_imapd, caducee_webmail;
-- The relay reads what is queued; without the blob's key, sealed to the queue, that is noise.
GRANT SELECT ON blob, blob_chunk TO caducee_relay;
-- Readers.
GRANT SELECT, INSERT ON delivery_key, blob, blob_chunk TO caducee_imapd, caducee_webmail;
GRANT SELECT, INSERT, DELETE ON message TO caducee_imapd, caducee_webmail;
GRANT SELECT, INSERT, UPDATE, DELETE ON folder, state_page, seen_page, folder_viewer, expunged, keyword, message_work,
    annotation TO caducee_imapd, caducee_webmail;
-- Retention empties Trash and closed BALs, one BAL at a time.
GRANT SELECT, INSERT, UPDATE, DELETE ON folder, state_page, seen_page, folder_viewer, expunged, keyword, message_work,
    annotation TO caducee_retention;
GRANT SELECT (bal_id, folder_id, uid, size, save_date, blob_id, flags0, modseq0), DELETE ON message TO caducee_retention;
GRANT SELECT (bal_id, delivery_key_id, created), DELETE ON delivery_key TO caducee_retention;
GRANT SELECT (bal_id, blob_id), DELETE ON blob, blob_chunk TO caducee_retention;
-- The sweeper sees references and nothing else, of all BALs.
GRANT SELECT (bal_id, blob_id, created), DELETE ON blob TO caducee_sweeper;
GRANT SELECT (bal_id, blob_id) ON message TO caducee_sweeper;
GRANT SELECT (bal_id, blob_id), DELETE ON blob_chunk TO caducee_sweeper;
CREATE POLICY sweep ON blob TO caducee_sweeper USING (true);
CREATE POLICY sweep ON blob_chunk TO caducee_sweeper USING (true);
CREATE POLICY sweep ON message FOR SELECT TO caducee_sweeper USING (true);
CREATE POLICY watch ON folder FOR SELECT TO caducee_notifier USING (true);
