/* A patient's traits as a form: "Envoyer un document" and "Écrire à un patient" ask for the same ones. */
#ifndef CADUCEE_WEBMAIL_TRAITS_FORM_H
#define CADUCEE_WEBMAIL_TRAITS_FORM_H

#include "webmail-cgi/web.h"

void text_field(struct request *, const char *name, const char *words, const char *type, bool required);
/* Inputs nom, prenoms, naissance, sexe, matricule, qualifiee; `note` stands under the statement. */
void traits_panel(struct request *, bool matricule_required, const char *note);

#endif
