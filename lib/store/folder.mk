$(eval $(call layer,store,libpq libzstd))
