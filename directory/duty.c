#include "directory/duty.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/alarms.h"
#include "lib/store/lead.h"

#include <errno.h>
#include <poll.h>

enum {
    BEAT_MAX_MS = 10000, /* a leader makes sure that it still leads */
    RETRY_MS = 2000
};

bool duty_wait(const struct worker_context *context, uint64_t deadline_ms)
{
    for (;;) {
        uint64_t now = clock_ms();
        struct pollfd p = {.fd = context->stop_fd, .events = POLLIN};
        int timeout = deadline_ms > now ? (int)(deadline_ms - now < BEAT_MAX_MS ? deadline_ms - now : BEAT_MAX_MS) : 0;
        int ready = poll(&p, 1, timeout);
        if (ready > 0)
            return false;
        if (ready < 0 && errno != EINTR)
            return false;
        if (clock_ms() >= deadline_ms)
            return true;
    }
}

void duty_alarm(struct duty *duty, struct duty_alarm *alarm, bool on, const char *code, const char *what,
                const char *remedy)
{
    if (alarm->known && alarm->on == on)
        return;
    enum store_status status = on ? alarm_raise(duty->db, code, "", what, remedy) : alarm_clear(duty->db, code, "");
    *alarm = (struct duty_alarm){.known = status == STORE_OK, .on = on};
}

static void say_change(const char *role, bool leads)
{
    log_event(LOG_INFO, NULL, leads ? "duty.leads" : "duty.follows", LS("role", role));
}

int duty_run(struct worker_context *context, const char *database_role, int64_t lock, void (*beat)(struct duty *))
{
    struct duty duty = {
        .context = context, .conf = context->conf, .db = db_new(context->conf, database_role, "caducee-directoryd")};
    bool led = false;
    uint64_t wake = clock_ms();
    while (duty_wait(context, wake)) {
        bool leads = false;
        enum store_status status = db_lead(duty.db, lock, &leads);
        if (leads != led)
            say_change(context->role, leads);
        led = leads;
        uint64_t now = clock_ms();
        if (leads && now >= duty.next_ms) {
            duty.next_ms = now + BEAT_MAX_MS;
            beat(&duty);
        }
        now = clock_ms();
        if (status != STORE_OK)
            wake = now + RETRY_MS;
        else if (!leads)
            wake = now + duty.conf->directoryd_takeover * 1000;
        else
            wake = duty.next_ms < now + BEAT_MAX_MS ? duty.next_ms : now + BEAT_MAX_MS;
    }
    xfree(&duty.memory);
    db_destroy(&duty.db);
    return 0;
}
