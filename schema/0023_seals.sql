-- Back: yes, while shift is 0 (nothing was resumed); drop the column and the function to undo it.
-- A database restored into another cluster counts its transactions anew: their numbers stand below what is sealed, and nothing
-- more would be. `caducee trace resume` adds a shift to the numbers that traces bear, so that they go on above.
ALTER TABLE seal_horizon ADD shift bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN seal_horizon.shift IS 'What trace.xid adds to the transaction''s own number, since a restore into another cluster';

CREATE FUNCTION trace_resume() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    sealed_to bigint;
    sealed_at timestamptz;
    shift_was bigint;
    top bigint;      -- above every number that rows of the old cluster bear
    least_new bigint; -- the smallest that rows of this cluster bear
    further bigint;
BEGIN
    LOCK TABLE trace IN SHARE ROW EXCLUSIVE MODE; -- no row in between under the old numbering
    SELECT xid::text::bigint, shift INTO sealed_to, shift_was FROM seal_horizon FOR UPDATE;
    IF pg_snapshot_xmin(pg_current_snapshot())::text::bigint + shift_was >= sealed_to THEN
        RAISE EXCEPTION 'the sealer goes on by itself' USING ERRCODE = 'CD002';
    END IF;
    SELECT coalesce(max(sealed), '-infinity') INTO sealed_at FROM trace_seal;
    SELECT greatest(sealed_to, coalesce((SELECT xid::text::bigint FROM trace ORDER BY xid DESC LIMIT 1), 0)) INTO top;
    -- Below the horizon everything was sealed: what is younger than the last seal is of this cluster.
    SELECT coalesce(min(xid::text::bigint), pg_current_xact_id()::text::bigint + shift_was) INTO least_new
        FROM trace WHERE xid < sealed_to::text::xid8 AND at > sealed_at;
    further := top + 1 - least_new;
    UPDATE trace SET xid = (xid::text::bigint + further)::text::xid8 WHERE xid < sealed_to::text::xid8 AND at > sealed_at;
    EXECUTE format('ALTER TABLE trace ALTER xid SET DEFAULT ((pg_current_xact_id()::text::bigint + %s)::text)::xid8',
                   shift_was + further);
    UPDATE seal_horizon SET shift = shift_was + further;
    RETURN shift_was + further;
END $$;
COMMENT ON FUNCTION trace_resume IS 'Lets the sealer go on after a restore into another cluster; refuses where it goes on by itself.';
REVOKE ALL ON FUNCTION trace_resume FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trace_resume TO caducee_admin;
