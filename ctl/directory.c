/* The Annuaire, from the operator's side: passes, differences, proposals. libldap stays in caducee-directoryd: what is asked
 * for here is asked of it. */
#include "ctl/lists.h"

#include "lib/base/num.h"
#include "lib/proto/address.h"
#include "lib/proto/dn_fold.h"
#include "lib/store/alarms.h"
#include "lib/store/fetches.h"
#include "lib/store/provision.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int limited(struct invocation *i, enum listing_kind kind, const char *otherwise)
{
    const char *limit = take_option(i, "--limit");
    const char *arguments[] = {limit ? limit : otherwise};
    uint64_t number;
    if (!words_end(i) || !num_u64(span_of(arguments[0]), 10000000, &number))
        return STATUS_USAGE;
    return list_print(i, kind, arguments, 1, NULL);
}

int command_directory_status(struct invocation *i)
{
    return limited(i, LISTING_passes, "10");
}

int command_directory_diff(struct invocation *i)
{
    return limited(i, LISTING_directory_diff, "1000");
}

/* The pass that answers is a later one than the last there is now. */
static bool last_pass(struct invocation *i, char number[32], bool *over)
{
    const char *arguments[] = {"1"};
    struct listing list;
    if (listing_read(invocation_db(i), LISTING_asked_pass, arguments, 0, &list) != STORE_OK)
        return false;
    snprintf(number, 32, "%s", list.cells.len ? list.cells.items[0] : "0");
    *over = list.cells.len && strcmp(list.cells.items[1], "true") == 0;
    listing_free(&list);
    return true;
}

static int wait_for_pass(struct invocation *i, uint64_t seconds)
{
    const struct timespec pause = {.tv_nsec = 200 * 1000 * 1000};
    char number[32];
    bool over = false;
    for (uint64_t n = 0; n < seconds * 5; n++) {
        if (!last_pass(i, number, &over))
            return fail_store(i, STORE_UNAVAILABLE, "directory");
        if (over)
            return STATUS_OK;
        nanosleep(&pause, NULL);
    }
    return fail(i, STATUS_UNAVAILABLE, "%s",
                LANG(i, "pas de réponse de caducee-directoryd (rôle sync) ; voir « directory status »",
                     "no answer from caducee-directoryd (role sync); see \"directory status\""));
}

int command_directory_sync(struct invocation *i)
{
    bool dry_run = take_flag(i, "--dry-run"), force = take_flag(i, "--force");
    const char *reason = take_option(i, "--reason"), *wait = take_option(i, "--wait");
    uint64_t seconds = 60;
    if (!words_end(i) || force != (reason != NULL) || (force && dry_run) ||
        (wait && !num_u64(span_of(wait), 86400, &seconds)))
        return usage(i, "--dry-run, ou --force avec --reason", "--dry-run, or --force with --reason");
    char *detail = force ? xasprintf("force:%s", reason) : xstrdup(dry_run ? "dry-run" : "");
    enum store_status status = fetch_ask_for(invocation_db(i), "directory", i->operator_name, detail);
    xfree(&detail);
    if (status != STORE_OK)
        return fail_store(i, status, "directory");
    int code = wait_for_pass(i, seconds);
    const char *arguments[] = {"1"};
    if (code == STATUS_OK)
        code = list_print(i, dry_run ? LISTING_directory_diff : LISTING_passes,
                          (const char *[]){dry_run ? "1000" : arguments[0]}, 1, NULL);
    return code;
}

int command_directory_proposals(struct invocation *i)
{
    const char *arguments[] = {take_flag(i, "--all") ? NULL : "waiting"};
    return words_end(i) ? list_print(i, LISTING_proposals, arguments, 1, NULL) : STATUS_USAGE;
}

static int decide(struct invocation *i, const struct annuaire_proposal *p, bool accept)
{
    struct trace trace = invocation_trace(i, accept ? "annuaire.accept" : "annuaire.refuse");
    trace.detail = p->kind;
    enum store_status status = accept ? provision_proposal(invocation_db(i), p, &trace, i->operator_name)
                                      : annuaire_decide(invocation_db(i), p->id, false, i->operator_name);
    if (!accept && status == STORE_OK)
        (void)trace_write(invocation_db(i), &trace);
    if (status == STORE_OK)
        say(i, "%s %s", accept ? LANG(i, "créée :", "created:") : LANG(i, "écartée :", "set aside:"), p->address);
    return fail_store(i, status, p->address);
}

static int decide_on(struct invocation *i, const char *address, bool accept)
{
    annuaire_proposal_list proposals;
    struct str key;
    int code = STATUS_OK;
    str_init(&key, ADDRESS_MAX);
    if (address && !address_key_of(&key, span_of(address)))
        code = fail(i, STATUS_BAD_INPUT, LANG(i, "%s : pas une adresse", "%s: not an address"), address);
    if (code == STATUS_OK)
        code = fail_store(i, annuaire_proposals(invocation_db(i), address ? key.data : NULL, &proposals), "proposals");
    if (code == STATUS_OK) {
        if (address && proposals.len == 0)
            code = fail_store(i, STORE_NOT_FOUND, address);
        vec_each (&proposals, p) {
            int one = decide(i, p, accept);
            code = one ? one : code;
        }
        vec_free(&proposals);
    }
    str_free(&key);
    return code;
}

int command_directory_accept(struct invocation *i)
{
    bool all = take_flag(i, "--all");
    const char *address = take_word(i);
    if (!words_end(i) || all == (address != NULL))
        return usage(i, "une adresse, ou --all", "an address, or --all");
    int code = decide_on(i, address, true);
    annuaire_proposal_list left;
    if (code == STATUS_OK && annuaire_proposals(invocation_db(i), NULL, &left) == STORE_OK) {
        if (left.len == 0)
            (void)alarm_clear(invocation_db(i), "annuaire.proposals", "");
        vec_free(&left);
    }
    return code;
}

int command_directory_refuse(struct invocation *i)
{
    const char *address = take_word(i);
    if (!address || !words_end(i))
        return usage(i, "une adresse", "an address");
    return decide_on(i, address, false);
}

int command_directory_orphans(struct invocation *i)
{
    return words_end(i) ? list_print(i, LISTING_orphans, NULL, 0, NULL) : STATUS_USAGE;
}

/* LIKE's own signs are no letters of a name. */
static void fold_word(struct str *out, const char *word)
{
    str_init(out, 4096);
    if (!fold_for_search(out, span_of(word)))
        str_clear(out);
    for (size_t n = 0; n < out->len; n++)
        if (strchr("%_\\", out->data[n]))
            out->data[n] = ' ';
}

int command_directory_search(struct invocation *i)
{
    enum { WORDS = 3 };
    struct str folded[WORDS];
    const char *arguments[WORDS] = {NULL}, *word;
    size_t count = 0;
    while (count < WORDS && (word = take_word(i))) {
        fold_word(&folded[count], word);
        arguments[count] = folded[count].len ? folded[count].data : "";
        count++;
    }
    int code = count && words_end(i) ? list_print(i, LISTING_directory_search, arguments, WORDS, NULL)
                                     : usage(i, "un à trois mots", "one to three words");
    for (size_t n = 0; n < count; n++)
        str_free(&folded[n]);
    return code;
}
