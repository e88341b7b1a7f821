# make install DESTDIR=… PREFIX=/usr: programs, configuration, units. make deb: a Debian package, by dpkg-buildpackage, from what
# git knows.
DESTDIR ?=
PREFIX ?= /usr
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
VERSION := $(shell cat packaging/version)
$(BUILD)/lib/net/daemon.o $(BUILD)/ctl/main.o: CPPFLAGS += -DCADUCEE_VERSION='"$(VERSION)"'
install.daemons = $(filter-out %/caducee,$(programs))

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(SYSCONFDIR)/caducee/tls \
	  $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PREFIX)/lib/tmpfiles.d $(DESTDIR)$(SYSCONFDIR)/logrotate.d \
	  $(DESTDIR)$(PREFIX)/share/caducee $(DESTDIR)$(PREFIX)/share/doc/caducee $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 755 $(BUILD)/bin/caducee $(DESTDIR)$(PREFIX)/bin/
	for program in $(install.daemons); do install -m 755 $$program $(DESTDIR)$(PREFIX)/sbin/; done
	[ -e $(DESTDIR)$(SYSCONFDIR)/caducee/caducee.conf ] || \
	  { $(BUILD)/bin/caducee-smtpd --reference >$(BUILD)/caducee.conf && \
	    install -m 640 $(BUILD)/caducee.conf $(DESTDIR)$(SYSCONFDIR)/caducee/caducee.conf; }
	install -m 644 packaging/systemd/*.service $(DESTDIR)$(UNITDIR)/
	install -m 644 packaging/caducee.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/caducee.conf
	install -m 644 packaging/caducee.logrotate $(DESTDIR)$(SYSCONFDIR)/logrotate.d/caducee
	install -m 644 packaging/roles $(DESTDIR)$(PREFIX)/share/caducee/
	install -m 755 packaging/pg_ident packaging/accounts packaging/database $(DESTDIR)$(PREFIX)/share/caducee/
	install -m 644 README.md docs/*.md $(DESTDIR)$(PREFIX)/share/doc/caducee/
	for guide in README alarmes annuaire; do install -m 644 docs/exploitation/$$guide.md \
	  $(DESTDIR)$(PREFIX)/share/doc/caducee/exploitation-$$guide.md; done
	for program in caducee $(notdir $(install.daemons)); do \
	  packaging/man $(BUILD)/bin/$$program >$(DESTDIR)$(PREFIX)/share/man/man8/$$program.8; done

deb:
	packaging/deb $(VERSION)

.PHONY: install deb
