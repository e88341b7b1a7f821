#include "ctl/lists.h"
#include "ctl/table.h"
#include "ctl/whitelist.h"

#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/proto/address.h"
#include "lib/proto/dn.h"
#include "lib/proto/whitelist.h"
#include "lib/store/whitelists.h"

#include <stdio.h>

static enum status status_of(enum whitelist_outcome outcome, enum store_status store)
{
    switch (outcome) {
    case WHITELIST_TAKEN:
    case WHITELIST_SAME:
        return STATUS_OK;
    case WHITELIST_MALFORMED:
        return STATUS_BAD_INPUT;
    case WHITELIST_OLDER:
    case WHITELIST_SMALLER:
        return STATUS_CONFLICT;
    case WHITELIST_FAILED:
        return store == STORE_UNAVAILABLE ? STATUS_UNAVAILABLE : STATUS_BUG;
    }
    return STATUS_BUG;
}

static const char *sentence(const struct invocation *i, enum whitelist_outcome outcome)
{
    static const struct {
        const char *fr, *en;
    } words[] = {
        [WHITELIST_TAKEN] = {"liste prise", "taken"},
        [WHITELIST_SAME] = {"c'est la liste en vigueur", "it is the list in force"},
        [WHITELIST_MALFORMED] = {"liste refusée, rien ne permet de passer outre", "refused, and nothing overrides it"},
        [WHITELIST_OLDER] = {"liste refusée : elle n'est pas plus récente (--force --reason)",
                             "refused: not newer (--force --reason)"},
        [WHITELIST_SMALLER] = {"liste refusée : elle perd trop d'entrées (--force --reason)",
                               "refused: it loses too many entries (--force --reason)"},
        [WHITELIST_FAILED] = {"la base n'a pas répondu", "the database did not answer"}};
    return LANG(i, words[outcome].fr, words[outcome].en);
}

static void print_outcome(struct invocation *i, const struct whitelist_offer *o, enum whitelist_outcome outcome)
{
    static const struct table_column columns[] = {{"outcome", "résultat", "outcome", false},
                                                  {"words", "raison", "reason", false},
                                                  {"generation", "génération", "generation", true},
                                                  {"entries", "entrées", "entries", true},
                                                  {"skipped", "écartées", "skipped", true},
                                                  {"lost", "perdues", "lost", true},
                                                  {"signed", "signée", "signed", false},
                                                  {"skipped_why", "pourquoi", "why", false}};
    struct table t;
    table_init(&t, columns, COUNT(columns));
    table_cell(&t, i->json ? whitelist_outcome_name(outcome) : sentence(i, outcome));
    table_cell(&t, o->words.len ? o->words.data : NULL);
    table_number(&t, o->generation);
    table_number(&t, (int64_t)o->entries);
    table_number(&t, (int64_t)o->skipped);
    table_number(&t, o->lost);
    table_cell(&t, o->is_signed ? LANG(i, "oui", "yes") : LANG(i, "non", "no"));
    table_cell(&t, o->skipped_why.len ? o->skipped_why.data : NULL);
    table_print_one(i, &t);
}

static void trace_import(struct invocation *i, const struct whitelist_offer *o, enum whitelist_outcome outcome)
{
    struct trace trace = invocation_trace(i, "whitelist.import");
    struct str detail;
    str_init(&detail, 2048);
    str_addf(&detail, "generation=%lld entries=%zu skipped=%zu lost=%lld%s%s", (long long)o->generation, o->entries,
             o->skipped, (long long)o->lost, o->forced_by ? " forced: " : "", o->forced_by ? o->forced_why : "");
    trace.answer = whitelist_outcome_name(outcome);
    trace.detail = detail.data;
    (void)trace_write(invocation_db(i), &trace);
    str_free(&detail);
}

static int offer(struct invocation *i, struct whitelist_offer *o)
{
    struct str signer;
    str_init(&signer, 1);
    if (i->conf->whitelist_signer && *i->conf->whitelist_signer &&
        !read_file(i, i->conf->whitelist_signer, 1 << 20, &signer))
        return STATUS_CONFIGURATION;
    o->signer_pem = str_span(&signer);
    o->signature_required = span_is(span_of(i->conf->whitelist_signature), "required");
    o->loss_max = (unsigned)i->conf->whitelist_loss_max;
    enum whitelist_outcome outcome = whitelist_offer(invocation_db(i), o);
    if (!o->dry_run && outcome != WHITELIST_SAME)
        trace_import(i, o, outcome);
    print_outcome(i, o, outcome);
    if (outcome != WHITELIST_TAKEN && outcome != WHITELIST_SAME)
        (void)fail(i, STATUS_NO, "%s: %s", sentence(i, outcome), o->words.len ? o->words.data : "");
    str_free(&signer);
    str_free(&o->words);
    str_free(&o->skipped_why);
    return (int)status_of(outcome, o->status);
}

int command_whitelist_import(struct invocation *i)
{
    struct whitelist_offer o = {.dry_run = take_flag(i, "--dry-run")};
    bool force = take_flag(i, "--force");
    const char *reason = take_option(i, "--reason"), *path = take_word(i);
    if (!path || force != (reason != NULL))
        return usage(i, "un fichier ; --force et --reason vont ensemble", "a file; --force and --reason go together");
    if (!words_end(i))
        return STATUS_USAGE;
    struct str document;
    if (!read_file(i, path, WHITELIST_MAX, &document))
        return STATUS_BAD_INPUT;
    o.document = str_span(&document);
    o.source = path;
    o.forced_by = force ? i->operator_name : NULL;
    o.forced_why = reason;
    int status = offer(i, &o);
    if (status == STATUS_OK && !o.dry_run)
        (void)remember_own_dn(i);
    str_free(&document);
    return status;
}

int command_whitelist_status(struct invocation *i)
{
    static const struct table_column columns[] = {
        {"generation", "génération", "generation", true},
        {"generated", "date de la liste", "list's date", false},
        {"imported", "reçue le", "imported", false},
        {"age_s", "âge (s)", "age (s)", true},
        {"entries", "entrées", "entries", true},
        {"skipped", "écartées", "skipped", true},
        {"source", "source", "source", false},
        {"signed", "signature", "signature", false},
        {"forced_by", "forcée par", "forced by", false},
        {"own_missing", "domaines à nous absents", "our domains missing", false}};
    struct whitelist_state s;
    struct str missing;
    if (!words_end(i))
        return STATUS_USAGE;
    enum store_status status = whitelist_state_read(invocation_db(i), &s);
    if (status == STORE_NOT_FOUND)
        return fail(i, STATUS_NO, "%s", LANG(i, "aucune liste blanche n'a été prise", "no whitelist has been taken"));
    str_init(&missing, 1 << 20);
    if (status == STORE_OK)
        status = whitelist_own_missing(invocation_db(i), &missing);
    if (status == STORE_OK) {
        struct table t;
        table_init(&t, columns, COUNT(columns));
        table_number(&t, s.generation);
        table_date(&t, s.generated);
        table_date(&t, s.imported);
        table_number(&t, wall_s() - s.imported);
        table_number(&t, s.entries);
        table_number(&t, s.skipped);
        table_cell(&t, s.source);
        table_cell(&t, *s.signed_by ? s.signed_by : NULL);
        table_cell(&t, *s.forced_by ? s.forced_by : NULL);
        table_cell(&t, missing.len ? missing.data : NULL);
        table_print_one(i, &t);
    }
    bool absent = missing.len > 0;
    str_free(&missing);
    return status != STORE_OK ? fail_store(i, status, "whitelist") : absent ? STATUS_NO : STATUS_OK;
}

int command_whitelist_history(struct invocation *i)
{
    const char *limit = take_option(i, "--limit");
    const char *arguments[] = {limit ? limit : "20"};
    uint64_t number;
    if (!words_end(i) || !num_u64(span_of(arguments[0]), 100000, &number))
        return STATUS_USAGE;
    return list_print(i, LISTING_whitelists, arguments, 1, NULL);
}

int command_whitelist_diff(struct invocation *i)
{
    const char *from = take_word(i), *to = take_word(i);
    uint64_t number;
    struct whitelist_state now;
    char current[32];
    if (!from || !words_end(i) || !num_u64(span_of(from), INT64_MAX, &number))
        return usage(i, "deux numéros de génération (whitelist history)", "two generation numbers (whitelist history)");
    if (!to) {
        enum store_status status = whitelist_state_read(invocation_db(i), &now);
        if (status != STORE_OK)
            return fail_store(i, status, "whitelist");
        snprintf(current, sizeof(current), "%lld", (long long)now.generation);
        to = current;
    }
    if (!num_u64(span_of(to), INT64_MAX, &number))
        return STATUS_USAGE;
    const char *arguments[] = {from, to};
    return list_print(i, LISTING_whitelist_diff, arguments, 2, NULL);
}

int command_whitelist_rollback(struct invocation *i)
{
    const char *reason = take_option(i, "--reason"), *word = take_word(i);
    int64_t generation;
    if (!word || !reason || !num_i64(span_of(word), &generation) || !words_end(i))
        return usage(i, "un numéro de génération et --reason", "a generation number and --reason");
    enum store_status status = whitelist_rollback(invocation_db(i), generation);
    struct trace trace = invocation_trace(i, "whitelist.rollback");
    trace.answer = status == STORE_OK ? "OK" : store_status_name(status);
    trace.detail = reason;
    (void)trace_write(invocation_db(i), &trace);
    if (status == STORE_OK)
        say(i, LANG(i, "génération %s en vigueur", "generation %s in force"), word);
    return fail_store(i, status, word);
}

int command_whitelist_explain(struct invocation *i)
{
    const char *word = take_word(i);
    if (!word || !words_end(i))
        return usage(i, "un domaine ou un nom de certificat", "a domain or a certificate's name");
    struct str key;
    struct dn dn;
    size_t rows = 0;
    str_init(&key, 64 * 1024);
    bool is_dn = dn_from_string(&dn, span_of(word), NULL);
    bool ok = is_dn || domain_normalise(&key, span_of(word));
    if (is_dn) {
        dn_canonical(&key, &dn);
        dn_free(&dn);
    }
    const char *arguments[] = {key.data};
    int status =
        ok ? list_print(i, is_dn ? LISTING_whitelist_dn : LISTING_whitelist_domain, arguments, 1, &rows)
           : fail(i, STATUS_BAD_INPUT, "%s", LANG(i, "ni un domaine, ni un nom", "neither a domain nor a name"));
    str_free(&key);
    if (status == STATUS_OK && rows == 0)
        return fail(i, STATUS_NO, "%s : %s", word,
                    LANG(i, "n'est pas sur la liste blanche en vigueur", "is not on the whitelist in force"));
    return status;
}

int command_whitelist_fetch(struct invocation *i)
{
    if (!words_end(i))
        return STATUS_USAGE;
    enum store_status status = fetch_ask(invocation_db(i), "whitelist", i->operator_name);
    if (status == STORE_OK)
        say(i, "%s",
            LANG(i, "demandé au collecteur ; voir « caducee whitelist status »",
                 "asked of the fetcher; see \"caducee whitelist status\""));
    return fail_store(i, status, "fetch");
}
