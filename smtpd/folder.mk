$(eval $(call program,caducee-smtpd,$(wildcard smtpd/*.c),auth store trust net proto base))
unit.write_as.sources := smtpd/write_as.c
unit.relay_domain.sources := smtpd/relay_domain.c
