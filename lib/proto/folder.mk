$(eval $(call layer,proto,libetpan libxml-2.0 xmlsec1-openssl jansson icu-uc icu-i18n libzip libxslt))
$(BUILD)/lib/proto/cda_html.o: lib/proto/cda.xsl
