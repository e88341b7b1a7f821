$(eval $(call layer,trust,libcrypto))
