#include "lib/trust/trust.h"

static const struct {
    const char *name, *enhanced, *en, *fr;
    bool temporary;
} rules[TRUST_RULE_COUNT] = {
    [TRUST_OK] = {"ok", "2.0.0", "admitted to the trust space", "admis dans l'espace de confiance", false},
    [TRUST_NO_TLS] = {"tls.required", "5.7.0", "must issue a STARTTLS command first",
                      "la connexion n'est pas chiffrée : STARTTLS est obligatoire", false},
    [TRUST_NO_CERTIFICATE] = {"certificate.missing", "5.7.1", "no client certificate was presented",
                              "aucun certificat client n'a été présenté", false},
    [TRUST_CHAIN] = {"certificate.chain", "5.7.1", "the certificate was not issued by a CA of the trust space",
                     "le certificat n'est pas émis par une autorité de l'IGC Santé installée ici", false},
    [TRUST_NOT_YET_VALID] = {"certificate.not-yet-valid", "5.7.1", "the certificate is not valid yet",
                             "le certificat n'est pas encore valable", false},
    [TRUST_EXPIRED] = {"certificate.expired", "5.7.1", "the certificate has expired", "le certificat a expiré", false},
    [TRUST_REVOKED] = {"certificate.revoked", "5.7.1", "the certificate has been revoked", "le certificat est révoqué",
                       false},
    [TRUST_PROFILE] = {"certificate.profile", "5.7.1", "the certificate is not of the kind asked for here",
                       "le certificat n'est pas de la famille attendue ici (serveur ou application)", false},
    [TRUST_DN_NOT_LISTED] = {"whitelist.dn", "5.7.1", "the certificate's subject is not on the whitelist",
                             "le sujet du certificat n'est pas sur la liste blanche", false},
    [TRUST_DOMAIN_NOT_LISTED] = {"whitelist.domain", "5.7.1", "the domain is not on the whitelist",
                                 "le domaine n'est pas sur la liste blanche", false},
    [TRUST_DOMAIN_OTHER_DN] = {"whitelist.domain-dn", "5.7.1",
                               "the domain is on the whitelist, but not under this certificate's subject",
                               "le domaine est sur la liste blanche, mais pas pour ce certificat", false},
    [TRUST_OUR_DOMAIN] = {"sender.our-domain", "5.7.1", "a domain of this operator cannot send from elsewhere",
                          "un domaine de cet opérateur ne peut pas être expéditeur depuis l'extérieur", false},
    [TRUST_HEADER_FROM] = {"header.from", "5.7.1", "the header From or Sender names a domain that is not the peer's",
                           "l'en-tête From ou Sender porte un domaine qui n'est pas celui de l'opérateur", false},
    [TRUST_NOT_BOUND] = {"binding.missing", "5.7.8", "the certificate is not bound to this mailbox",
                         "le certificat n'est rattaché à aucune boîte demandée", false},
    [TRUST_BINDING_EXPIRED] = {"binding.expired", "5.7.8", "the certificate's binding to this mailbox has ended",
                               "le rattachement du certificat à cette boîte a pris fin", false},
    [TRUST_WHITELIST_UNAVAILABLE] = {"whitelist.unavailable", "4.7.0", "no whitelist is available now",
                                     "aucune liste blanche n'est disponible pour le moment", true},
    [TRUST_CRL_UNAVAILABLE] = {"crl.unavailable", "4.7.0", "revocation cannot be checked now: no CRL",
                               "la révocation ne peut pas être vérifiée : aucune CRL de cette autorité", true},
    [TRUST_CRL_EXPIRED] = {"crl.expired", "4.7.0", "revocation cannot be checked now: the CRL has expired",
                           "la révocation ne peut pas être vérifiée : la CRL de cette autorité a expiré", true},
    [TRUST_SNAPSHOT_MISSING] = {"trust.unavailable", "4.7.0", "the trust data cannot be read now",
                                "les données de confiance ne peuvent pas être lues pour le moment", true},
};

const char *trust_rule_name(enum trust_rule rule)
{
    return rules[rule].name;
}

const char *trust_rule_enhanced(enum trust_rule rule)
{
    return rules[rule].enhanced;
}

const char *trust_rule_sentence_en(enum trust_rule rule)
{
    return rules[rule].en;
}

const char *trust_rule_sentence_fr(enum trust_rule rule)
{
    return rules[rule].fr;
}

bool trust_rule_temporary(enum trust_rule rule)
{
    return rules[rule].temporary;
}
