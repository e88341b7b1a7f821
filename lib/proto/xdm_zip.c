#include "lib/proto/xdm_zip.h"

#include <string.h>
#include <sys/stat.h>
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

/* Two members of one name: which of them is read is each reader's own choice, so that two of them see two documents. */
const char *xdm_zip_oddity(struct xdm_zip *self)
{
    for (zip_int64_t i = 0; i < self->members; i++) {
        struct span name = span_of(zip_get_name(self->zip, (zip_uint64_t)i, 0));
        struct span raw = span_of(zip_get_name(self->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW));
        if (xdm_name_is_unsafe(name) || xdm_name_is_unsafe(raw))
            return "unsafe name";
        for (zip_int64_t k = 0; k < i; k++)
            if (span_eq_nocase(name, span_of(zip_get_name(self->zip, (zip_uint64_t)k, 0))))
                return "duplicate names";
    }
    return NULL;
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

/* A symbolic link is a member whose content is a path: nothing follows it, and it is no document. */
static bool is_link(struct xdm_zip *self, zip_uint64_t index)
{
    zip_uint8_t system;
    zip_uint32_t attributes;
    return zip_file_get_external_attributes(self->zip, index, 0, &system, &attributes) == 0 &&
           system == ZIP_OPSYS_UNIX && S_ISLNK(attributes >> 16);
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
    *problem = "not a file";
    if ((about.valid & ZIP_STAT_INDEX) && is_link(self, about.index))
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
