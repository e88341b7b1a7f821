-- Back: yes, older daemons do not look at what is new; drop column, triggers and grants to undo it.
-- What a BAL does with mail that comes in, and what comes back for mail that it has sent.
ALTER TABLE bal ADD COLUMN watched boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN bal.watched IS 'Has, or had, a rule or an out-of-office: whoever delivers looks for them. The others cost a delivery nothing.';
CREATE FUNCTION watch_bal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE bal SET watched = true WHERE bal_id = NEW.bal_id AND NOT watched;
    RETURN NULL;
END $$;
CREATE TRIGGER bal_rule_watch AFTER INSERT ON bal_rule FOR EACH ROW EXECUTE FUNCTION watch_bal();
CREATE TRIGGER bal_absence_watch AFTER INSERT ON bal_absence FOR EACH ROW EXECUTE FUNCTION watch_bal();

-- An out-of-office answer leaves as any message of the BAL: from whoever has delivered.
GRANT SELECT, INSERT, UPDATE ON send_rate, correspondent TO caducee_mx, caducee_relay;
GRANT SELECT ON patient_register TO caducee_mx;

-- A report is put beside the sent message that it speaks of, found by its Message-ID's hash.
GRANT SELECT (bal_id, blob_id, msgid_hash) ON message TO caducee_mx, caducee_submission, caducee_relay;
GRANT INSERT ON receipt TO caducee_submission;
ALTER POLICY own_bal ON receipt TO caducee_mx, caducee_submission, caducee_relay, caducee_imapd, caducee_webmail,
    caducee_retention;
COMMENT ON COLUMN receipt.outcome IS 'read, processed, not-integrated, deleted; arrived, relayed, delayed; closed, unknown, invalid, full, too-large, refused';
