/* National codes of professions (nomenclature G15 of the MOS, and RPPS+), as the Annuaire and PSC give them. */
#ifndef CADUCEE_PROTO_PROFESSION_H
#define CADUCEE_PROTO_PROFESSION_H

/* In French; the code itself when it is not known; NULL for NULL. */
const char *profession_label(const char *code);

#endif
