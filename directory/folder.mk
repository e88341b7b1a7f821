fuzz.annuaire.sources := directory/annuaire_map.c
ifeq ($(words $(wildcard lib/net/daemon.c lib/net/https.c lib/net/wake.c)),3)
$(eval $(call program,caducee-directoryd,$(wildcard directory/*.c),auth store trust net proto base,-lldap -llber))
endif
