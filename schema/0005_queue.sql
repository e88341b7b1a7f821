-- The queue: what waits to leave. Envelopes are in clear by design; bytes are the sender's blob.

CREATE TABLE queue_message (
    queue_id      bigint PRIMARY KEY,          -- milliseconds << 22 | random: also the order of age
    bal_id        bigint NOT NULL,             -- whose blob it is
    blob_id       bigint NOT NULL,
    sealed_key    bytea NOT NULL,              -- the blob's key sealed to the queue's public half; only relay has the other
    sender        text NOT NULL,               -- '' for the null sender
    envelope_id   text,                        -- DSN ENVID
    ret           smallint NOT NULL DEFAULT 0, -- enum smtp_ret
    smtputf8      boolean NOT NULL DEFAULT false,
    eight_bit     boolean NOT NULL DEFAULT false,
    size          bigint NOT NULL,             -- of what leaves
    head_size     integer NOT NULL DEFAULT 0,  -- bytes at the blob's front that stay here (Bcc: the Sent copy's own head)
    message_id    text,
    session       text,
    person_id     bigint,
    structure_id  bigint,
    created       timestamptz NOT NULL DEFAULT now(),
    expires       timestamptz NOT NULL,
    FOREIGN KEY (bal_id, blob_id) REFERENCES blob -- stops the sweeper
);
COMMENT ON TABLE queue_message IS 'Messages on their way out, one row a message.';
CREATE INDEX queue_message_blob ON queue_message (bal_id, blob_id);

CREATE TABLE queue_recipient (
    recipient_id bigint PRIMARY KEY,
    queue_id    bigint NOT NULL REFERENCES queue_message,
    domain      text NOT NULL,                 -- the destination, normalised
    address     text NOT NULL,
    original    text,                          -- DSN ORCPT
    notify      smallint NOT NULL DEFAULT 0,   -- enum smtp_notify bits
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'held')),
    due         timestamptz NOT NULL DEFAULT now(), -- of a claimed one: when its lease ends, and it is anyone's again
    attempts    integer NOT NULL DEFAULT 0,
    holder      text,                          -- which relay has it until `due`; NULL: none
    last_reply  text,
    last_rule   text,                          -- the trust rule that refused
    last_host   text,
    warned      timestamptz                    -- when a warning was sent (4 h, 24 h)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
COMMENT ON TABLE queue_recipient IS 'Recipients that wait; a row goes when its fate is known.';
-- Which domains have something due? Then: what of that domain, oldest first.
CREATE INDEX queue_recipient_due ON queue_recipient (domain, due, queue_id) WHERE state = 'waiting';
CREATE INDEX queue_recipient_first ON queue_recipient (due) WHERE state = 'waiting';
CREATE INDEX queue_recipient_message ON queue_recipient (queue_id);

CREATE TRIGGER queue_message_gone AFTER DELETE ON queue_message REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_blobs();

-- One row a destination: what `caducee queue` sums up in no time, and what relays share about a domain.
CREATE TABLE queue_domain (
    domain      text PRIMARY KEY,
    next_due    timestamptz NOT NULL DEFAULT now(),
    concurrency integer NOT NULL DEFAULT 5,    -- grows and shrinks with success
    failures    integer NOT NULL DEFAULT 0,
    last_error  text,
    backoff     timestamptz,                   -- nobody tries before
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'held'))
) WITH (fillfactor = 60);
COMMENT ON TABLE queue_domain IS 'What relays know of a destination: concurrency, back-off, hold.';

-- The end of each recipient's story, kept 90 days: state of sent mail in words, DSN causes.
CREATE TABLE queue_history (
    recipient_id bigint PRIMARY KEY,
    queue_id   bigint NOT NULL,
    bal_id     bigint,
    blob_id    bigint,                         -- the sent message
    domain     text NOT NULL,
    address    text NOT NULL,
    outcome    text NOT NULL CHECK (outcome IN ('delivered', 'failed', 'dropped', 'cancelled')),
    reply      text,
    rule       text,
    host       text,
    peer_dn    text,
    attempts   integer NOT NULL,
    created    timestamptz NOT NULL,
    ended      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX queue_history_sent ON queue_history (bal_id, blob_id);
CREATE INDEX queue_history_ended ON queue_history USING brin (ended);
COMMENT ON TABLE queue_history IS 'What became of each recipient; queue envelopes, kept 90 days.';

-- Receipts that came back for a sent message (DSN, MDN, a bounce of Mon espace santé), beside the immutable message.
CREATE TABLE receipt (
    bal_id    bigint NOT NULL,
    blob_id   bigint NOT NULL,                 -- the sent message
    received  timestamptz NOT NULL DEFAULT now(),
    kind      text NOT NULL CHECK (kind IN ('dsn', 'mdn', 'mes')),
    recipient text NOT NULL,
    outcome   text NOT NULL,                   -- "delivered", "read", "closed", "too-large" …
    detail    text
);
CREATE INDEX receipt_sent ON receipt (bal_id, blob_id);
COMMENT ON TABLE receipt IS 'What came back for a sent message.';

-- A client's own APPEND to Sent replaced our copy: whose fates are its fates.
CREATE TABLE sent_replaced (
    bal_id  bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    blob_id bigint NOT NULL,                   -- the client's copy
    was     bigint NOT NULL,                   -- ours: what the queue knows
    PRIMARY KEY (bal_id, blob_id, was)
);
COMMENT ON TABLE sent_replaced IS 'Sent copies of ours that a client replaced by its own.';

-- The queue as a whole: after a restore it starts held. public_half: what blob keys of queued mail are sealed to.
CREATE TABLE queue_state (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    held        boolean NOT NULL DEFAULT false,
    held_why    text,
    public_half bytea CHECK (length(public_half) = 32)
);
INSERT INTO queue_state DEFAULT VALUES;
COMMENT ON TABLE queue_state IS 'Whether the whole queue is held, and the queue''s public key.';

-- Rates a day and an hour, by BAL or certificate.
CREATE TABLE send_rate (
    bal_id     bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    hour       timestamptz NOT NULL,
    messages   integer NOT NULL DEFAULT 0,
    recipients integer NOT NULL DEFAULT 0,
    fresh      integer NOT NULL DEFAULT 0,     -- recipients never written to before
    PRIMARY KEY (bal_id, hour)
) WITH (fillfactor = 60);
COMMENT ON TABLE send_rate IS 'How much a BAL sends, by hour.';
CREATE TABLE correspondent (
    bal_id   bigint NOT NULL REFERENCES bal ON DELETE CASCADE,
    hash     bytea NOT NULL,                   -- keyed hash of the address
    last     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bal_id, hash)
);
COMMENT ON TABLE correspondent IS 'Whom a BAL has written to already, as keyed hashes.';

ALTER TABLE sent_replaced ENABLE ROW LEVEL SECURITY;
ALTER TABLE sent_replaced FORCE ROW LEVEL SECURITY;
CREATE POLICY own_bal ON sent_replaced TO caducee_imapd, caducee_webmail
    USING (bal_id = current_setting('caducee.bal')::bigint) WITH CHECK (bal_id = current_setting('caducee.bal')::bigint);
CREATE POLICY whole ON sent_replaced FOR SELECT TO caducee_backup USING (true);
GRANT SELECT, INSERT ON sent_replaced TO caducee_imapd, caducee_webmail;
GRANT SELECT ON sent_replaced TO caducee_backup;
ALTER TABLE receipt ENABLE ROW LEVEL SECURITY;
ALTER TABLE receipt FORCE ROW LEVEL SECURITY;
CREATE POLICY own_bal ON receipt TO caducee_mx, caducee_relay, caducee_imapd, caducee_webmail, caducee_retention
    USING (bal_id = current_setting('caducee.bal')::bigint) WITH CHECK (bal_id = current_setting('caducee.bal')::bigint);
CREATE POLICY whole ON receipt FOR SELECT TO caducee_backup USING (true);
GRANT SELECT ON receipt TO caducee_backup;
GRANT SELECT, INSERT ON receipt TO caducee_webmail, caducee_mx, caducee_relay;
GRANT DELETE, SELECT ON receipt TO caducee_retention;

GRANT INSERT ON queue_message, queue_recipient TO caducee_submission, caducee_webmail, caducee_relay, caducee_mx;
GRANT SELECT (queue_id, bal_id, blob_id) ON queue_message TO caducee_sweeper;
GRANT SELECT, INSERT, UPDATE, DELETE ON queue_message, queue_recipient, queue_domain TO caducee_relay;
GRANT SELECT, INSERT ON queue_domain TO caducee_submission, caducee_webmail, caducee_mx;
GRANT SELECT ON queue_state TO caducee_submission, caducee_webmail, caducee_relay, caducee_mx, caducee_backup, caducee_auditor,
    caducee_keyd;
GRANT SELECT, UPDATE ON queue_state TO caducee_admin;
GRANT UPDATE (public_half) ON queue_state TO caducee_keyd;
GRANT SELECT, INSERT ON queue_history TO caducee_relay, caducee_admin, caducee_webmail;
GRANT UPDATE (state, due) ON queue_recipient TO caducee_webmail;
GRANT SELECT ON queue_history TO caducee_webmail, caducee_submission, caducee_auditor, caducee_backup;
GRANT SELECT, DELETE ON queue_history TO caducee_retention;
GRANT SELECT (queue_id, sender, size, bal_id, blob_id, message_id, created, expires, person_id, structure_id, session)
    ON queue_message TO caducee_admin, caducee_webmail;
GRANT DELETE ON queue_message TO caducee_admin;
GRANT DELETE ON queue_message, queue_recipient TO caducee_webmail; -- undo send, cancel a send later
GRANT SELECT, UPDATE, DELETE ON queue_recipient TO caducee_admin;
GRANT SELECT, UPDATE ON queue_domain TO caducee_admin;
GRANT SELECT ON queue_recipient TO caducee_webmail;
GRANT SELECT ON queue_message, queue_recipient, queue_domain TO caducee_backup;
GRANT SELECT, INSERT, UPDATE ON send_rate, correspondent TO caducee_submission, caducee_webmail;
GRANT SELECT, DELETE ON send_rate, correspondent TO caducee_retention;
GRANT SELECT ON send_rate, correspondent TO caducee_backup;
