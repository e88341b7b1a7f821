-- Back: yes, older daemons do not ask; drop function and columns to undo it.
-- After a restore the queue stands held: what has left since the backup still waits in it and would leave twice. Where this
-- database lives is written in it; a relay that starts compares.
ALTER TABLE queue_state ADD COLUMN place text, ADD COLUMN timeline integer;
COMMENT ON COLUMN queue_state.place IS 'System identifier of the cluster and OID of the database, as the last relay found them.';
COMMENT ON COLUMN queue_state.timeline IS 'The same: PostgreSQL''s timeline; another one after a recovery to a point in time, or a promotion.';
-- True: it has just been held. Mail that waits is what could leave twice; an empty queue is let alone.
CREATE FUNCTION queue_check_place(also_timeline boolean) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    was   queue_state%ROWTYPE;
    here  text := (SELECT system_identifier FROM pg_control_system())::text || '/' ||
                  (SELECT oid FROM pg_database WHERE datname = current_database())::text;
    line  integer := (SELECT timeline_id FROM pg_control_checkpoint());
    moved boolean;
BEGIN
    SELECT * INTO was FROM queue_state FOR UPDATE;
    moved := was.place <> here OR (also_timeline AND was.timeline <> line);
    IF was.place IS DISTINCT FROM here OR was.timeline IS DISTINCT FROM line THEN
        UPDATE queue_state SET place = here, timeline = line;
    END IF;
    moved := coalesce(moved, false) AND NOT was.held AND EXISTS (SELECT FROM queue_recipient);
    IF moved THEN
        UPDATE queue_state SET held = true, held_why = 'restauration';
    END IF;
    RETURN moved;
END $$;
REVOKE EXECUTE ON FUNCTION queue_check_place(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION queue_check_place(boolean) TO caducee_relay;
