/* The only place of libcurl. Blocking: called by jobs and by roles that have no loop. */
#include "lib/net/https.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { CONNECT_TIMEOUT_MS = 10000, DEFAULT_TIMEOUT_MS = 30000 };

struct transfer {
    CURL *curl;
    struct curl_slist *headers;
    struct https_answer *answer;
    char curl_error[CURL_ERROR_SIZE];
};

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        fatal("libcurl does not start");
}

void https_setup(void)
{
    pthread_once(&started, start);
}

static size_t on_body(char *bytes, size_t one UNUSED, size_t n, void *arg)
{
    struct transfer *t = arg;
    return str_add(&t->answer->body, bytes, n) ? n : 0;
}

static void copy_value(char *to, size_t size, struct span value)
{
    if (value.n < size)
        snprintf(to, size, "%.*s", (int)value.n, value.p);
}

/* RFC 9110: the fields we use. A redirection's are never seen, since none is followed. */
static size_t on_header(char *bytes, size_t one UNUSED, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct span rest = {bytes, n}, name;
    if (!span_cut(&rest, ':', &name))
        return n;
    if (span_is_nocase(name, "ETag"))
        copy_value(t->answer->etag, sizeof t->answer->etag, span_trim(rest));
    else if (span_is_nocase(name, "Content-Type"))
        copy_value(t->answer->content_type, sizeof t->answer->content_type, span_trim(rest));
    return n;
}

static void set_tls(CURL *curl, const struct https_request *r)
{
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (r->ca_file) {
        /* this CA and no other: the folder of the system's would be asked beside it */
        curl_easy_setopt(curl, CURLOPT_CAINFO, r->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    if (r->certificate_file) {
        curl_easy_setopt(curl, CURLOPT_SSLCERT, r->certificate_file);
        curl_easy_setopt(curl, CURLOPT_SSLKEY, r->key_file);
    }
}

static void set_headers(struct transfer *t, const struct https_request *r)
{
    for (size_t i = 0; r->headers && r->headers[i]; i++)
        t->headers = curl_slist_append(t->headers, r->headers[i]);
    if (r->etag && *r->etag) {
        char *line = xasprintf("If-None-Match: %s", r->etag);
        t->headers = curl_slist_append(t->headers, line);
        xfree(&line);
    }
    t->headers = curl_slist_append(t->headers, "Expect:"); /* no "100-continue": one round trip saved */
    curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, t->headers);
}

static void set_request(struct transfer *t, const struct https_request *r)
{
    CURL *curl = t->curl;
    const char *method = r->method ? r->method : "GET";
    curl_easy_setopt(curl, CURLOPT_URL, r->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, r->allow_http ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "caducee");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(r->timeout_ms ? r->timeout_ms : DEFAULT_TIMEOUT_MS));
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)r->answer_max);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, t->curl_error);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (r->body.n || strcmp(method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, r->body.n ? r->body.p : "");
    }
    if (strcmp(method, "GET") != 0)
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    set_tls(curl, r);
    set_headers(t, r);
}

bool https_fetch(const struct https_request *request, struct https_answer *answer)
{
    must(request->answer_max > 0);
    https_setup();
    *answer = (struct https_answer){.status = 0};
    str_init_secret(&answer->body, request->answer_max);
    str_init(&answer->error, 1024);
    struct transfer t = {.curl = curl_easy_init(), .answer = answer};
    if (!t.curl)
        fatal("out of memory (libcurl)");
    set_request(&t, request);
    CURLcode result = curl_easy_perform(t.curl);
    curl_easy_getinfo(t.curl, CURLINFO_RESPONSE_CODE, &answer->status);
    if (answer->body.overflow)
        str_addf(&answer->error, "the answer is larger than %zu bytes", request->answer_max);
    else if (result != CURLE_OK)
        str_puts(&answer->error, t.curl_error[0] ? t.curl_error : curl_easy_strerror(result));
    curl_slist_free_all(t.headers);
    curl_easy_cleanup(t.curl);
    return result == CURLE_OK;
}

void https_answer_free(struct https_answer *answer)
{
    str_wipe(&answer->body); /* tokens */
    str_free(&answer->error);
}
