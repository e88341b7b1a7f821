$(eval $(call program,caducee-keyd,$(wildcard helpers/keyd/*.c),auth store net trust proto base))
unit.keyd.sources := helpers/keyd/introspect.c helpers/keyd/limit.c helpers/keyd/proof.c helpers/keyd/spread.c
