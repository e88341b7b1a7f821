/* caducee-smtpd: mail from operators (mx), from clients (submission), to operators (relay). */
#include "lib/net/daemon.h"
#include "smtpd/relay.h"
#include "smtpd/worker.h"

#include <stdio.h>

static unsigned mx_count(const struct conf *conf)
{
    return conf->mx_listen[0] ? (unsigned)conf->mx_workers : 0;
}

static const char *mx_addresses(const struct conf *conf)
{
    return conf->mx_listen;
}

static unsigned submission_count(const struct conf *conf)
{
    return conf->submission_listen[0] || conf->submission_listen_tls[0] ? (unsigned)conf->submission_workers : 0;
}

static const char *submission_addresses(const struct conf *conf)
{
    return conf->submission_listen;
}

static const char *submissions_addresses(const struct conf *conf)
{
    return conf->submission_listen_tls;
}

static unsigned relay_count(const struct conf *conf)
{
    return (unsigned)conf->relay_workers;
}

static unsigned parse_count(const struct conf *conf)
{
    return (unsigned)conf->smtpd_parse_workers;
}

static const char *parse_addresses(const struct conf *conf)
{
    static char path[512];
    snprintf(path, sizeof(path), "unix:%s/smtpd-parse.sock", conf->general_run_folder);
    return path;
}

static const char *metrics_address(const struct conf *conf)
{
    return conf->smtpd_metrics;
}

static const struct role roles[] = {
    {.name = "parse",
     .program = "caducee-parse",
     .count = parse_count,
     .listeners = {{"parse", parse_addresses}},
     .network = NETWORK_NONE},
    {.name = "mx",
     .count = mx_count,
     .database_role = "caducee_mx",
     .listeners = {{"mx", mx_addresses}},
     .prepare = smtpd_prepare,
     .run = smtpd_run},
    {.name = "submission",
     .count = submission_count,
     .database_role = "caducee_submission",
     .listeners = {{"submission", submission_addresses}, {"submissions", submissions_addresses}},
     .prepare = smtpd_prepare,
     .run = smtpd_run},
    {.name = "relay",
     .count = relay_count,
     .database_role = "caducee_relay",
     .network = NETWORK_ANY,
     .prepare = relay_prepare,
     .run = relay_run},
};

static const struct daemon smtpd = {
    .program = "caducee-smtpd",
    .summary = "receives mail from operators and clients of the trust space, and relays it",
    .roles = roles,
    .role_count = COUNT(roles),
    .metrics_address = metrics_address,
};

int main(int argc, char **argv)
{
    return daemon_main(argc, argv, &smtpd);
}
