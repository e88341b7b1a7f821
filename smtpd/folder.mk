unit.write_as.sources := smtpd/write_as.c
