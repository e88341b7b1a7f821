# caducee-webmail: FastCGI service and CGI client in one program; static files and English words are embedded in it.
webmail.folder := $(BUILD)/webmail-cgi
webmail.static := $(wildcard webmail-cgi/static/*)
webmail.gzip := $(patsubst webmail-cgi/static/%,$(webmail.folder)/%.gz,$(webmail.static))

$(webmail.folder)/%.gz: webmail-cgi/static/%
	@mkdir -p $(@D)
	gzip -9nc $< > $@
$(webmail.folder)/en.mo: webmail-cgi/po/en.po
	@mkdir -p $(@D)
	msgfmt --check --no-hash -o $@ $<
$(webmail.folder)/embedded.o: CPPFLAGS += -DEMBED_FOLDER='"$(webmail.folder)"'
$(webmail.folder)/embedded.o: $(webmail.static) $(webmail.gzip) $(webmail.folder)/en.mo

# Linked once the store has its queue.
ifneq ($(wildcard lib/store/queue_add.c lib/store/queue.c lib/store/queue_write.c),)
$(eval $(call program,caducee-webmail,$(wildcard webmail-cgi/*.c),auth store trust net proto base,-lfcgi))
endif

unit.web_fields.sources := webmail-cgi/fields.c webmail-cgi/multipart.c
unit.web_input.sources := webmail-cgi/input.c webmail-cgi/fields.c
unit.web_writers.sources := webmail-cgi/html_writer.c webmail-cgi/html_links.c webmail-cgi/json_writer.c
unit.web_csrf.sources := webmail-cgi/csrf.c webmail-cgi/login.c webmail-cgi/fields.c
unit.web_pace.sources := webmail-cgi/pace.c
unit.web_outgoing.sources := webmail-cgi/outgoing.c
unit.web_records.sources := webmail-cgi/records.c webmail-cgi/mbox.c
unit.web_threads.sources := webmail-cgi/thread_join.c
fuzz.web_form.sources := webmail-cgi/fields.c webmail-cgi/multipart.c webmail-cgi/input.c
fuzz.web_url.sources := webmail-cgi/fields.c webmail-cgi/html_writer.c webmail-cgi/html_links.c webmail-cgi/outgoing.c webmail-cgi/uid_token.c
fuzz.web_oidc.sources := webmail-cgi/login.c webmail-cgi/fields.c
