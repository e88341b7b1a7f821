$(eval $(call layer,proto,libetpan libxml-2.0 jansson icu-uc icu-i18n libzip))
