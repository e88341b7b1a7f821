-- Back: yes
-- The webmail binds certificates too: OCSP is to be asked about them before their first session. It cannot read what it told.
GRANT INSERT ON certificate_known TO caducee_webmail;
