$(eval $(call program,caducee-smtpd,$(wildcard smtpd/*.c),auth store trust net proto base))
