#include "lib/proto/profession.h"

#include "lib/base/base.h"

#include <string.h>

static const struct {
    const char *code, *label;
} professions[] = {
    {"10", "Médecin"},
    {"21", "Pharmacien"},
    {"26", "Audioprothésiste"},
    {"28", "Opticien-lunetier"},
    {"32", "Physicien médical"},
    {"40", "Chirurgien-dentiste"},
    {"50", "Sage-femme"},
    {"60", "Infirmier"},
    {"69", "Infirmier psychiatrique"},
    {"70", "Masseur-kinésithérapeute"},
    {"80", "Pédicure-podologue"},
    {"81", "Orthoprothésiste"},
    {"82", "Podo-orthésiste"},
    {"83", "Orthopédiste-orthésiste"},
    {"84", "Oculariste"},
    {"85", "Épithésiste"},
    {"86", "Technicien de laboratoire médical"},
    {"91", "Orthophoniste"},
    {"92", "Orthoptiste"},
    {"93", "Psychologue"},
    {"94", "Ergothérapeute"},
    {"95", "Diététicien"},
    {"96", "Psychomotricien"},
    {"98", "Manipulateur d'électroradiologie médicale"},
    {"209", "Éducateur spécialisé"},
};

const char *profession_label(const char *code)
{
    for (size_t i = 0; code && i < COUNT(professions); i++)
        if (strcmp(professions[i].code, code) == 0)
            return professions[i].label;
    return code;
}
