/* The pool of job threads. Declared in loop.h. */
#include "lib/net/loop.h"

#include <pthread.h>
#include <signal.h>

enum { STACK_BYTES = 1 << 20 };

struct job {
    struct job *next;
    void (*run)(void *thread_state, void *arg);
    void (*done)(void *arg);
    void *arg;
};

/* A thread that waits. The last one to lie down is the first to be woken: under a light load one thread does the work, whose
 * stack, plans and database connection are warm, instead of each in turn. */
struct idle {
    pthread_cond_t woken;
    bool lies; /* on the stack */
    struct idle *below;
};

struct jobs {
    struct loop *loop;
    void *(*thread_start)(void *);
    void (*thread_end)(void *);
    void *arg;
    pthread_mutex_t lock; /* guards what follows */
    struct idle *idle;    /* the top of the stack */
    struct job *first, *last;
    size_t waiting;
    bool ending;
    unsigned threads;
    pthread_t thread[];
};

static struct idle *take_idle(struct jobs *jobs)
{
    struct idle *top = jobs->idle;
    if (top) {
        jobs->idle = top->below;
        top->lies = false;
    }
    return top;
}

static void lie_down(struct jobs *jobs, struct idle *me)
{
    me->lies = true;
    me->below = jobs->idle;
    jobs->idle = me;
    while (me->lies)
        pthread_cond_wait(&me->woken, &jobs->lock);
}

static struct job *next_job(struct jobs *jobs, struct idle *me)
{
    pthread_mutex_lock(&jobs->lock);
    while (!jobs->first && !jobs->ending)
        lie_down(jobs, me);
    struct job *job = jobs->first;
    if (job) {
        jobs->first = job->next;
        if (!jobs->first)
            jobs->last = NULL;
        jobs->waiting--;
    }
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

static void finish_job(void *arg)
{
    struct job *job = arg;
    void (*done)(void *) = job->done;
    void *owner = job->arg;
    xfree(&job);
    if (done)
        done(owner);
}

static void *job_thread(void *arg)
{
    struct jobs *jobs = arg;
    void *state = jobs->thread_start ? jobs->thread_start(jobs->arg) : NULL;
    struct idle me = {.lies = false};
    pthread_cond_init(&me.woken, NULL);
    for (struct job *job; (job = next_job(jobs, &me));) {
        job->run(state, job->arg);
        loop_post(jobs->loop, finish_job, job);
    }
    pthread_cond_destroy(&me.woken);
    if (jobs->thread_end)
        jobs->thread_end(state);
    return NULL;
}

/* Signals are the loop's thread's: job threads have them all blocked. */
struct jobs *jobs_new(struct loop *loop, unsigned threads, void *(*thread_start)(void *), void (*thread_end)(void *),
                      void *arg)
{
    must(threads > 0);
    struct jobs *jobs = xcalloc(1, sizeof *jobs + threads * sizeof jobs->thread[0]);
    jobs->loop = loop;
    jobs->thread_start = thread_start;
    jobs->thread_end = thread_end;
    jobs->arg = arg;
    jobs->threads = threads;
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&jobs->thread[i], &attributes, job_thread, jobs) != 0)
            fatal("a job thread cannot be started");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return jobs;
}

void jobs_submit(struct jobs *jobs, void (*run)(void *thread_state, void *arg), void (*done)(void *arg), void *arg)
{
    struct job *job = xmalloc(sizeof *job);
    *job = (struct job){.run = run, .done = done, .arg = arg};
    pthread_mutex_lock(&jobs->lock);
    if (jobs->last)
        jobs->last->next = job;
    else
        jobs->first = job;
    jobs->last = job;
    jobs->waiting++;
    struct idle *woken = take_idle(jobs);
    if (woken)
        pthread_cond_signal(&woken->woken);
    pthread_mutex_unlock(&jobs->lock);
}

size_t jobs_waiting(const struct jobs *jobs)
{
    struct jobs *mine = (struct jobs *)(uintptr_t)jobs; /* only the lock is touched */
    pthread_mutex_lock(&mine->lock);
    size_t waiting = jobs->waiting;
    pthread_mutex_unlock(&mine->lock);
    return waiting;
}

void jobs_destroy(struct jobs **jobs)
{
    if (!*jobs)
        return;
    pthread_mutex_lock(&(*jobs)->lock);
    (*jobs)->ending = true;
    for (struct idle *woken; (woken = take_idle(*jobs));)
        pthread_cond_signal(&woken->woken);
    pthread_mutex_unlock(&(*jobs)->lock);
    for (unsigned i = 0; i < (*jobs)->threads; i++)
        pthread_join((*jobs)->thread[i], NULL);
    pthread_mutex_destroy(&(*jobs)->lock);
    xfree(jobs);
}
