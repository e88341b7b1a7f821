$(eval $(call program,caducee-imapd,$(wildcard imapd/*.c),auth store trust net proto base))
