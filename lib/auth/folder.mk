$(eval $(call layer,auth,libsasl2 cjose jansson))
