/* Making, showing and changing BALs. */
#include "ctl/bal.h"
#include "ctl/lists.h"

#include "lib/base/num.h"
#include "lib/proto/address.h"
#include "lib/store/bal_admin.h"
#include "lib/store/people.h"

#include <string.h>

bool take_bal(struct invocation *i, struct bal *out, int *status)
{
    const char *word = take_word(i);
    struct str key;
    if (!word) {
        *status = usage(i, "l'adresse de la BAL", "the BAL's address");
        return false;
    }
    str_init(&key, ADDRESS_MAX);
    enum store_status found = STORE_INVALID;
    if (address_key_of(&key, span_of(word)))
        found = bal_by_address(invocation_db(i), str_span(&key), out);
    str_free(&key);
    if (found == STORE_OK && !governs(i, out->structure_id))
        found = STORE_NOT_FOUND; /* another structure's BAL is none at all for who does not govern it */
    *status = fail_store(i, found, word);
    return found == STORE_OK;
}

static bool read_kind(const char *text, enum bal_kind *out)
{
    for (enum bal_kind kind = BAL_PER; text && kind <= BAL_CAB; kind++)
        if (span_is_nocase(span_of(text), bal_kind_name(kind))) {
            *out = kind;
            return true;
        }
    return false;
}

/* ECO.2.2.7: title, first name, NAME, structure for a person; a functional name else. */
static void default_name(struct str *out, const struct bal_new *bal, const struct person *holder,
                         const struct structure *structure)
{
    if (bal->kind != BAL_PER) {
        struct span local = {bal->address, strcspn(bal->address, "@")};
        str_add_span(out, local);
        str_addf(out, " - %s", structure->name);
        return;
    }
    const char *const parts[] = {holder->title, holder->given, holder->family, structure->name};
    for (size_t n = 0; n < COUNT(parts); n++)
        if (*parts[n])
            str_addf(out, "%s%s", out->len ? " " : "", parts[n]);
}

/* RPPS and ADELI (type digits 8 and 0) may own a PER BAL; other ids may only be members of a shared one. Somebody nobody has
 * heard of yet, neither we nor the Annuaire's mirror: the BAL waits (en attente) until its holder first comes. */
static int find_holder(struct invocation *i, enum bal_kind kind, const char *national_id, struct person *out,
                       bool *waits)
{
    *out = (struct person){.id = 0};
    if (!national_id)
        return kind == BAL_PER ? usage(i, "une BAL PER a un titulaire : --person", "a PER BAL has a holder: --person")
                               : STATUS_OK;
    if (kind == BAL_PER && *national_id != '8' && *national_id != '0' && strncmp(national_id, "ANS", 3) != 0)
        return fail(i, STATUS_BAD_INPUT, "%s",
                    LANG(i, "seul un RPPS (8…) ou un ADELI (0…) peut être titulaire d'une BAL PER",
                         "only an RPPS (8…) or an ADELI (0…) may own a PER BAL"));
    enum store_status status = person_find(invocation_db(i), national_id, out);
    if (kind != BAL_PER || status != STORE_NOT_FOUND)
        return fail_store(i, status, national_id);
    status = person_of_mirror(invocation_db(i), national_id, out);
    *waits = !*out->family;
    return fail_store(i, status, national_id);
}

/* Where its address says it lives: a domain of ours, of this structure or one above. */
static int check_domain(struct invocation *i, const char *domain)
{
    int64_t owner;
    enum store_status status = own_domain_find(invocation_db(i), domain, &owner);
    if (status == STORE_NOT_FOUND)
        return fail(i, STATUS_NOT_FOUND,
                    LANG(i, "%s n'est pas un domaine à nous (domain add)", "%s is no domain of ours (domain add)"),
                    domain);
    return fail_store(i, status, domain);
}

static int create(struct invocation *i, struct bal_new *bal)
{
    struct bal held;
    struct trace trace = invocation_trace(i, "bal.add");
    trace.detail = bal_kind_name(bal->kind);
    enum store_status status = bal_by_address(invocation_db(i), span_of(bal->address), &held);
    if (status == STORE_OK)
        return held.kind == bal->kind && held.structure_id == bal->structure_id && held.state != BAL_CLOSED
                   ? STATUS_OK
                   : fail_store(i, STORE_EXISTS, bal->address);
    int64_t id = 0;
    if (status == STORE_NOT_FOUND)
        status = bal_create(invocation_db(i), bal, &trace, &id);
    if (status == STORE_CONFLICT)
        return fail(i, STATUS_CONFLICT, "%s",
                    LANG(i, "aucune clé maîtresse : lancez keyd, ou « caducee key init »",
                         "no master key: start keyd, or \"caducee key init\""));
    if (status == STORE_OK)
        say(i,
            bal->state == BAL_WAITING
                ? LANG(i, "BAL en attente de son titulaire : %s", "BAL waiting for its holder: %s")
                : LANG(i, "BAL ouverte : %s", "BAL opened: %s"),
            bal->address);
    return fail_store(i, status, bal->address);
}

struct wanted_bal {
    const char *address, *kind, *structure, *person, *quota, *name;
};

static int prepare(struct invocation *i, const struct wanted_bal *w, struct bal_new *bal, struct str *key,
                   struct str *name)
{
    struct structure structure;
    struct person holder;
    bool waits = false;
    if (!read_kind(w->kind, &bal->kind))
        return usage(i, "--kind PER, ORG, APP ou CAB", "--kind PER, ORG, APP or CAB");
    if (w->quota && !num_size(span_of(w->quota), &bal->quota_bytes))
        return usage(i, "--quota : 512M, 10G", "--quota: 512M, 10G");
    if (!address_key_of(key, span_of(w->address)))
        return fail(i, STATUS_BAD_INPUT, LANG(i, "%s : pas une adresse", "%s: not an address"), w->address);
    bal->address = key->data;
    bal->domain = strrchr(key->data, '@') + 1;
    int status = check_domain(i, bal->domain);
    if (status == STATUS_OK)
        status = fail_store(i, structure_find(invocation_db(i), w->structure, &structure), w->structure);
    if (status == STATUS_OK)
        status = find_holder(i, bal->kind, w->person, &holder, &waits);
    if (status == STATUS_OK && !governs(i, structure.id))
        status = fail_store(i, STORE_NOT_FOUND, w->structure);
    if (status != STATUS_OK)
        return status;
    bal->structure_id = structure.id;
    bal->state = waits ? BAL_WAITING : BAL_OPEN;
    bal->holder_id = bal->kind == BAL_PER ? holder.id : 0;
    bal->responsible_id = holder.id;
    if (w->name)
        str_puts(name, w->name);
    else
        default_name(name, bal, &holder, &structure);
    bal->display_name = name->data;
    return STATUS_OK;
}

int command_bal_add(struct invocation *i)
{
    struct bal_new bal = {.state = BAL_OPEN, .origin = "admin", .red_listed = take_flag(i, "--red-list")};
    struct wanted_bal w = {.kind = take_option(i, "--kind"),
                           .structure = take_option(i, "--structure"),
                           .person = take_option(i, "--person"),
                           .quota = take_option(i, "--quota"),
                           .name = take_option(i, "--name")};
    bal.description = take_option(i, "--description");
    bal.service = take_option(i, "--service");
    w.address = take_word(i);
    if (!w.address || !w.structure || !words_end(i))
        return usage(i, "une adresse, --kind et --structure", "an address, --kind and --structure");
    struct str key, name;
    str_init(&key, ADDRESS_MAX);
    str_init(&name, 255);
    int status = prepare(i, &w, &bal, &key, &name);
    if (status == STATUS_OK) {
        bal.published = bal.kind != BAL_APP && !bal.red_listed; /* APP BALs are not for publication by default */
        status = create(i, &bal);
    }
    str_free(&key);
    str_free(&name);
    return status;
}

int command_bal_list(struct invocation *i)
{
    const char *arguments[] = {NULL, take_option(i, "--domain"), take_option(i, "--structure"),
                               take_option(i, "--state")};
    return words_end(i) ? list_governed(i, LISTING_bals_governed, arguments, COUNT(arguments)) : STATUS_USAGE;
}

int command_bal_headers(struct invocation *i)
{
    const char *arguments[] = {take_option(i, "--structure")};
    return words_end(i) ? list_governed(i, LISTING_header_mismatches, arguments, COUNT(arguments)) : STATUS_USAGE;
}

int command_bal_flagged(struct invocation *i)
{
    return words_end(i) ? list_governed(i, LISTING_members_flagged, NULL, 0) : STATUS_USAGE;
}

int command_bal_show(struct invocation *i)
{
    struct bal bal;
    int status;
    if (!take_bal(i, &bal, &status) || !words_end(i))
        return status == STATUS_OK ? STATUS_USAGE : status;
    const char *arguments[] = {bal.address, NULL, NULL, NULL, NULL};
    if (i->json)
        str_puts(&i->out, "{\"bal\":");
    status = list_print(i, LISTING_bals_governed, arguments, 5, NULL);
    str_puts(&i->out, i->json ? ",\"members\":" : "\n");
    if (status == STATUS_OK)
        status = list_print(i, LISTING_members, arguments, 1, NULL);
    str_puts(&i->out, i->json ? ",\"certificates\":" : "\n");
    if (status == STATUS_OK)
        status = list_print(i, LISTING_bindings, arguments, 1, NULL);
    if (i->json)
        str_puts(&i->out, "}\n");
    return status;
}

static int change_state(struct invocation *i, enum bal_state to, const char *action, bool needs_reason)
{
    const char *reason = take_option(i, "--reason");
    struct bal bal;
    int status;
    if (needs_reason && !reason)
        return usage(i, "--reason : pourquoi", "--reason: why");
    if (!take_bal(i, &bal, &status) || !words_end(i))
        return status == STATUS_OK ? STATUS_USAGE : status;
    if (bal.state == BAL_CLOSED && to != BAL_CLOSED)
        return fail(i, STATUS_CONFLICT, "%s",
                    LANG(i, "une BAL fermée ne rouvre pas", "a closed BAL does not open again"));
    struct trace trace = invocation_trace(i, action);
    trace.bal_id = bal.id;
    trace.structure_id = bal.structure_id;
    trace.detail = reason;
    enum store_status changed = bal_set_state(invocation_db(i), bal.id, to, &trace);
    return changed == STORE_NOT_FOUND ? STATUS_OK : fail_store(i, changed, bal.address);
}

int command_bal_suspend(struct invocation *i)
{
    return change_state(i, BAL_SUSPENDED, "bal.suspend", true);
}

int command_bal_resume(struct invocation *i)
{
    return change_state(i, BAL_OPEN, "bal.resume", false);
}

int command_bal_close(struct invocation *i)
{
    return change_state(i, BAL_CLOSED, "bal.close", true);
}

static struct trace trace_of(const struct invocation *i, const struct bal *bal, const char *action, const char *detail)
{
    struct trace trace = invocation_trace(i, action);
    trace.bal_id = bal->id;
    trace.structure_id = bal->structure_id;
    trace.detail = detail;
    return trace;
}

int command_bal_quota(struct invocation *i)
{
    struct bal bal;
    int status;
    uint64_t bytes;
    if (!take_bal(i, &bal, &status))
        return status;
    const char *messages = take_option(i, "--messages"), *size = messages ? messages : take_word(i);
    if (!size || !num_size(span_of(size), &bytes) || bytes > INT64_MAX || !words_end(i))
        return usage(i, "une taille : 512M, 10G, 0 ; ou --messages 100000",
                     "a size: 512M, 10G, 0; or --messages 100000");
    struct trace trace = trace_of(i, &bal, messages ? "bal.quota-messages" : "bal.quota", size);
    enum store_status changed = messages ? bal_set_quota_messages(invocation_db(i), bal.id, bytes, &trace)
                                         : bal_set_quota(invocation_db(i), bal.id, bytes, &trace);
    return fail_store(i, changed, bal.address);
}

static bool take_switch(struct invocation *i, bool *on)
{
    const char *word = take_word(i);
    *on = word && span_is(span_of(word), "on");
    return *on || (word && span_is(span_of(word), "off"));
}

int command_bal_redlist(struct invocation *i)
{
    struct bal bal;
    int status;
    bool on;
    if (!take_bal(i, &bal, &status))
        return status;
    if (!take_switch(i, &on) || !words_end(i))
        return usage(i, "on ou off", "on or off");
    struct trace trace = trace_of(i, &bal, "bal.redlist", on ? "on" : "off");
    return fail_store(i, bal_set_red_listed(invocation_db(i), bal.id, on, &trace), bal.address);
}

int command_bal_legal_hold(struct invocation *i)
{
    const char *reason = take_option(i, "--reason");
    struct bal bal;
    int status;
    bool on;
    if (!take_bal(i, &bal, &status))
        return status;
    if (!take_switch(i, &on) || (on && !reason) || !words_end(i))
        return usage(i, "on --reason TEXTE, ou off", "on --reason TEXT, or off");
    struct trace trace = trace_of(i, &bal, "bal.legal-hold", on ? reason : "off");
    return fail_store(i, bal_set_legal_hold(invocation_db(i), bal.id, on ? reason : NULL, &trace), bal.address);
}
