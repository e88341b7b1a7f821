$(eval $(call program,caducee-parse,$(wildcard helpers/parse/*.c),net proto base))
