-- Back: yes, the daemons of before do not know that a session ends.
-- A personal certificate that is no longer bound (or bound to another key or person) takes the sessions that it opened with it:
-- whoever unbinds it need not know of any, and has no right on them.
CREATE FUNCTION operator_unbound() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE web_session SET revoked = coalesce(revoked, now()) WHERE person_id = OLD.person_id AND by_certificate;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION operator_unbound IS 'Ends the sessions by certificate of whoever loses one.';
REVOKE ALL ON FUNCTION operator_unbound FROM PUBLIC;
CREATE TRIGGER unbound AFTER DELETE OR UPDATE OF person_id, key_sha256 ON operator_certificate FOR EACH ROW
EXECUTE FUNCTION operator_unbound();
