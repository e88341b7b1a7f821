-- Back: yes, older daemons write and read the queue as before; to undo it, give the column its type and CHECK again, and the key back.
-- What each message on its way out pays for, and nothing needs. A CHECK of the table is parsed anew by every statement that writes a
-- recipient; a domain is looked at once a connection.
CREATE DOMAIN queue_recipient_state AS text CHECK (VALUE IN ('waiting', 'held'));
DROP TRIGGER queue_count_held ON queue_recipient;
ALTER TABLE queue_recipient DROP CONSTRAINT queue_recipient_state_check;
ALTER TABLE queue_recipient ALTER state TYPE queue_recipient_state;
CREATE TRIGGER queue_count_held AFTER UPDATE OF state ON queue_recipient FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION queue_count_held();
-- A recipient is written by the statement that writes its message, and a message goes only when none is left, by a statement that looks:
-- the key said that once more for each of both, with a lock of the message's row.
ALTER TABLE queue_recipient DROP CONSTRAINT queue_recipient_queue_id_fkey;
