$(eval $(call layer,base,libcrypto libsodium inih libgfshare))
