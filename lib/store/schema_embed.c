/* The text of each migration, taken into the program by the assembler. */
#include "lib/store/schema_embed.h"

#define EMBED(name, file) __asm__(".section .rodata\nschema_text_" name ": .incbin \"" file "\"\n.byte 0\n.previous\n");

EMBED("roles", "schema/roles.sql")
#define MIGRATION(number, name, file) EMBED(#name, file)
#include "lib/store/schema.def"
#undef MIGRATION

extern const char schema_text_roles[] __attribute__((visibility("hidden")));
#define MIGRATION(number, name, file) extern const char schema_text_##name[] __attribute__((visibility("hidden")));
#include "lib/store/schema.def"
#undef MIGRATION

/* Two migrations of one number do not compile. */
static UNUSED bool numbered_once(int number)
{
    switch (number) {
#define MIGRATION(number, name, file) case number:
#include "lib/store/schema.def"
#undef MIGRATION
        return true;
    default:
        return false;
    }
}

const char *schema_roles(void)
{
    return schema_text_roles;
}

const struct schema_file *schema_files(size_t *count)
{
    static const struct schema_file files[] = {
#define MIGRATION(number, name, file) {number, #name, schema_text_##name},
#include "lib/store/schema.def"
#undef MIGRATION
    };
    *count = COUNT(files);
    return files;
}
