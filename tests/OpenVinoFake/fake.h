/* What the files of the fake share. What it is, and what it cannot show, is said in openvino_c.c. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Year and minor: 20264 is 2026.4. */
#ifndef FAKE_VERSION
#define FAKE_VERSION 20264
#endif

#define EXPORT __attribute__((visibility("default")))
#define MAX_PORTS 16
#define MAX_RANK 8
#define DYNAMIC_RANK (-1)

typedef int status_t;
#define OK 0
#define GENERAL_ERROR (-1)
#define REQUEST_BUSY (-8)
#define INFER_CANCELLED (-13)
#define INVALID_C_PARAM (-14)

/* ov_shape_t, ov_dimension_t (also ov_rank_t), ov_partial_shape_t, ov_version_t, ov_available_devices_t, ov_callback_t, ov_property_t */
typedef struct { int64_t rank; int64_t *dims; } ov_shape;
typedef struct { int64_t min, max; } ov_dimension;
typedef struct { ov_dimension rank; ov_dimension *dims; } ov_partial_shape;
typedef struct { char *build_number; char *description; } ov_version;
typedef struct { char **devices; size_t size; } ov_available_devices;
typedef struct { void (*function)(void *); void *argument; } ov_callback;
typedef struct { const char *key; const void *value; } ov_property;

/* What is handed out and must be given back, each by its own function. */
typedef enum { CORE, MODEL, COMPILED_MODEL, PORT, INFER_REQUEST, TENSOR, STRING, VERSION, DEVICES, SHAPE, PARTIAL_SHAPE, KINDS } kind;

/* Element types in the order of ov_element_type_e, without those that came in between over the years. */
typedef enum {
    NO_TYPE, BOOLEAN, BF16, F16, F32, F64, I4, I8, I16, I32, I64, U1, U2, U3, U4, U6, U8, U16, U32, U64,
    NF4, F8E4M3, F8E5M2, STRING_TYPE, F4E2M1, F8E8M0, TYPES
} type;

typedef struct {
    char name[128];
    type type;
    int rank;              /* or DYNAMIC_RANK */
    int64_t dims[MAX_RANK]; /* -1 where dynamic */
} port_info;

typedef struct {
    int inputs, outputs;
    port_info input[MAX_PORTS], output[MAX_PORTS];
} graph;

/* The tensor itself, which handles share. */
typedef struct {
    int references;
    type type;
    int rank;
    int64_t dims[MAX_RANK];
    void *data;
    size_t capacity;
    void *other; /* The second buffer of an output whose shape is dynamic: it moves with each inference. */
    size_t other_capacity;
} tensor_data;

typedef struct { int children; } core;
typedef struct { graph graph; } model;
typedef struct { core *core; int children; graph graph; char device[128]; char properties[1024]; } compiled_model;
typedef struct { port_info info; } port;
typedef struct { tensor_data *data; } tensor;

typedef struct infer_request {
    compiled_model *compiled;
    graph graph;
    tensor_data *input[MAX_PORTS], *output[MAX_PORTS];
    const ov_callback *callback; /* null while it runs, as OpenVINO moves it away meanwhile */
    bool busy, in_callback, finished, started, cancelled, hangs;
    int64_t number;
    status_t status;
    char error[256];
    struct infer_request *next;
} infer_request;

/* handles.c */
void *handle_new(kind kind, size_t size);
bool handle_is(const void *handle, kind kind, const char *call);
bool handle_end(void *handle, kind kind, const char *call);
char *string_new(const char *text);
void violation(const char *format, ...) __attribute__((format(printf, 1, 2)));
status_t error(status_t status, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *last_error(void);
int64_t live(kind kind);
const char *kind_name(kind kind);
int violation_count(void);
const char *violation_text(int index);

/* control.c */
bool call_fails(const char *call, status_t *status);
const char *devices(void);
const char *setting(const char *name);
void record_compilation(const char *text);

/* model.c */
status_t read_ir(const char *text, const char *path, graph *graph);
status_t read_onnx(const uint8_t *bytes, size_t length, graph *graph);
status_t unreadable(const char *path);

/* types.c */
int type_number(type type);
type type_of_number(int number);
type type_of_name(const char *name);
type type_of_onnx(int64_t number);
int type_bits(type type);
size_t bytes_of(type type, int rank, const int64_t *dims);

/* compute.c */
void tensor_resize(tensor_data *data, int rank, const int64_t *dims);
void compute(infer_request *request);

/* inference.c */
status_t inference_start(infer_request *request);
status_t inference_wait(infer_request *request);
void inference_cancel(infer_request *request);
bool inference_is_busy(infer_request *request);
void inference_end(infer_request *request);

/* Ends the calling function with the status that control.c was told to answer it with. */
#define ENTER(call) \
    do { \
        status_t told; \
        if (call_fails(#call, &told)) \
            return told; \
    } while (0)
