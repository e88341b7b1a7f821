$(eval $(call layer,auth,libsasl2))
