"""A whole trust space on one machine: PKI, whitelist, DNS, another operator, PostgreSQL, and our daemons on top.

Everything here is for tests and for the demonstration. Real servers of Debian do the work; this package only writes
their configuration, starts them as an unprivileged user, waits until each answers, and ends them.

Read in this order: place (where things are), processes (start and stop), then one module a server, then cli.
"""
