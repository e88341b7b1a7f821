$(eval $(call program,caducee-imapd,$(wildcard imapd/*.c),auth store trust net proto base))
unit.imap_view.sources := imapd/view.c
fuzz.imap_session.sources := $(filter-out imapd/main.c,$(wildcard imapd/*.c))
