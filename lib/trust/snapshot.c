#include "lib/trust/snapshot.h"

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "lib/proto/address.h"

#include <stdlib.h>
#include <string.h>

enum { DOMAIN_MAX = ADDRESS_DOMAIN_MAX };

struct trust_builder {
    struct trust_snapshot *snapshot;
};

void digest_of(dn_digest *out, const struct dn *dn)
{
    struct str text;
    str_init(&text, (size_t)DN_ATTRIBUTES_MAX * 8 * DN_VALUE_MAX);
    dn_canonical(&text, dn);
    sha256(out->b, str_span(&text));
    str_free(&text);
}

void trust_dn_key(char out[65], const struct dn *dn)
{
    dn_digest digest;
    digest_of(&digest, dn);
    struct str hex;
    str_init(&hex, 64);
    hex_encode(&hex, (struct span){(const char *)digest.b, sizeof(digest.b)});
    memcpy(out, hex.data, 65);
    str_free(&hex);
}

/* FNV-1a. What is inserted comes from the (pinned) whitelist, and lookups insert nothing: no flood to fear. */
static size_t hash_bytes(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 32);
}

static void index_put(struct index *index, size_t hash, uint32_t item)
{
    size_t at = hash & index->mask;
    while (index->slots[at])
        at = (at + 1) & index->mask;
    index->slots[at] = item + 1;
    index->used++;
}

static bool index_is_full(const struct index *index)
{
    return !index->slots || 2 * (index->used + 1) > index->mask;
}

static void index_renew(struct index *index)
{
    size_t size = index->slots ? 2 * (index->mask + 1) : 1024;
    xfree(&index->slots);
    *index = (struct index){.slots = xcalloc(size, sizeof(uint32_t)), .mask = size - 1};
}

static ptrdiff_t find_dn(const struct trust_snapshot *s, const dn_digest *digest)
{
    if (!s->by_dn.slots)
        return -1;
    for (size_t at = hash_bytes(digest, sizeof(*digest)) & s->by_dn.mask; s->by_dn.slots[at];
         at = (at + 1) & s->by_dn.mask) {
        uint32_t i = s->by_dn.slots[at] - 1;
        if (memcmp(&s->dns.items[i].digest, digest, sizeof(*digest)) == 0)
            return i;
    }
    return -1;
}

static ptrdiff_t find_domain(const struct trust_snapshot *s, struct span name)
{
    if (!s->by_domain.slots)
        return -1;
    for (size_t at = hash_bytes(name.p, name.n) & s->by_domain.mask; s->by_domain.slots[at];
         at = (at + 1) & s->by_domain.mask) {
        uint32_t i = s->by_domain.slots[at] - 1;
        if (span_is(name, s->domains.items[i].name))
            return i;
    }
    return -1;
}

const struct listed_dn *snapshot_dn(const struct trust_snapshot *s, const dn_digest *digest)
{
    ptrdiff_t i = find_dn(s, digest);
    return i < 0 ? NULL : &s->dns.items[i];
}

const struct listed_domain *snapshot_domain(const struct trust_snapshot *s, struct span domain)
{
    struct str name;
    str_init(&name, DOMAIN_MAX);
    ptrdiff_t i = domain_normalise(&name, domain) ? find_domain(s, str_span(&name)) : -1;
    str_free(&name);
    return i < 0 ? NULL : &s->domains.items[i];
}

bool snapshot_is_own_dn(const struct trust_snapshot *s, const dn_digest *digest)
{
    vec_each (&s->own_dns, own)
        if (memcmp(own, digest, sizeof(*own)) == 0)
            return true;
    return false;
}

const struct revoked *snapshot_revoked(const struct trust_snapshot *s, const char *fingerprint)
{
    vec_each (&s->revoked, one)
        if (strcmp(one->fingerprint, fingerprint) == 0)
            return one;
    return NULL;
}

struct trust_builder *trust_builder_new(uint64_t generation)
{
    struct trust_builder *builder = xcalloc(1, sizeof(*builder));
    builder->snapshot = xcalloc(1, sizeof(*builder->snapshot));
    atomic_init(&builder->snapshot->references, 1);
    builder->snapshot->generation = generation;
    builder->snapshot->x509 = x509_store_new();
    return builder;
}

static uint32_t add_dn(struct trust_snapshot *s, const struct dn *dn, struct span description)
{
    dn_digest digest;
    digest_of(&digest, dn);
    ptrdiff_t known = find_dn(s, &digest);
    if (known >= 0)
        return (uint32_t)known;
    if (index_is_full(&s->by_dn)) {
        index_renew(&s->by_dn);
        for (uint32_t i = 0; i < s->dns.len; i++)
            index_put(&s->by_dn, hash_bytes(&s->dns.items[i].digest, sizeof(digest)), i);
    }
    struct str clean;
    str_init(&clean, 4096);
    text_sanitize(&clean, description);
    vec_push(&s->dns, (struct listed_dn){.digest = digest, .description = str_steal(&clean)});
    index_put(&s->by_dn, hash_bytes(&digest, sizeof(digest)), (uint32_t)s->dns.len - 1);
    return (uint32_t)s->dns.len - 1;
}

static struct listed_domain *add_domain(struct trust_snapshot *s, struct span name)
{
    ptrdiff_t known = find_domain(s, name);
    if (known >= 0)
        return &s->domains.items[known];
    if (index_is_full(&s->by_domain)) {
        index_renew(&s->by_domain);
        for (uint32_t i = 0; i < s->domains.len; i++) {
            const char *old = s->domains.items[i].name;
            index_put(&s->by_domain, hash_bytes(old, strlen(old)), i);
        }
    }
    vec_push(&s->domains, (struct listed_domain){.name = xstrndup(name.p, name.n)});
    index_put(&s->by_domain, hash_bytes(name.p, name.n), (uint32_t)s->domains.len - 1);
    return &s->domains.items[s->domains.len - 1];
}

void trust_builder_add_entry(struct trust_builder *builder, struct span domain, const struct dn *dn,
                             struct span description)
{
    struct trust_snapshot *s = builder->snapshot;
    struct str name;
    str_init(&name, DOMAIN_MAX);
    if (domain_normalise(&name, domain)) {
        uint32_t which = add_dn(s, dn, description);
        struct listed_domain *listed = add_domain(s, str_span(&name));
        bool known = false;
        vec_each (&listed->dns, d)
            known = known || *d == which;
        if (!known)
            vec_push(&listed->dns, which);
        s->entries++;
    }
    str_free(&name);
}

bool trust_builder_add_ca(struct trust_builder *builder, struct span der, bool issues_servers, bool issues_applications,
                          struct str *error)
{
    if (x509_store_add_ca(builder->snapshot->x509, der, error) < 0)
        return false;
    vec_push(&builder->snapshot->ca_uses, (struct ca_use){issues_servers, issues_applications, false});
    return true;
}

void trust_builder_ca_issues_persons(struct trust_builder *builder)
{
    must(builder->snapshot->ca_uses.len > 0);
    builder->snapshot->ca_uses.items[builder->snapshot->ca_uses.len - 1].persons = true;
}

bool trust_builder_add_crl(struct trust_builder *builder, struct span der, int64_t extended_until, struct str *error)
{
    return x509_store_add_crl(builder->snapshot->x509, der, extended_until, error);
}

void trust_builder_add_own_domain(struct trust_builder *builder, struct span domain)
{
    struct str name;
    str_init(&name, DOMAIN_MAX);
    if (domain_normalise(&name, domain))
        vec_push(&builder->snapshot->own_domains, str_steal(&name));
    str_free(&name);
}

void trust_builder_set_own_dn(struct trust_builder *builder, const struct dn *dn)
{
    dn_digest digest;
    digest_of(&digest, dn);
    vec_push(&builder->snapshot->own_dns, digest);
}

void trust_builder_add_revoked(struct trust_builder *builder, struct span fingerprint, int64_t answered)
{
    struct revoked one = {.answered = answered};
    if (fingerprint.n != sizeof(one.fingerprint) - 1)
        return;
    memcpy(one.fingerprint, fingerprint.p, fingerprint.n);
    vec_push(&builder->snapshot->revoked, one);
}

void trust_builder_require_client_eku(struct trust_builder *builder, bool required)
{
    builder->snapshot->client_eku_required = required;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct trust_snapshot *trust_builder_finish(struct trust_builder **builder)
{
    struct trust_snapshot *s = (*builder)->snapshot;
    if (s->own_domains.len)
        qsort(s->own_domains.items, s->own_domains.len, sizeof(char *), compare_names);
    xfree(builder);
    return s;
}

struct trust_snapshot *trust_hold(struct trust_snapshot *s)
{
    if (s)
        atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
    return s;
}

static void destroy(struct trust_snapshot *s)
{
    vec_each (&s->dns, dn)
        xfree(&dn->description);
    vec_each (&s->domains, domain) {
        xfree(&domain->name);
        vec_free(&domain->dns);
    }
    vec_each (&s->own_domains, name)
        xfree(name);
    vec_free(&s->dns);
    vec_free(&s->domains);
    vec_free(&s->own_domains);
    vec_free(&s->own_dns);
    vec_free(&s->ca_uses);
    vec_free(&s->revoked);
    xfree(&s->by_dn.slots);
    xfree(&s->by_domain.slots);
    x509_store_destroy(&s->x509);
    xfree(&s);
}

void trust_release(struct trust_snapshot **s)
{
    if (*s && atomic_fetch_sub_explicit(&(*s)->references, 1, memory_order_acq_rel) == 1)
        destroy(*s);
    *s = NULL;
}

uint64_t trust_generation(const struct trust_snapshot *s)
{
    return s->generation;
}

size_t trust_entry_count(const struct trust_snapshot *s)
{
    return s ? s->entries : 0;
}

size_t trust_own_domains(const struct trust_snapshot *s, const char *const **out)
{
    *out = s ? (const char *const *)s->own_domains.items : NULL;
    return s ? s->own_domains.len : 0;
}

bool trust_is_listed(const struct trust_snapshot *s, struct span domain)
{
    return s && snapshot_domain(s, domain) != NULL;
}

bool trust_is_ours(const struct trust_snapshot *s, struct span domain)
{
    struct str name;
    bool ours = false;
    str_init(&name, DOMAIN_MAX);
    if (s && s->own_domains.len && domain_normalise(&name, domain)) {
        const char *key = name.data;
        ours = bsearch(&key, s->own_domains.items, s->own_domains.len, sizeof(char *), compare_names) != NULL;
    }
    str_free(&name);
    return ours;
}
