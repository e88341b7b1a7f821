#include "lib/proto/xdm_zip.h"

#include <string.h>
#include <zip.h>

enum { READ_STEP = 64 << 10, NAME_MAX_BYTES = 512 };

struct xdm_zip {
    zip_t *zip;
    zip_int64_t members;
    uint64_t unpacked; /* so far, of XDM_TOTAL_MAX */
};

struct xdm_zip *xdm_zip_open(struct span bytes, const char **problem)
{
    zip_error_t error;
    *problem = "not a zip";
    if (bytes.n > XDM_ZIP_MAX) {
        *problem = "too large";
        return NULL;
    }
    zip_error_init(&error);
    zip_source_t *source = bytes.n ? zip_source_buffer_create(bytes.p, bytes.n, 0, &error) : NULL;
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (source && !zip)
        zip_source_free(source);
    zip_error_fini(&error);
    if (!zip)
        return NULL;
    zip_int64_t members = zip_get_num_entries(zip, 0);
    if (members < 1 || members > XDM_MEMBERS_MAX) {
        *problem = members < 1 ? "empty" : "too many members";
        zip_discard(zip);
        return NULL;
    }
    struct xdm_zip *self = xcalloc(1, sizeof(*self));
    *self = (struct xdm_zip){.zip = zip, .members = members};
    return self;
}

void xdm_zip_close(struct xdm_zip **at)
{
    if (*at)
        zip_discard((*at)->zip);
    xfree(at);
}

bool xdm_name_is_unsafe(struct span name)
{
    struct span rest = name, step;
    if (!name.n || name.n > NAME_MAX_BYTES || name.p[0] == '/' || memchr(name.p, '\\', name.n) ||
        memchr(name.p, ':', name.n))
        return true;
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f)
            return true;
    while (span_cut(&rest, '/', &step))
        if (span_is(step, ".."))
            return true;
    return false;
}

bool xdm_zip_has_unsafe_name(struct xdm_zip *self)
{
    for (zip_int64_t i = 0; i < self->members; i++)
        if (xdm_name_is_unsafe(span_of(zip_get_name(self->zip, (zip_uint64_t)i, 0))))
            return true;
    return false;
}

const char *xdm_zip_find(struct xdm_zip *self, struct span name)
{
    for (zip_int64_t i = 0; i < self->members; i++) {
        const char *member = zip_get_name(self->zip, (zip_uint64_t)i, 0);
        if (member && span_eq_nocase(span_of(member), name))
            return member;
    }
    return NULL;
}

/* What the directory says is not believed: bytes are counted as they come. */
static bool read_all(struct xdm_zip *self, zip_file_t *file, size_t most, struct str *out, const char **problem)
{
    char step[READ_STEP];
    for (;;) {
        zip_int64_t n = zip_fread(file, step, sizeof(step));
        if (n == 0)
            return true;
        *problem = "unreadable";
        if (n < 0)
            return false;
        self->unpacked += (uint64_t)n;
        *problem = "too large";
        if (out->len + (size_t)n > most || self->unpacked > XDM_TOTAL_MAX || !str_add(out, step, (size_t)n))
            return false;
    }
}

bool xdm_zip_read(struct xdm_zip *self, const char *member, size_t most, struct str *out, const char **problem)
{
    zip_stat_t about;
    str_clear(out);
    *problem = "missing";
    if (!member || zip_stat(self->zip, member, 0, &about) != 0)
        return false;
    *problem = "encrypted";
    if ((about.valid & ZIP_STAT_ENCRYPTION_METHOD) && about.encryption_method != ZIP_EM_NONE)
        return false;
    *problem = "too large";
    if ((about.valid & ZIP_STAT_SIZE) && about.size > most)
        return false;
    *problem = "unreadable";
    zip_file_t *file = zip_fopen(self->zip, member, 0);
    if (!file)
        return false;
    bool ok = read_all(self, file, most, out, problem);
    return zip_fclose(file) == 0 && ok;
}
