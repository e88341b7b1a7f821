/* Messages of another IMAP server (libetpan's client: the only place of it). TLS always, and the certificate is checked here:
 * libetpan's own TLS accepts anybody's. Folders are opened by EXAMINE and bodies asked for by BODY.PEEK: nothing changes
 * over there. */
#include "ctl/import.h"

#include "lib/base/crypto.h"
#include "lib/base/file.h"
#include "lib/net/x509_server.h"
#include "lib/proto/imap_utf7.h"

#include <libetpan/libetpan.h>
#include <string.h>
#include <time.h>

enum { TIMEOUT_S = 120, BATCH_MESSAGES = 100, BATCH_BYTES = 8 * 1024 * 1024, CHAIN_MAX = 16 };

struct remote_folder {
    char *wire, *name; /* as the server writes it; UTF-8 with '/' */
    const char *use;
};
struct fetched { /* of one message, before its bytes */
    uint32_t uid, size;
    int64_t date;
    bool seen, answered, flagged, draft, deleted;
    char *keywords;
    struct import_item item;
};
typedef VEC(struct fetched) fetched_list;
struct remote {
    struct invocation *i;
    const struct import_server *server;
    const struct import_sink *sink;
    mailimap *imap;
    VEC(struct remote_folder) folders;
    fetched_list wanted;
    const struct remote_folder *folder;
    bool go_on;
};

static bool refused(struct remote *r, const char *what, int code)
{
    const char *said = r->imap->imap_response && *r->imap->imap_response ? r->imap->imap_response : "";
    return fail(r->i, STATUS_UNAVAILABLE, "%s : %s (%d) %.200s", r->server->host, what, code, said) < 0;
}

/* -- connecting -- */
static bool check_certificate(struct remote *r)
{
    struct span chain[CHAIN_MAX];
    struct str error;
    carray *sent = mailstream_get_certificate_chain(r->imap->imap_stream);
    size_t count = 0;
    for (unsigned n = 0; sent && n < carray_count(sent) && count < CHAIN_MAX; n++) {
        const MMAPString *der = carray_get(sent, n);
        chain[count++] = (struct span){der->str, der->len};
    }
    str_init(&error, 512);
    bool good = x509_server_is(chain, count, r->server->ca_file, r->server->host, &error);
    if (!good)
        (void)fail(r->i, STATUS_REFUSED,
                   LANG(r->i, "%s : son certificat n'est pas accepté (%s)", "%s: its certificate is not accepted (%s)"),
                   r->server->host, error.data);
    if (sent)
        mailstream_certificate_chain_free(sent);
    str_free(&error);
    return good;
}

static bool connect_to(struct remote *r)
{
    const struct import_server *s = r->server;
    r->imap = mailimap_new(0, NULL);
    mailimap_set_timeout(r->imap, TIMEOUT_S);
    int code = s->starttls ? mailimap_socket_connect(r->imap, s->host, s->port)
                           : mailimap_ssl_connect(r->imap, s->host, s->port);
    bool good = code == MAILIMAP_NO_ERROR || code == MAILIMAP_NO_ERROR_AUTHENTICATED ||
                code == MAILIMAP_NO_ERROR_NON_AUTHENTICATED;
    if (!good)
        return refused(r, LANG(r->i, "connexion impossible", "cannot connect"), code);
    code = s->starttls ? mailimap_socket_starttls(r->imap) : MAILIMAP_NO_ERROR;
    if (code != MAILIMAP_NO_ERROR)
        return refused(r, "STARTTLS", code);
    return check_certificate(r);
}

/* The secret is the file's first line; it is never on the command line, where any process reads it. */
static bool log_in(struct remote *r)
{
    const struct import_server *s = r->server;
    struct str secret, error;
    str_init_secret(&secret, 64 << 10);
    str_init(&error, 512);
    bool good = secret_read(&secret, s->token_file ? s->token_file : s->password_file, &error);
    int code = MAILIMAP_NO_ERROR;
    if (good) {
        code = s->token_file ? mailimap_oauth2_authenticate(r->imap, s->user, secret.data)
                             : mailimap_login(r->imap, s->user, secret.data);
    } else {
        (void)fail(r->i, STATUS_BAD_INPUT, "%s", error.data);
    }
    str_wipe(&secret);
    str_free(&error);
    return good && (code == MAILIMAP_NO_ERROR || refused(r, LANG(r->i, "accès refusé", "log-in refused"), code));
}

/* -- folders -- */
static const char *special_use(const char *flag)
{
    static const char *const uses[] = {"\\Sent", "\\Drafts", "\\Trash", "\\Junk", "\\Archive"};
    for (size_t n = 0; n < COUNT(uses); n++)
        if (span_is_nocase(span_of(flag), uses[n] + (*flag != '\\')))
            return uses[n];
    return NULL;
}

static bool is_flag(const char *flag, const char *name)
{
    return span_is_nocase(span_of(flag), name + (*flag != '\\'));
}

/* \Noselect holds nothing; \All and \Flagged show what other folders hold (RFC 6154). */
static bool read_attributes(const struct mailimap_mbx_list_flags *flags, const char **use)
{
    bool wanted = !flags || flags->mbf_type != MAILIMAP_MBX_LIST_FLAGS_SFLAG ||
                  flags->mbf_sflag != MAILIMAP_MBX_LIST_SFLAG_NOSELECT;
    for (clistiter *at = flags ? clist_begin(flags->mbf_oflags) : NULL; at; at = clist_next(at)) {
        const struct mailimap_mbx_list_oflag *one = clist_content(at);
        if (one->of_type != MAILIMAP_MBX_LIST_OFLAG_FLAG_EXT || !one->of_flag_ext)
            continue;
        const char *flag = one->of_flag_ext;
        *use = *use ? *use : special_use(flag);
        wanted = wanted && !is_flag(flag, "\\All") && !is_flag(flag, "\\Flagged") && !is_flag(flag, "\\NonExistent") &&
                 !is_flag(flag, "\\Noselect");
    }
    return wanted;
}

static void add_folder(struct remote *r, const struct mailimap_mailbox_list *one)
{
    struct remote_folder folder = {.use = NULL};
    struct str name;
    if (!read_attributes(one->mb_flag, &folder.use) || (r->server->only && strcmp(r->server->only, one->mb_name) != 0))
        return;
    str_init(&name, 1024);
    if (!imap_utf7_decode(&name, span_of(one->mb_name))) {
        str_clear(&name);
        str_puts(&name, one->mb_name);
    }
    for (size_t n = 0; n < name.len && one->mb_delimiter && one->mb_delimiter != '/'; n++)
        if (name.data[n] == one->mb_delimiter)
            name.data[n] = '/';
    folder.wire = xstrdup(one->mb_name);
    folder.name = str_steal(&name);
    vec_push(&r->folders, folder);
}

static bool list_folders(struct remote *r)
{
    clist *list = NULL;
    int code = mailimap_list(r->imap, "", "*", &list);
    if (code != MAILIMAP_NO_ERROR)
        return refused(r, "LIST", code);
    for (clistiter *at = clist_begin(list); at; at = clist_next(at))
        add_folder(r, clist_content(at));
    mailimap_list_result_free(list);
    return true;
}

/* -- what a message is, then its bytes -- */
static void read_flag(struct fetched *f, struct str *keywords, const struct mailimap_flag *flag)
{
    bool *const bits[] = {[MAILIMAP_FLAG_ANSWERED] = &f->answered,
                          [MAILIMAP_FLAG_FLAGGED] = &f->flagged,
                          [MAILIMAP_FLAG_DELETED] = &f->deleted,
                          [MAILIMAP_FLAG_SEEN] = &f->seen,
                          [MAILIMAP_FLAG_DRAFT] = &f->draft};
    if (flag->fl_type >= 0 && flag->fl_type <= MAILIMAP_FLAG_DRAFT)
        *bits[flag->fl_type] = true;
    else if (flag->fl_type == MAILIMAP_FLAG_KEYWORD && flag->fl_data.fl_keyword)
        str_addf(keywords, "%s%s", keywords->len ? " " : "", flag->fl_data.fl_keyword);
}

static int64_t date_of(const struct mailimap_date_time *d)
{
    struct tm tm = {.tm_mday = d->dt_day,
                    .tm_mon = d->dt_month - 1,
                    .tm_year = d->dt_year - 1900,
                    .tm_hour = d->dt_hour,
                    .tm_min = d->dt_min,
                    .tm_sec = d->dt_sec};
    int zone = d->dt_zone; /* +0130 is 130 */
    return (int64_t)timegm(&tm) - (zone / 100 * 3600 + zone % 100 * 60);
}

static void read_static(struct fetched *f, const struct mailimap_msg_att_static *s)
{
    if (s->att_type == MAILIMAP_MSG_ATT_UID)
        f->uid = s->att_data.att_uid;
    else if (s->att_type == MAILIMAP_MSG_ATT_RFC822_SIZE)
        f->size = s->att_data.att_rfc822_size;
    else if (s->att_type == MAILIMAP_MSG_ATT_INTERNALDATE && s->att_data.att_internal_date)
        f->date = date_of(s->att_data.att_internal_date);
}

static struct fetched read_facts(const struct mailimap_msg_att *message)
{
    struct fetched f = {.uid = 0};
    struct str keywords;
    str_init(&keywords, 16384);
    for (clistiter *at = clist_begin(message->att_list); at; at = clist_next(at)) {
        const struct mailimap_msg_att_item *item = clist_content(at);
        if (item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC)
            read_static(&f, item->att_data.att_static);
        clist *flags = item->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC ? item->att_data.att_dyn->att_list : NULL;
        for (clistiter *k = flags ? clist_begin(flags) : NULL; k; k = clist_next(k)) {
            const struct mailimap_flag_fetch *flag = clist_content(k);
            if (flag->fl_type == MAILIMAP_FLAG_FETCH_OTHER && flag->fl_flag)
                read_flag(&f, &keywords, flag->fl_flag);
        }
    }
    f.keywords = keywords.len ? str_steal(&keywords) : NULL;
    str_free(&keywords);
    return f;
}

/* Where it came from: the same message of the same server is the same item in every run (RFC 3501 2.3.1.1). */
static void identify(const struct remote *r, struct fetched *f)
{
    struct str text;
    uint8_t sum[SHA256_BYTES];
    str_init(&text, 8192);
    str_addf(&text, "imap\n%s\n%s\n%s\n%u\n%u", r->server->host, r->server->user, r->folder->wire,
             r->imap->imap_selection_info->sel_uidvalidity, f->uid);
    sha256(sum, str_span(&text));
    memcpy(f->item.b, sum, sizeof(f->item.b));
    str_free(&text);
}

static struct mailimap_set *set_of(const uint32_t *uids, size_t count)
{
    struct mailimap_set *set = mailimap_set_new_empty();
    for (size_t n = 0, first = 0; n < count; n++)
        if (n + 1 == count || uids[n + 1] != uids[n] + 1) {
            mailimap_set_add_interval(set, uids[first], uids[n]);
            first = n + 1;
        }
    return set;
}

static bool ask_facts(struct remote *r, const uint32_t *uids, size_t count)
{
    clist *answer = NULL;
    struct mailimap_set *set = set_of(uids, count);
    struct mailimap_fetch_type *what = mailimap_fetch_type_new_fetch_att_list_empty();
    mailimap_fetch_type_new_fetch_att_list_add(what, mailimap_fetch_att_new_uid());
    mailimap_fetch_type_new_fetch_att_list_add(what, mailimap_fetch_att_new_flags());
    mailimap_fetch_type_new_fetch_att_list_add(what, mailimap_fetch_att_new_internaldate());
    mailimap_fetch_type_new_fetch_att_list_add(what, mailimap_fetch_att_new_rfc822_size());
    int code = mailimap_uid_fetch(r->imap, set, what, &answer);
    mailimap_set_free(set);
    mailimap_fetch_type_free(what);
    if (code != MAILIMAP_NO_ERROR)
        return refused(r, "FETCH", code);
    for (clistiter *at = clist_begin(answer); at; at = clist_next(at)) {
        struct fetched f = read_facts(clist_content(at));
        identify(r, &f);
        if (f.uid && !f.deleted && !r->sink->known(&f.item, r->sink->arg))
            vec_push(&r->wanted, f);
        else
            xfree(&f.keywords);
    }
    mailimap_fetch_list_free(answer);
    return true;
}

static void give(struct remote *r, const struct mailimap_msg_att *message)
{
    uint32_t uid = 0;
    struct span bytes = SPAN_NONE;
    for (clistiter *at = clist_begin(message->att_list); at; at = clist_next(at)) {
        const struct mailimap_msg_att_item *item = clist_content(at);
        const struct mailimap_msg_att_static *s =
            item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC ? item->att_data.att_static : NULL;
        if (s && s->att_type == MAILIMAP_MSG_ATT_UID)
            uid = s->att_data.att_uid;
        if (s && s->att_type == MAILIMAP_MSG_ATT_BODY_SECTION && s->att_data.att_body_section->sec_body_part)
            bytes =
                (struct span){s->att_data.att_body_section->sec_body_part, s->att_data.att_body_section->sec_length};
    }
    vec_each (&r->wanted, f) {
        if (f->uid != uid || bytes.n == 0)
            continue;
        struct import_message m = {.bytes = bytes,
                                   .date = f->date,
                                   .folder = r->folder->name,
                                   .use = r->folder->use,
                                   .seen = f->seen,
                                   .answered = f->answered,
                                   .flagged = f->flagged,
                                   .draft = f->draft,
                                   .keywords = span_of(f->keywords),
                                   .item = f->item};
        r->go_on = r->go_on && r->sink->each(&m, r->sink->arg);
        return;
    }
}

static bool ask_bodies(struct remote *r, const uint32_t *uids, size_t count)
{
    clist *answer = NULL;
    struct mailimap_set *set = set_of(uids, count);
    struct mailimap_fetch_type *what = mailimap_fetch_type_new_fetch_att_list_empty();
    mailimap_fetch_type_new_fetch_att_list_add(what, mailimap_fetch_att_new_uid());
    mailimap_fetch_type_new_fetch_att_list_add(what,
                                               mailimap_fetch_att_new_body_peek_section(mailimap_section_new(NULL)));
    int code = mailimap_uid_fetch(r->imap, set, what, &answer);
    mailimap_set_free(set);
    mailimap_fetch_type_free(what);
    if (code != MAILIMAP_NO_ERROR)
        return refused(r, "FETCH", code);
    for (clistiter *at = clist_begin(answer); at && r->go_on; at = clist_next(at))
        give(r, clist_content(at));
    mailimap_fetch_list_free(answer);
    return r->go_on;
}

/* In bunches: a round trip a message would take an hour for 100,000 of them. */
static bool fetch_wanted(struct remote *r)
{
    uint32_t uids[BATCH_MESSAGES];
    uint64_t bytes = 0;
    size_t count = 0;
    bool good = true;
    for (size_t n = 0; good && n <= r->wanted.len; n++) {
        const struct fetched *f = n < r->wanted.len ? &r->wanted.items[n] : NULL;
        if (f && f->size > IMPORT_MESSAGE_MAX) {
            r->sink->left_out("> 128 Mio", r->sink->arg);
            continue;
        }
        if (count && (!f || count == BATCH_MESSAGES || bytes + f->size > BATCH_BYTES)) {
            good = ask_bodies(r, uids, count);
            count = 0;
            bytes = 0;
        }
        if (f) {
            uids[count++] = f->uid;
            bytes += f->size;
        }
    }
    vec_each (&r->wanted, f)
        xfree(&f->keywords);
    r->wanted.len = 0;
    return good;
}

static bool read_folder(struct remote *r, const struct remote_folder *folder)
{
    enum { ASKED_AT_ONCE = 1000 };
    VEC(uint32_t) uids = {0};
    clist *found = NULL;
    r->folder = folder;
    int code = mailimap_examine(r->imap, folder->wire);
    struct mailimap_search_key *all = mailimap_search_key_new_all();
    if (code == MAILIMAP_NO_ERROR)
        code = mailimap_uid_search(r->imap, NULL, all, &found);
    mailimap_search_key_free(all);
    if (code != MAILIMAP_NO_ERROR)
        return refused(r, folder->name, code);
    for (clistiter *at = clist_begin(found); at; at = clist_next(at))
        vec_push(&uids, *(uint32_t *)clist_content(at));
    mailimap_search_result_free(found);
    r->sink->open(folder->name, uids.len, r->sink->arg);
    bool good = true;
    for (size_t n = 0; good && n < uids.len; n += ASKED_AT_ONCE) {
        size_t count = uids.len - n < ASKED_AT_ONCE ? uids.len - n : ASKED_AT_ONCE;
        good = ask_facts(r, uids.items + n, count) && fetch_wanted(r);
    }
    vec_free(&uids);
    return good;
}

bool import_imap(struct invocation *i, const struct import_server *server, const struct import_sink *sink)
{
    struct remote r = {.i = i, .server = server, .sink = sink, .go_on = true};
    bool good = connect_to(&r) && log_in(&r) && list_folders(&r);
    if (good && r.folders.len == 0)
        good = fail(i, STATUS_NOT_FOUND, "%s : %s", server->host, LANG(i, "aucun dossier", "no folder")) < 0;
    vec_each (&r.folders, folder)
        good = good && read_folder(&r, folder);
    vec_each (&r.folders, folder) {
        xfree(&folder->wire);
        xfree(&folder->name);
    }
    vec_free(&r.folders);
    vec_free(&r.wanted);
    if (r.imap) {
        if (good)
            (void)mailimap_logout(r.imap);
        mailimap_free(r.imap);
    }
    return good;
}
