/* caducee-imapd: IMAP4rev1 and IMAP4rev2 for mail clients and business software (DUI). Two roles: the sessions, and the
 * readers of what clients append. */
#include "imapd/worker.h"

#include <stdio.h>

static unsigned imap_count(const struct conf *conf)
{
    return (unsigned)conf->imapd_workers;
}

static const char *imap_addresses(const struct conf *conf)
{
    return conf->imapd_imap_listen;
}

static const char *imaps_addresses(const struct conf *conf)
{
    return conf->imapd_imaps_listen;
}

static unsigned parse_count(const struct conf *conf)
{
    return (unsigned)conf->imapd_parse_workers;
}

static const char *parse_addresses(const struct conf *conf)
{
    static char path[512];
    (void)snprintf(path, sizeof(path), "unix:%s/imapd-parse.sock", conf->general_run_folder);
    return path;
}

static const char *metrics_address(const struct conf *conf)
{
    return conf->imapd_metrics_listen;
}

static const struct role roles[] = {
    {.name = "parse",
     .program = "caducee-parse",
     .count = parse_count,
     .listeners = {{"parse", parse_addresses}},
     .network = NETWORK_NONE},
    {.name = "imap",
     .count = imap_count,
     .database_role = "caducee_imapd",
     .listeners = {{"imap", imap_addresses}, {"imaps", imaps_addresses}},
     .prepare = imapd_prepare,
     .run = imapd_run},
};

static const struct daemon imapd = {
    .program = "caducee-imapd",
    .summary = "gives mail clients their BALs over IMAP",
    .roles = roles,
    .role_count = COUNT(roles),
    .metrics_address = metrics_address,
};

int main(int argc, char **argv)
{
    return daemon_main(argc, argv, &imapd);
}
