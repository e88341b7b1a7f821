$(eval $(call program,caducee,$(wildcard ctl/*.c),store trust proto base))
