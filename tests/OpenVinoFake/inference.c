/*
 * Runs inferences on threads of its own, with the states that OpenVINO's asynchronous request goes through: while the
 * callback runs the request is idle again but has no callback, and who waits is let go only after the callback returned.
 */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_THREADS 64
#define MAX_HANGS 32

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_cond_t queued = PTHREAD_COND_INITIALIZER;
static infer_request *first, *last, *hung;
static int threads, idle_threads;
static bool holds;
static int64_t inferences, ended;
static int64_t delay_ms = -1;
static int64_t hang_numbers[MAX_HANGS];
static int hang_count = -1;
static __thread infer_request *in_callback_of;

EXPORT void fake_hold(int on)
{
    pthread_mutex_lock(&lock);
    holds = on != 0;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

EXPORT void fake_delay(int64_t milliseconds)
{
    pthread_mutex_lock(&lock);
    delay_ms = milliseconds;
    pthread_mutex_unlock(&lock);
}

/* Inferences that were started, of all requests. */
EXPORT int64_t fake_inferences(void)
{
    pthread_mutex_lock(&lock);
    int64_t count = inferences;
    pthread_mutex_unlock(&lock);
    return count;
}

/* Inferences that have ended, their callbacks included. */
EXPORT int64_t fake_ended(void)
{
    pthread_mutex_lock(&lock);
    int64_t count = ended;
    pthread_mutex_unlock(&lock);
    return count;
}

static void read_settings(void)
{
    if (delay_ms < 0)
        delay_ms = setting("FAKE_OPENVINO_DELAY_MS") ? atoll(setting("FAKE_OPENVINO_DELAY_MS")) : 0;
    if (hang_count >= 0)
        return;
    hang_count = 0;
    const char *list = setting("FAKE_OPENVINO_HANG");
    for (char *end; list && *list && hang_count < MAX_HANGS; list = *end ? end + 1 : end)
        hang_numbers[hang_count++] = strtoll(list, &end, 10);
}

/* The nth inference from now on never answers. */
EXPORT void fake_hang(int64_t nth)
{
    pthread_mutex_lock(&lock);
    read_settings();
    if (hang_count < MAX_HANGS)
        hang_numbers[hang_count++] = inferences + nth;
    pthread_mutex_unlock(&lock);
}

static void enqueue(infer_request *request);

/* Those that hang go on, and end as if nothing had been. Returns how many there were. */
EXPORT int fake_release_hung(void)
{
    pthread_mutex_lock(&lock);
    int count = 0;
    while (hung) {
        infer_request *request = hung;
        hung = request->next;
        request->hangs = false;
        enqueue(request);
        count++;
    }
    pthread_mutex_unlock(&lock);
    return count;
}

static void leak(void)
{
    const char *text = setting("FAKE_OPENVINO_LEAK_MB");
    if (!text)
        return;
    char *rest;
    long megabytes = strtol(text, &rest, 10);
    long every = *rest == ':' ? strtol(rest + 1, NULL, 10) : 1;
    if (every < 1 || inferences % every != 0 || megabytes < 1)
        return;
    size_t bytes = (size_t)megabytes << 20;
    volatile char *memory = malloc(bytes);
    for (size_t i = 0; memory && i < bytes; i += 1024)
        memory[i] = 1;
}

/* Called with the lock. */
static void wait_for_end(infer_request *request)
{
    while (holds && !request->cancelled)
        pthread_cond_wait(&changed, &lock);
    if (delay_ms > 0) {
        struct timespec end;
        clock_gettime(CLOCK_REALTIME, &end);
        end.tv_sec += delay_ms / 1000;
        end.tv_nsec += delay_ms % 1000 * 1000000;
        if (end.tv_nsec >= 1000000000) {
            end.tv_sec++;
            end.tv_nsec -= 1000000000;
        }
        while (!request->cancelled && pthread_cond_timedwait(&changed, &lock, &end) != ETIMEDOUT) {}
    }
}

/* Called with the lock, which is free while the callback runs. After it, the request may be gone at any moment. */
static void end(infer_request *request)
{
    const ov_callback *callback = request->callback;
    request->callback = NULL;
    request->status = request->cancelled ? INFER_CANCELLED : request->status;
    request->busy = false;
    request->in_callback = true;
    if (callback) {
        pthread_mutex_unlock(&lock);
        in_callback_of = request;
        callback->function(callback->argument);
        in_callback_of = NULL;
        pthread_mutex_lock(&lock);
    }
    request->in_callback = false;
    if (!request->callback)
        request->callback = callback;
    request->finished = true;
    ended++;
    pthread_cond_broadcast(&changed);
}

static void *work(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!first) {
            idle_threads++;
            pthread_cond_wait(&queued, &lock);
            idle_threads--;
        }
        infer_request *request = first;
        first = request->next;
        if (!first)
            last = NULL;
        wait_for_end(request);
        if (!request->cancelled) {
            pthread_mutex_unlock(&lock);
            compute(request);
            pthread_mutex_lock(&lock);
        }
        leak();
        end(request);
    }
    return NULL;
}

static void enqueue(infer_request *request)
{
    request->next = NULL;
    if (last)
        last->next = request;
    else
        first = request;
    last = request;
    int waiting = 0;
    for (infer_request *r = first; r; r = r->next)
        waiting++;
    pthread_t thread;
    if (waiting > idle_threads && threads < MAX_THREADS && pthread_create(&thread, NULL, work, NULL) == 0) {
        pthread_detach(thread);
        threads++;
    }
    pthread_cond_signal(&queued);
}

static bool input_fits(const infer_request *request, int i)
{
    const port_info *info = &request->graph.input[i];
    const tensor_data *data = request->input[i];
    if (info->rank == DYNAMIC_RANK)
        return true;
    if (info->rank != data->rank)
        return false;
    for (int axis = 0; axis < info->rank; axis++)
        if (info->dims[axis] >= 0 && info->dims[axis] != data->dims[axis])
            return false;
    return true;
}

status_t inference_start(infer_request *request)
{
    for (int i = 0; i < request->graph.inputs; i++)
        if (!input_fits(request, i))
            return error(GENERAL_ERROR, "Can't set the input tensor with index: %d, because the model input and the tensor have different shapes", i);
    pthread_mutex_lock(&lock);
    if (request->busy) {
        pthread_mutex_unlock(&lock);
        return error(REQUEST_BUSY, "Infer Request is busy");
    }
    if (request->in_callback)
        violation("ov_infer_request_start_async: the callback has not returned yet: it is lost to this inference");
    read_settings();
    request->busy = request->started = true;
    request->finished = request->cancelled = false;
    request->status = OK;
    request->number = ++inferences;
    for (int i = 0; i < hang_count; i++)
        request->hangs |= hang_numbers[i] == request->number;
    if (request->hangs) {
        request->next = hung;
        hung = request;
    }
    else
        enqueue(request);
    pthread_mutex_unlock(&lock);
    return OK;
}

status_t inference_wait(infer_request *request)
{
    if (in_callback_of == request) {
        violation("ov_infer_request_wait: called inside the callback, where it would wait for ever");
        return GENERAL_ERROR;
    }
    pthread_mutex_lock(&lock);
    if (!request->started) {
        pthread_mutex_unlock(&lock);
        return error(GENERAL_ERROR, "Infer Request was not started");
    }
    while (!request->finished)
        pthread_cond_wait(&changed, &lock);
    status_t status = request->status;
    pthread_mutex_unlock(&lock);
    return status == INFER_CANCELLED ? error(status, "Infer Request was canceled") : status;
}

void inference_cancel(infer_request *request)
{
    pthread_mutex_lock(&lock);
    if (request->busy)
        request->cancelled = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

bool inference_is_busy(infer_request *request)
{
    pthread_mutex_lock(&lock);
    bool busy = request->busy;
    pthread_mutex_unlock(&lock);
    return busy;
}

/* As OpenVINO does, lets an inference in flight end first; our own engine must not count on that. */
void inference_end(infer_request *request)
{
    pthread_mutex_lock(&lock);
    bool in_flight = request->started && !request->finished;
    pthread_mutex_unlock(&lock);
    if (!in_flight)
        return;
    violation("ov_infer_request_free: the request is in flight");
    inference_wait(request);
}
