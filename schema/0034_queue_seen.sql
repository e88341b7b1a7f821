-- Back: yes
-- The administration part shows how much waits (0031): it reads the counts and folds them, as `caducee queue` does.
GRANT SELECT ON queue_count, queue_delta TO caducee_webmail;
GRANT EXECUTE ON FUNCTION queue_fold TO caducee_webmail;
