$(eval $(call program,caducee,$(wildcard ctl/*.c),auth store trust net proto base))
