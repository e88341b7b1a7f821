-- Roles of the cluster: one a process, each with only what it needs. `caducee db migrate` runs this first, as a role that
-- may create roles (caducee_owner with CREATEROLE, or a superuser); it may be run again. None inherits, none bypasses
-- row-level security, none is a superuser; caducee_owner owns the tables and migrates, and row-level security is FORCEd on
-- it like on everybody.
DO $roles$
DECLARE
    r text;
    bad text;
BEGIN
    FOREACH r IN ARRAY ARRAY['mx', 'submission', 'relay', 'imapd', 'webmail', 'keyd', 'fetcher', 'sealer', 'sweeper',
                             'retention', 'reminder', 'notifier', 'sync', 'admin', 'auditor', 'backup'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'caducee_' || r) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', 'caducee_' || r);
            EXECUTE format('ALTER ROLE %I SET timezone = %L', 'caducee_' || r, 'UTC');
            -- A generic plan always: row-level security is free under it, and each statement is short.
            EXECUTE format('ALTER ROLE %I SET plan_cache_mode = %L', 'caducee_' || r, 'force_generic_plan');
            -- A session that died half-way must not keep a folder's lock.
            IF r IN ('mx', 'submission', 'relay', 'imapd', 'webmail', 'keyd') THEN
                EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', 'caducee_' || r, '30s');
            END IF;
        END IF;
    END LOOP;
    SELECT string_agg(rolname, ', ') INTO bad FROM pg_roles
        WHERE rolname LIKE 'caducee\_%' AND rolname <> 'caducee_owner'
          AND (rolsuper OR rolbypassrls OR rolinherit OR rolcreaterole OR rolcreatedb OR rolreplication);
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'these roles may more than they should: %', bad;
    END IF;
END
$roles$;
