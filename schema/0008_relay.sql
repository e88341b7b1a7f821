-- FUTURERELEASE, "send later", holds: the relay asks again, at the moment of sending, whether the writer may still write.
ALTER TABLE queue_message ADD COLUMN waits boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN queue_message.waits IS 'Accepted to leave later: right, whitelist and opposition are judged again then.';
GRANT SELECT ON membership, certificate_binding TO caducee_relay;
