/*
 * How the fake is steered. From outside the process by environment variables, read when they are first needed:
 *
 *   FAKE_OPENVINO_DEVICES   the devices there are: "CPU,GPU"; default "CPU"
 *   FAKE_OPENVINO_FAIL      "function:n:message": the nth call fails (0: every call), status -1; several with ; between
 *   FAKE_OPENVINO_BLOCK     "function:n": the nth call never returns; several with ; between
 *   FAKE_OPENVINO_DELAY_MS  how long each inference takes at least
 *   FAKE_OPENVINO_HANG      "3,7": the 3rd and the 7th inference never answer, not even when cancelled
 *   FAKE_OPENVINO_LEAK_MB   "10:100": memory grows by 10 MB at every 100th inference (":100" left out: at every one)
 *   FAKE_OPENVINO_REQUESTS  OPTIMAL_NUMBER_OF_INFER_REQUESTS for throughput; default 4
 *   FAKE_OPENVINO_V10_AS_DECLARED  if set, inputs and outputs of IR v10 have the types of the file, which no release does
 *   FAKE_OPENVINO_LOG       a file that gets the counts when the process ends
 *
 * Inside it by the functions named fake_*, which only concern their own copy of the library.
 */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CALLS 64
#define MAX_FAILURES 16

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct { char name[64]; int64_t count; } calls[MAX_CALLS];
static int call_count;
static struct { char name[64]; int64_t nth; status_t status; char message[256]; } failures[MAX_FAILURES];
static int failure_count = -1;
static char device_list[256];
static char last_compilation[1024];

const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static void add_failure(const char *name, int64_t nth, status_t status, const char *message)
{
    if (failure_count == MAX_FAILURES)
        return;
    snprintf(failures[failure_count].name, sizeof failures->name, "%s", name);
    snprintf(failures[failure_count].message, sizeof failures->message, "%s", message);
    failures[failure_count].nth = nth;
    failures[failure_count++].status = status;
}

static void read_failures(void)
{
    if (failure_count >= 0)
        return;
    failure_count = 0;
    char *list = setting("FAKE_OPENVINO_FAIL") ? strdup(setting("FAKE_OPENVINO_FAIL")) : NULL;
    char *next_item = NULL;
    for (char *item = list ? strtok_r(list, ";", &next_item) : NULL; item; item = strtok_r(NULL, ";", &next_item)) {
        char *next = NULL;
        char *name = strtok_r(item, ":", &next);
        char *nth = strtok_r(NULL, ":", &next);
        char *message = strtok_r(NULL, "", &next);
        if (name)
            add_failure(name, nth ? atoll(nth) : 0, GENERAL_ERROR, message ? message : "told to fail");
    }
    free(list);
}

/* Whether the nth call of a function is never to return. */
static bool call_blocks(const char *call, int64_t nth)
{
    char wanted[96];
    snprintf(wanted, sizeof wanted, "%s:%lld", call, (long long)nth);
    size_t length = strlen(wanted);
    for (const char *item = setting("FAKE_OPENVINO_BLOCK"); item; item = strchr(item, ';') ? strchr(item, ';') + 1 : NULL)
        if (strncmp(item, wanted, length) == 0 && (item[length] == ';' || !item[length]))
            return true;
    return false;
}

static int index_of(const char *name)
{
    for (int i = 0; i < call_count; i++)
        if (strcmp(calls[i].name, name) == 0)
            return i;
    if (call_count == MAX_CALLS)
        return MAX_CALLS - 1;
    snprintf(calls[call_count].name, sizeof calls->name, "%s", name);
    return call_count++;
}

bool call_fails(const char *call, status_t *status)
{
    bool fails = false;
    char message[256] = "";
    pthread_mutex_lock(&lock);
    read_failures();
    int64_t count = ++calls[index_of(call)].count;
    for (int i = 0; i < failure_count && !fails; i++) {
        if (strcmp(failures[i].name, call) == 0 && (failures[i].nth == 0 || failures[i].nth == count)) {
            fails = true;
            *status = failures[i].status;
            strcpy(message, failures[i].message);
        }
    }
    bool blocks = call_blocks(call, count);
    pthread_mutex_unlock(&lock);
    while (blocks)
        pause();
    if (fails)
        error(*status, "%s", message);
    return fails;
}

const char *devices(void)
{
    pthread_mutex_lock(&lock);
    if (!device_list[0])
        snprintf(device_list, sizeof device_list, "%s", setting("FAKE_OPENVINO_DEVICES") ? setting("FAKE_OPENVINO_DEVICES") : "CPU");
    pthread_mutex_unlock(&lock);
    return device_list;
}

void record_compilation(const char *text)
{
    pthread_mutex_lock(&lock);
    snprintf(last_compilation, sizeof last_compilation, "%s", text);
    pthread_mutex_unlock(&lock);
}

/* The nth call of a function from now on fails (0: every one), with this status and reason. */
EXPORT void fake_fail(const char *call, int64_t nth, int status, const char *message)
{
    pthread_mutex_lock(&lock);
    read_failures();
    add_failure(call, nth == 0 ? 0 : calls[index_of(call)].count + nth, status, message);
    pthread_mutex_unlock(&lock);
}

EXPORT void fake_fail_no_more(void)
{
    pthread_mutex_lock(&lock);
    failure_count = 0;
    pthread_mutex_unlock(&lock);
}

/* How often a function was called; -1 for one that never was. */
EXPORT int64_t fake_calls(const char *call)
{
    int64_t count = -1;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < call_count; i++)
        if (strcmp(calls[i].name, call) == 0)
            count = calls[i].count;
    pthread_mutex_unlock(&lock);
    return count;
}

/* The functions that were called, by index; null at the end. */
EXPORT const char *fake_call_name(int index)
{
    pthread_mutex_lock(&lock);
    const char *name = index < call_count ? calls[index].name : NULL;
    pthread_mutex_unlock(&lock);
    return name;
}

EXPORT void fake_devices(const char *list)
{
    pthread_mutex_lock(&lock);
    snprintf(device_list, sizeof device_list, "%s", list);
    pthread_mutex_unlock(&lock);
}

/* The last compilation: "props" or "variadic", then the device, then key=value for each property, with ; between. */
EXPORT const char *fake_compilation(void) { return last_compilation; }

/* Objects of a kind ("core", "tensor", "string", …) that were handed out and not freed; of all kinds for null. */
EXPORT int64_t fake_live(const char *name)
{
    int64_t count = 0;
    for (kind k = 0; k < KINDS; k++)
        if (!name || strcmp(name, kind_name(k)) == 0)
            count += live(k);
    return count;
}

EXPORT int fake_violations(void) { return violation_count(); }

/* What was done wrongly, by index; null at the end. */
EXPORT const char *fake_violation(int index) { return violation_text(index); }

int64_t fake_inferences(void);

__attribute__((destructor)) static void write_log(void)
{
    const char *path = setting("FAKE_OPENVINO_LOG");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file)
        return;
    fprintf(file, "inferences %lld\n", (long long)fake_inferences());
    for (kind k = 0; k < KINDS; k++)
        if (live(k))
            fprintf(file, "live %s %lld\n", kind_name(k), (long long)live(k));
    for (int i = 0; i < call_count; i++)
        fprintf(file, "calls %s %lld\n", calls[i].name, (long long)calls[i].count);
    fprintf(file, "violations %d\n", violation_count());
    for (int i = 0; violation_text(i); i++)
        fprintf(file, "violation %s\n", violation_text(i));
    fclose(file);
}
