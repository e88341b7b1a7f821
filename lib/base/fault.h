/* Named fault points for crash tests: between two steps of something that must hold, `FAULT("deliver.committed")`.
 * They exist in MODE=fault builds alone (make MODE=fault BUILD=build-fault); elsewhere the line is nothing, its name is
 * not even in the program, and lint proves it.
 *
 * Armed by the file that the environment variable CADUCEE_FAULT_FILE names, read at each point: "name count" kills this
 * process (SIGKILL) when it comes by for the count-th time; "name count pause" stops it there (SIGSTOP) instead. The file
 * is renamed to <file>.hit first, so that the process that takes over is not killed again.
 */
#ifndef CADUCEE_BASE_FAULT_H
#define CADUCEE_BASE_FAULT_H

#ifdef CADUCEE_FAULT_POINTS
void fault_point(const char *name);
#define FAULT(name) fault_point(name)
#else
#define FAULT(name) ((void)0)
#endif

#endif
