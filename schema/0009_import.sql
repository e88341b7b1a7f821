-- Import writes as a delivery does: `caducee bal import` seals each message to the BAL's public half and can read none back.
GRANT INSERT ON delivery_key, blob, blob_chunk, message TO caducee_admin;
GRANT UPDATE (uidnext, highestmodseq, messages, unseen, bytes) ON folder TO caducee_admin;
