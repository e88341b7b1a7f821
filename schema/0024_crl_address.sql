-- Back: yes, an older fetcher learns no address by itself.
-- On the first day nobody else says where the CRL of the authority of our own certificate is.
GRANT UPDATE (crl_url) ON ca TO caducee_fetcher;
