$(eval $(call layer,net,libssl libcrypto libevent_core libevent_pthreads libcares libcurl libseccomp zlib))
