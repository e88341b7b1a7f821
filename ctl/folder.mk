$(eval $(call program,caducee,$(wildcard ctl/*.c),store trust net proto base))
