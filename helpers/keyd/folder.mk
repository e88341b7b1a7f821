$(eval $(call program,caducee-keyd,$(wildcard helpers/keyd/*.c),auth store net trust proto base))
