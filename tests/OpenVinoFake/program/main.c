/*
 * A process that uses the fake as a service would, for the test of the variables that steer it:
 *   program LIBRARY MODEL.xml INFERENCES
 * loads the model for CPU, infers one after the other, and prints the status of each inference, then by how many MB its
 * memory has grown. It stops, with "hangs", where the inference that FAKE_OPENVINO_HANG names does not call back. It frees
 * all but the core.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct { void (*function)(void *); void *argument; } callback;
typedef int call();

static void *library;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ended;

static call *get(const char *name)
{
    call *function;
    void *symbol = dlsym(library, name);
    memcpy(&function, &symbol, sizeof function);
    return function;
}

static void on_end(void *argument)
{
    (void)argument;
    pthread_mutex_lock(&lock);
    ended = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static int comes(int number)
{
    const char *hang = getenv("FAKE_OPENVINO_HANG");
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 1;
    pthread_mutex_lock(&lock);
    if (hang && atoi(hang) == number)
        while (!ended && pthread_cond_timedwait(&changed, &lock, &end) == 0) {}
    else
        while (!ended)
            pthread_cond_wait(&changed, &lock);
    int came = ended;
    ended = 0;
    pthread_mutex_unlock(&lock);
    return came;
}

static long resident_mb(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &pages, &resident) != 2)
        return -1;
    fclose(file);
    return resident * 4 / 1024;
}

int main(int count, char **arguments)
{
    if (count != 4 || !(library = dlopen(arguments[1], RTLD_NOW)))
        return 2;
    void *core, *model, *compiled, *request;
    if (get("ov_core_create")(&core) || get("ov_core_read_model")(core, arguments[2], NULL, &model)
        || get("ov_core_compile_model")(core, model, "CPU", (size_t)0, &compiled)
        || get("ov_compiled_model_create_infer_request")(compiled, &request))
        return 3;
    callback callback = {on_end, NULL};
    get("ov_infer_request_set_callback")(request, &callback);
    long before = resident_mb();
    int hangs = 0;
    for (int i = 0; i < atoi(arguments[3]) && !hangs; i++) {
        int status = get("ov_infer_request_start_async")(request);
        if (status == 0 && !comes(i + 1))
            hangs = printf("hangs\n");
        else
            printf("%d\n", status ? status : get("ov_infer_request_wait")(request));
    }
    printf("grown %ld\n", resident_mb() - before);
    if (!hangs) {
        get("ov_infer_request_free")(request);
        get("ov_compiled_model_free")(compiled);
    }
    get("ov_model_free")(model);
    return 0;
}
