#include "smtpd/relay_domain.h"

#include "lib/base/base.h"

#include <stdio.h>
#include <string.h>

struct relay_domain *relay_domain_of(struct relay_domains *domains, const char *name, uint64_t now)
{
    for (size_t i = 0; i < domains->all.len; i++)
        if (strcmp(domains->all.items[i]->name, name) == 0)
            return domains->all.items[i];
    struct relay_domain *d = xcalloc(1, sizeof(*d));
    snprintf(d->name, sizeof(d->name), "%s", name);
    d->allowed = RELAY_DOMAIN_ALLOWED_FIRST;
    d->used = now;
    vec_push(&domains->all, d);
    return d;
}

void relay_domain_begin(struct relay_domain *d, uint64_t now)
{
    d->running++;
    d->used = now;
}

void relay_domain_end(struct relay_domain *d, uint64_t now)
{
    d->running--;
    d->used = now;
}

void relay_domain_opened(struct relay_domain *d, uint64_t most)
{
    if (d->allowed < most)
        d->allowed++;
}

void relay_domain_failed(struct relay_domain *d)
{
    d->allowed = d->allowed > 1 ? d->allowed / 2 : 1;
}

static bool at_rest(const struct relay_domain *d)
{
    return d->running == 0 && !d->idle;
}

static void forget_at(struct relay_domains *domains, size_t i)
{
    xfree(&domains->all.items[i]);
    domains->all.items[i] = domains->all.items[--domains->all.len];
}

static void forget_oldest(struct relay_domains *domains)
{
    size_t oldest = domains->all.len;
    for (size_t i = 0; i < domains->all.len; i++)
        if (at_rest(domains->all.items[i]) &&
            (oldest == domains->all.len || domains->all.items[i]->used < domains->all.items[oldest]->used))
            oldest = i;
    if (oldest < domains->all.len)
        forget_at(domains, oldest);
}

void relay_domains_forget(struct relay_domains *domains, uint64_t now)
{
    size_t resting = 0;
    for (size_t i = 0; i < domains->all.len;) {
        const struct relay_domain *d = domains->all.items[i];
        if (at_rest(d) && now - d->used > RELAY_DOMAIN_KEPT_MS) {
            forget_at(domains, i);
            continue;
        }
        resting += at_rest(d);
        i++;
    }
    for (; resting > RELAY_DOMAINS_KEPT; resting--)
        forget_oldest(domains);
}

void relay_domains_free(struct relay_domains *domains)
{
    while (domains->all.len > 0)
        forget_at(domains, domains->all.len - 1);
    vec_free(&domains->all);
}
