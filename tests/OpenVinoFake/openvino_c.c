/*
 * A fake of libopenvino_c.so: the exported functions of OpenVINO's C API that this project calls, with the signatures of
 * src/bindings/c/include/openvino/c/ in openvinotoolkit/openvino, and their rules of ownership.
 *
 * It stands at the boundary, so that all of our own code runs, from the search for the library to the last release. It
 * checks each handle it is given, counts what was handed out and not freed, and writes down misuse instead of crashing
 * (handles.c). It reads the inputs and outputs of real IR and ONNX files (model.c), computes something that can be
 * checked (compute.c) on threads of its own (inference.c), refuses what the real one refuses with its words, and fails,
 * hangs and leaks when told to (control.c). Releases differ in FAKE_VERSION: 20232, 20246, 20254, 20264; 20231 is one
 * that is too old.
 *
 * What it cannot show: whether the real library computes the right numbers, how fast it is, how its plugins behave
 * (the GPU's and NPU's above all), and where it differs from its headers and from what is written down here.
 */
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if FAKE_VERSION == 20231
#define BUILD "2023.1.0-12185-fake"
#elif FAKE_VERSION == 20232
#define BUILD "2023.2.0-13089-fake"
#elif FAKE_VERSION == 20246
#define BUILD "2024.6.0-17404-fake"
#elif FAKE_VERSION == 20254
#define BUILD "2025.4.1-20426-fake"
#else
#define BUILD "2026.4.1-23117-fake"
#endif

#define MAX_FILE (256u << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the core's children */

/* ---- ov_common.h ---- */

EXPORT const char *ov_get_last_err_msg(void) { return last_error(); }

EXPORT void ov_free(const char *content)
{
    if (content)
        handle_end((void *)content, STRING, "ov_free");
}

/* ---- ov_core.h ---- */

EXPORT status_t ov_get_openvino_version(ov_version *version)
{
    ENTER(ov_get_openvino_version);
    version->build_number = handle_new(VERSION, sizeof BUILD);
    strcpy(version->build_number, BUILD);
    version->description = "OpenVINO Runtime";
    return OK;
}

EXPORT void ov_version_free(ov_version *version)
{
    if (handle_end(version->build_number, VERSION, "ov_version_free"))
        version->build_number = version->description = NULL;
}

EXPORT status_t ov_core_create(core **created)
{
    ENTER(ov_core_create);
    *created = handle_new(CORE, sizeof(core));
    return OK;
}

EXPORT void ov_core_free(core *core)
{
    if (!handle_is(core, CORE, "ov_core_free"))
        return;
    if (core->children)
        violation("ov_core_free: %d compiled models are still there", core->children);
    handle_end(core, CORE, "ov_core_free");
}

static uint8_t *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    uint8_t *bytes = size >= 0 && (unsigned long)size < MAX_FILE ? malloc((size_t)size + 1) : NULL;
    *length = bytes ? fread(bytes, 1, (size_t)size, file) : 0;
    if (bytes)
        bytes[*length] = 0;
    fclose(file);
    return bytes;
}

static status_t model_of(const uint8_t *bytes, size_t length, const char *path, model **created)
{
    graph graph = {0};
    status_t status = length && bytes[0] == '<' ? read_ir((const char *)bytes, path, &graph) : read_onnx(bytes, length, &graph);
    if (status != OK)
        return path[0] ? unreadable(path) : status;
    *created = handle_new(MODEL, sizeof(model));
    (*created)->graph = graph;
    return OK;
}

EXPORT status_t ov_core_read_model(const core *core, const char *path, const char *weights, model **created)
{
    ENTER(ov_core_read_model);
    (void)weights;
    if (!handle_is(core, CORE, "ov_core_read_model") || !path || !created)
        return INVALID_C_PARAM;
    size_t length;
    uint8_t *bytes = read_file(path, &length);
    if (!bytes)
        return error(GENERAL_ERROR,
            "Exception from src/inference/src/cpp/core.cpp:90:\nCheck 'util::directory_exists(path) || util::file_exists(path)' failed "
            "at src/frontends/common/src/frontend.cpp:117:\nFrontEnd API failed with GeneralFailure:\nCould not open the file: \"%s\"\n", path);
    status_t status = model_of(bytes, length, path, created);
    free(bytes);
    return status;
}

#if FAKE_VERSION >= 20232
EXPORT status_t ov_core_read_model_from_memory_buffer(
    const core *core, const char *text, size_t length, const tensor *weights, model **created)
{
    ENTER(ov_core_read_model_from_memory_buffer);
    (void)weights;
    if (!handle_is(core, CORE, "ov_core_read_model_from_memory_buffer") || !text || !length || !created)
        return INVALID_C_PARAM;
    uint8_t *copy = malloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = 0;
    status_t status = model_of(copy, length, "", created);
    free(copy);
    return status;
}
#endif

EXPORT void ov_model_free(model *model) { handle_end(model, MODEL, "ov_model_free"); }

#if FAKE_VERSION >= 20254
/* Takes a shared library whose name says that it is an extension; the real one looks for an export. */
EXPORT status_t ov_core_add_extension(const core *core, const char *path)
{
    ENTER(ov_core_add_extension);
    if (!handle_is(core, CORE, "ov_core_add_extension") || !path)
        return INVALID_C_PARAM;
    size_t length = 0;
    uint8_t *bytes = read_file(path, &length);
    bool library = bytes && length > 4 && memcmp(bytes, "\177ELF", 4) == 0;
    free(bytes);
    if (!library)
        return error(GENERAL_ERROR, "Exception from src/inference/src/cpp/core.cpp:205:\nCannot load library '%s': invalid ELF header", path);
    return strstr(path, "extension") ? OK
        : error(GENERAL_ERROR, "Exception from src/inference/src/cpp/core.cpp:205:\nCannot find entry point to the extension library");
}
#endif

static bool in_list(const char *list, const char *name, size_t length)
{
    while (*list) {
        size_t item = strcspn(list, ", ");
        if (item == length && strncmp(list, name, length) == 0)
            return true;
        list += item;
        list += strspn(list, ", ");
    }
    return false;
}

/* One device, without its list: "GPU.0" is GPU's first. */
static status_t check_device(const char *name, size_t length)
{
    const char *point = memchr(name, '.', length);
    size_t base = point ? (size_t)(point - name) : length;
    if (in_list(devices(), name, length) || in_list(devices(), name, base) || in_list("AUTO,MULTI,HETERO,BATCH", name, base))
        return OK;
    if (in_list("GPU", name, base))
        return error(GENERAL_ERROR,
            "Exception from src/inference/src/cpp/core.cpp:136:\nException from src/inference/src/dev/core_impl.cpp:561:\n"
            "Failed to create plugin libopenvino_intel_gpu_plugin.so for device GPU\nPlease, check your environment\n"
            "Cannot load library 'libopenvino_intel_gpu_plugin.so': libOpenCL.so.1: cannot open shared object file: No such file or directory\n");
    if (in_list("CPU,NPU", name, base))
        return error(GENERAL_ERROR,
            "Exception from src/inference/src/cpp/core.cpp:136:\nFailed to create plugin for device %.*s\nPlease, check your environment\n", (int)base, name);
    return error(GENERAL_ERROR,
        "Exception from src/inference/src/cpp/core.cpp:136:\nDevice with \"%.*s\" name is not registered in the OpenVINO Runtime\n", (int)base, name);
}

static status_t check_device_string(const char *device)
{
    const char *colon = strchr(device, ':');
    status_t status = check_device(device, colon ? (size_t)(colon - device) : strlen(device));
    for (const char *item = colon ? colon + 1 : ""; status == OK && *item;) {
        size_t length = strcspn(item, ",");
        status = check_device(item, strcspn(item, "(,") < length ? strcspn(item, "(,") : length);
        item += item[length] ? length + 1 : length;
    }
    return status;
}

/* As OpenVINO, counts children so that it can be said when a parent went first. */
static compiled_model *new_compiled(core *core, const model *model, const char *device, const char *properties)
{
    compiled_model *compiled = handle_new(COMPILED_MODEL, sizeof *compiled);
    compiled->core = core;
    compiled->graph = model->graph;
    snprintf(compiled->device, sizeof compiled->device, "%s", device);
    snprintf(compiled->properties, sizeof compiled->properties, "%s", properties);
    pthread_mutex_lock(&lock);
    core->children++;
    pthread_mutex_unlock(&lock);
    return compiled;
}

/* GPU and NPU know no threads of the CPU; 2023.2 hands CACHE_DIR on to the devices of a HETERO list, which refuse it. */
static bool device_refuses(const char *device, const char *key)
{
    if (strcmp(key, "INFERENCE_NUM_THREADS") == 0)
        return strncmp(device, "GPU", 3) == 0 || strncmp(device, "NPU", 3) == 0;
    return strcmp(key, "CACHE_DIR") == 0 && FAKE_VERSION < 20240 && strncmp(device, "HETERO", 6) == 0;
}

static status_t check_property(const char *device, const char *key, const char *value)
{
    if (device_refuses(device, key))
        return error(GENERAL_ERROR, "Exception from src/inference/src/cpp/core.cpp:107:\nUnsupported property %s by %s plugin.\n", key, device);
    bool good = true;
    if (strcmp(key, "PERFORMANCE_HINT") == 0)
        good = in_list("LATENCY,THROUGHPUT", value, strlen(value));
    else if (strcmp(key, "INFERENCE_PRECISION_HINT") == 0)
        good = in_list("f32,bf16,f16", value, strlen(value));
    else if (strcmp(key, "INFERENCE_NUM_THREADS") == 0)
        good = atoi(value) > 0;
    else if (strcmp(key, "CACHE_DIR") != 0)
        return error(GENERAL_ERROR, "Exception from src/inference/src/cpp/core.cpp:107:\nUnsupported property %s by CPU plugin.\n", key);
    return good ? OK : error(GENERAL_ERROR, "Exception from src/inference/src/cpp/core.cpp:107:\nUnsupported value %s for property key %s\n", value, key);
}

static status_t compile(
    core *core, const model *model, const char *device, const char *way, const ov_property *properties, size_t count, compiled_model **compiled)
{
    if (!handle_is(core, CORE, way) || !handle_is(model, MODEL, way) || !device || !compiled)
        return INVALID_C_PARAM;
    char text[1024];
    int at = snprintf(text, sizeof text, "%s;%s", way, device);
    status_t status = check_device_string(device);
    for (size_t i = 0; i < count && status == OK; i++) {
        at += snprintf(text + at, sizeof text - (size_t)at, ";%s=%s", properties[i].key, (const char *)properties[i].value);
        status = check_property(device, properties[i].key, properties[i].value);
        if (strcmp(properties[i].key, "CACHE_DIR") == 0) {
            char blob[1024];
            snprintf(blob, sizeof blob, "%s/fake.blob", (const char *)properties[i].value);
            FILE *file = fopen(blob, "w");
            if (file)
                fclose(file);
        }
    }
    record_compilation(text);
    if (status == OK)
        *compiled = new_compiled(core, model, device, text);
    return status;
}

/* The size counts keys and values. */
EXPORT status_t ov_core_compile_model(const core *core, const model *model, const char *device, size_t size, compiled_model **compiled, ...)
{
    ENTER(ov_core_compile_model);
    if (size % 2 != 0 || size > 16)
        return INVALID_C_PARAM;
    ov_property properties[8];
    va_list arguments;
    va_start(arguments, compiled);
    for (size_t i = 0; i < size / 2; i++) {
        properties[i].key = va_arg(arguments, const char *);
        properties[i].value = va_arg(arguments, const char *);
    }
    va_end(arguments);
    return compile((void *)core, model, device, "variadic", properties, size / 2, compiled);
}

#if FAKE_VERSION >= 20264
/* The count is of pairs. */
EXPORT status_t ov_core_compile_model_props(
    const core *core, const model *model, const char *device, size_t count, const ov_property *properties, compiled_model **compiled)
{
    ENTER(ov_core_compile_model_props);
    return compile((void *)core, model, device, "props", properties, count, compiled);
}
#endif

EXPORT status_t ov_core_get_property(const core *core, const char *device, const char *key, char **value)
{
    ENTER(ov_core_get_property);
    if (!handle_is(core, CORE, "ov_core_get_property") || !device || !key || !value)
        return INVALID_C_PARAM;
    if (check_device(device, strlen(device)) != OK)
        return GENERAL_ERROR;
    char text[128];
    if (strcmp(key, "FULL_DEVICE_NAME") == 0)
        snprintf(text, sizeof text, "Fake %s @ 2.00GHz", device);
    else if (strcmp(key, "OPTIMIZATION_CAPABILITIES") == 0)
        strcpy(text, strcmp(device, "CPU") == 0 ? "FP32 INT8 BIN EXPORT_IMPORT" : "FP32 FP16 INT8 EXPORT_IMPORT");
    else
        return error(GENERAL_ERROR, "Exception from src/inference/src/cpp/core.cpp:171:\nUnsupported property %s\n", key);
    *value = string_new(text);
    return OK;
}

EXPORT status_t ov_core_get_available_devices(const core *core, ov_available_devices *list)
{
    ENTER(ov_core_get_available_devices);
    if (!handle_is(core, CORE, "ov_core_get_available_devices"))
        return INVALID_C_PARAM;
    list->size = 0;
    list->devices = handle_new(DEVICES, 16 * sizeof(char *));
    for (const char *item = devices(); *item && list->size < 16;) {
        size_t length = strcspn(item, ", ");
        char *name = handle_new(STRING, length + 1);
        memcpy(name, item, length);
        list->devices[list->size++] = name;
        item += length;
        item += strspn(item, ", ");
    }
    return OK;
}

EXPORT void ov_available_devices_free(ov_available_devices *list)
{
    if (!handle_is(list->devices, DEVICES, "ov_available_devices_free"))
        return;
    for (size_t i = 0; i < list->size; i++)
        handle_end(list->devices[i], STRING, "ov_available_devices_free");
    handle_end(list->devices, DEVICES, "ov_available_devices_free");
    list->devices = NULL;
    list->size = 0;
}

/* ---- ov_compiled_model.h ---- */

EXPORT status_t ov_compiled_model_inputs_size(const compiled_model *compiled, size_t *size)
{
    ENTER(ov_compiled_model_inputs_size);
    if (!handle_is(compiled, COMPILED_MODEL, "ov_compiled_model_inputs_size"))
        return INVALID_C_PARAM;
    *size = (size_t)compiled->graph.inputs;
    return OK;
}

EXPORT status_t ov_compiled_model_outputs_size(const compiled_model *compiled, size_t *size)
{
    ENTER(ov_compiled_model_outputs_size);
    if (!handle_is(compiled, COMPILED_MODEL, "ov_compiled_model_outputs_size"))
        return INVALID_C_PARAM;
    *size = (size_t)compiled->graph.outputs;
    return OK;
}

static status_t new_port(const compiled_model *compiled, bool input, size_t index, port **created, const char *call)
{
    if (!handle_is(compiled, COMPILED_MODEL, call) || !created)
        return INVALID_C_PARAM;
    if (index >= (size_t)(input ? compiled->graph.inputs : compiled->graph.outputs))
        return error(GENERAL_ERROR, "Port for index %zu was not found.", index);
    *created = handle_new(PORT, sizeof(port));
    (*created)->info = (input ? compiled->graph.input : compiled->graph.output)[index];
    return OK;
}

EXPORT status_t ov_compiled_model_input_by_index(const compiled_model *compiled, size_t index, port **created)
{
    ENTER(ov_compiled_model_input_by_index);
    return new_port(compiled, true, index, created, "ov_compiled_model_input_by_index");
}

EXPORT status_t ov_compiled_model_output_by_index(const compiled_model *compiled, size_t index, port **created)
{
    ENTER(ov_compiled_model_output_by_index);
    return new_port(compiled, false, index, created, "ov_compiled_model_output_by_index");
}

EXPORT status_t ov_compiled_model_get_property(const compiled_model *compiled, const char *key, char **value)
{
    ENTER(ov_compiled_model_get_property);
    if (!handle_is(compiled, COMPILED_MODEL, "ov_compiled_model_get_property") || !key || !value)
        return INVALID_C_PARAM;
    char text[128];
    if (strcmp(key, "OPTIMAL_NUMBER_OF_INFER_REQUESTS") == 0)
        snprintf(text, sizeof text, "%s", strstr(compiled->properties, "=LATENCY") ? "1"
            : setting("FAKE_OPENVINO_REQUESTS") ? setting("FAKE_OPENVINO_REQUESTS") : "4");
    else if (strcmp(key, "EXECUTION_DEVICES") == 0) {
        const char *colon = strchr(compiled->device, ':');
        snprintf(text, sizeof text, "%s", colon ? colon + 1 : strcmp(compiled->device, "AUTO") == 0 ? "CPU" : compiled->device);
        for (char *comma = strchr(text, ','); comma; comma = strchr(comma, ','))
            *comma = ' ';
    }
    else
        return error(GENERAL_ERROR, "Exception from src/inference/src/cpp/compiled_model.cpp:134:\nUnsupported property %s\n", key);
    *value = string_new(text);
    return OK;
}

EXPORT void ov_compiled_model_free(compiled_model *compiled)
{
    if (!handle_is(compiled, COMPILED_MODEL, "ov_compiled_model_free"))
        return;
    if (compiled->children)
        violation("ov_compiled_model_free: %d requests are still there", compiled->children);
    pthread_mutex_lock(&lock);
    compiled->core->children--;
    pthread_mutex_unlock(&lock);
    handle_end(compiled, COMPILED_MODEL, "ov_compiled_model_free");
}

/* ---- ov_node.h, ov_partial_shape.h ---- */

EXPORT status_t ov_port_get_element_type(const port *port, int *number)
{
    ENTER(ov_port_get_element_type);
    if (!handle_is(port, PORT, "ov_port_get_element_type"))
        return INVALID_C_PARAM;
    *number = type_number(port->info.type);
    return OK;
}

EXPORT status_t ov_port_get_partial_shape(const port *port, ov_partial_shape *shape)
{
    ENTER(ov_port_get_partial_shape);
    if (!handle_is(port, PORT, "ov_port_get_partial_shape"))
        return INVALID_C_PARAM;
    int rank = port->info.rank;
    shape->dims = NULL;
    shape->rank = rank == DYNAMIC_RANK ? (ov_dimension){0, -1} : (ov_dimension){rank, rank};
    if (rank == DYNAMIC_RANK)
        return OK;
    shape->dims = handle_new(PARTIAL_SHAPE, (size_t)rank * sizeof(ov_dimension));
    for (int i = 0; i < rank; i++)
        shape->dims[i] = port->info.dims[i] < 0 ? (ov_dimension){0, -1} : (ov_dimension){port->info.dims[i], port->info.dims[i]};
    return OK;
}

EXPORT void ov_partial_shape_free(ov_partial_shape *shape)
{
    if (shape->dims)
        handle_end(shape->dims, PARTIAL_SHAPE, "ov_partial_shape_free");
    shape->dims = NULL;
}

EXPORT void ov_output_const_port_free(port *port) { handle_end(port, PORT, "ov_output_const_port_free"); }
