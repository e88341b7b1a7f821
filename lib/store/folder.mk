$(eval $(call layer,store,libpq libzstd))
$(BUILD)/lib/store/schema_embed.o: $(wildcard schema/*.sql)
