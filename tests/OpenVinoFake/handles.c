/* Every object that is handed out: who must free it, whether it was, and what was done to it wrongly. */
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 65536
#define QUARANTINE 200000
#define MAX_VIOLATIONS 200
#define POISON 0xDD

typedef struct entry {
    void *address;
    size_t size;
    kind kind;
    bool live;
    struct entry *next, *next_freed;
} entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static entry *buckets[BUCKETS];
static entry *oldest_freed, *newest_freed;
static int freed;
static int64_t live_count[KINDS];
static char *violations[MAX_VIOLATIONS];
static int violations_seen;

/* Per thread and borrowed, as OpenVINO's is. */
static __thread char error_text[2048];

static const char *const kind_names[KINDS] = {
    "core", "model", "compiled_model", "port", "infer_request", "tensor", "string", "version", "devices", "shape", "partial_shape",
};

const char *kind_name(kind kind) { return kind_names[kind]; }

static entry **bucket_of(const void *address)
{
    uint64_t hash = (uint64_t)(uintptr_t)address * 0x9E3779B97F4A7C15u;
    return &buckets[hash >> 48];
}

static entry *find(const void *address)
{
    for (entry *e = *bucket_of(address); e; e = e->next)
        if (e->address == address)
            return e;
    return NULL;
}

void *handle_new(kind kind, size_t size)
{
    entry *e = calloc(1, sizeof *e);
    e->address = calloc(1, size ? size : 1);
    e->size = size;
    e->kind = kind;
    e->live = true;
    pthread_mutex_lock(&lock);
    entry **bucket = bucket_of(e->address);
    e->next = *bucket;
    *bucket = e;
    live_count[kind]++;
    pthread_mutex_unlock(&lock);
    return e->address;
}

static void describe(const entry *e, kind kind, const void *handle, const char *call)
{
    if (!handle)
        violation("%s: no %s was given", call, kind_names[kind]);
    else if (!e)
        violation("%s: %p is nothing that was handed out", call, handle);
    else if (e->kind != kind)
        violation("%s: a %s was given for a %s", call, kind_names[e->kind], kind_names[kind]);
    else
        violation("%s: the %s was freed before", call, kind_names[kind]);
}

bool handle_is(const void *handle, kind kind, const char *call)
{
    pthread_mutex_lock(&lock);
    entry *e = find(handle);
    bool good = e && e->live && e->kind == kind;
    pthread_mutex_unlock(&lock);
    if (!good)
        describe(e, kind, handle, call);
    return good;
}

/* What has been freed keeps its address for long, poisoned, so that whoever uses it again is found out. */
static void quarantine(entry *e)
{
    if (newest_freed)
        newest_freed->next_freed = e;
    else
        oldest_freed = e;
    newest_freed = e;
    if (++freed <= QUARANTINE)
        return;
    entry *gone = oldest_freed;
    oldest_freed = gone->next_freed;
    freed--;
    entry **link = bucket_of(gone->address);
    while (*link != gone)
        link = &(*link)->next;
    *link = gone->next;
    free(gone->address);
    free(gone);
}

bool handle_end(void *handle, kind kind, const char *call)
{
    pthread_mutex_lock(&lock);
    entry *e = find(handle);
    bool good = e && e->live && e->kind == kind;
    if (good) {
        e->live = false;
        live_count[kind]--;
        memset(e->address, POISON, e->size);
        quarantine(e);
    }
    pthread_mutex_unlock(&lock);
    if (!good)
        describe(e, kind, handle, call);
    return good;
}

char *string_new(const char *text)
{
    char *copy = handle_new(STRING, strlen(text) + 1);
    strcpy(copy, text);
    return copy;
}

void violation(const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&lock);
    if (violations_seen < MAX_VIOLATIONS)
        violations[violations_seen] = strdup(text);
    violations_seen++;
    pthread_mutex_unlock(&lock);
    error(INVALID_C_PARAM, "%s", "");
}

status_t error(status_t status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error_text, sizeof error_text, format, arguments);
    va_end(arguments);
    return status;
}

const char *last_error(void) { return error_text[0] ? error_text : NULL; }

int64_t live(kind kind)
{
    pthread_mutex_lock(&lock);
    int64_t count = live_count[kind];
    pthread_mutex_unlock(&lock);
    return count;
}

int violation_count(void)
{
    pthread_mutex_lock(&lock);
    int count = violations_seen;
    pthread_mutex_unlock(&lock);
    return count;
}

const char *violation_text(int index)
{
    pthread_mutex_lock(&lock);
    const char *text = index >= 0 && index < MAX_VIOLATIONS ? violations[index] : NULL;
    pthread_mutex_unlock(&lock);
    return text;
}
