/* Prometheus metrics shared by a daemon's processes: the supervisor maps one shared page set before it starts workers,
 * workers add to their slot without locks, the supervisor's metrics listener sums and prints (text format 0.0.4).
 * One row a metric in metrics.def; labels are a closed list, never an address, a domain or a name.
 */
#ifndef CADUCEE_BASE_METRICS_H
#define CADUCEE_BASE_METRICS_H

#include "lib/base/str.h"

enum { METRICS_SLOTS = 64 }; /* processes of one daemon, the supervisor included */

enum metric {
#define METRIC(id, type, name, labels, help) M_##id,
#include "lib/base/metrics.def"
#undef METRIC
    M_COUNT
};

int metrics_create(void);                   /* a memfd to hand to workers; supervisor only */
void metrics_attach(int fd, unsigned slot); /* before it, a process counts for itself alone */
void metrics_forget_gauges(unsigned slot);  /* the worker of that slot has ended: what it showed as "now" is no more */
void metric_add(enum metric, uint64_t);     /* a gauge goes down by adding (uint64_t)-1 */
void metric_set(enum metric, uint64_t);
void metric_observe_us(enum metric, uint64_t microseconds); /* histogram rows */
void metrics_print(struct str *out);

#endif
