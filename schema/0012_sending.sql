-- Back: yes, older daemons know nothing of the new column; drop it to undo it.
-- FUTURERELEASE by an application: which binding wrote the message, so that its right is judged again when it leaves.
ALTER TABLE queue_message ADD COLUMN binding_id bigint;
COMMENT ON COLUMN queue_message.binding_id IS 'The certificate binding that wrote it; NULL for a person.';
