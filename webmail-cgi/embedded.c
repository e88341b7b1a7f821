#include "webmail-cgi/embedded.h"

#include "lib/base/crypto.h"

#include <pthread.h>
#include <stdio.h>

/* The assembler includes the bytes (.incbin), between two symbols each. Paths are relative to the root of the source,
 * where make runs; EMBED_FOLDER is in the build folder and holds what gzip -9n and msgfmt made. */
#define INCLUDE_FILE(symbol, path)                                                                                     \
    __asm__(".section .rodata\n.balign 16\n.global embed_" #symbol "\nembed_" #symbol ":\n.incbin \"" path             \
            "\"\n.global embed_end_" #symbol "\nembed_end_" #symbol ":\n.byte 0\n.previous\n");                        \
    extern const char embed_##symbol[], embed_end_##symbol[];

#define EMBED(id, name, type)                                                                                          \
    INCLUDE_FILE(id, "webmail-cgi/static/" name)                                                                       \
    INCLUDE_FILE(gz_##id, EMBED_FOLDER "/" name ".gz")
#include "webmail-cgi/embedded.def"
#undef EMBED
INCLUDE_FILE(english, EMBED_FOLDER "/en.mo")

const struct embedded_file embedded_files[] = {
#define EMBED(id, file, media)                                                                                         \
    {.name = file,                                                                                                     \
     .type = media,                                                                                                    \
     .begin = embed_##id,                                                                                              \
     .end = embed_end_##id,                                                                                            \
     .gzip_begin = embed_gz_##id,                                                                                      \
     .gzip_end = embed_end_gz_##id},
#include "webmail-cgi/embedded.def"
#undef EMBED
};
const size_t embedded_file_count = COUNT(embedded_files);

struct span embedded_english(void)
{
    return (struct span){embed_english, (size_t)(embed_end_english - embed_english)};
}

static char version[17];

static void compute_version(void)
{
    struct str digests;
    uint8_t digest[SHA256_BYTES];
    str_init(&digests, COUNT(embedded_files) * sizeof(digest));
    for (size_t i = 0; i < COUNT(embedded_files); i++) {
        const struct embedded_file *file = &embedded_files[i];
        sha256(digest, (struct span){file->begin, (size_t)(file->end - file->begin)});
        str_add(&digests, digest, sizeof(digest));
    }
    sha256(digest, str_span(&digests));
    for (size_t i = 0; i < 8; i++)
        snprintf(version + i * 2, 3, "%02x", digest[i]);
    str_free(&digests);
}

const char *embedded_version(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, compute_version);
    return version;
}
