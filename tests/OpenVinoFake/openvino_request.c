/* The exported functions of ov_tensor.h, ov_shape.h and ov_infer_request.h; the others, and what this is, are in openvino_c.c. */
#include "fake.h"

#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards references to tensors and the compiled model's children */

/* ---- ov_tensor.h, ov_shape.h ---- */

static tensor_data *new_data(type type, int rank, const int64_t *dims)
{
    tensor_data *data = calloc(1, sizeof *data);
    data->references = 1;
    data->type = type;
    tensor_resize(data, rank, dims);
    return data;
}

static void release_data(tensor_data *data)
{
    pthread_mutex_lock(&lock);
    bool last = --data->references == 0;
    pthread_mutex_unlock(&lock);
    if (!last)
        return;
    free(data->data);
    free(data->other);
    free(data);
}

static tensor *new_tensor(tensor_data *data)
{
    tensor *created = handle_new(TENSOR, sizeof *created);
    created->data = data;
    return created;
}

EXPORT status_t ov_tensor_create(int number, ov_shape shape, tensor **created)
{
    ENTER(ov_tensor_create);
    type type = type_of_number(number);
    if (type == NO_TYPE || shape.rank < 0 || shape.rank > MAX_RANK || !created)
        return INVALID_C_PARAM;
    *created = new_tensor(new_data(type, (int)shape.rank, shape.dims));
    return OK;
}

EXPORT status_t ov_tensor_get_byte_size(const tensor *tensor, size_t *size)
{
    ENTER(ov_tensor_get_byte_size);
    if (!handle_is(tensor, TENSOR, "ov_tensor_get_byte_size"))
        return INVALID_C_PARAM;
    *size = bytes_of(tensor->data->type, tensor->data->rank, tensor->data->dims);
    return OK;
}

EXPORT status_t ov_tensor_set_shape(tensor *tensor, ov_shape shape)
{
    ENTER(ov_tensor_set_shape);
    if (!handle_is(tensor, TENSOR, "ov_tensor_set_shape") || shape.rank < 0 || shape.rank > MAX_RANK)
        return INVALID_C_PARAM;
    tensor_resize(tensor->data, (int)shape.rank, shape.dims);
    return OK;
}

/* A scalar gets no dimensions, and its shape is not written at all, as in OpenVINO. */
EXPORT status_t ov_tensor_get_shape(const tensor *tensor, ov_shape *shape)
{
    ENTER(ov_tensor_get_shape);
    if (!handle_is(tensor, TENSOR, "ov_tensor_get_shape"))
        return INVALID_C_PARAM;
    const tensor_data *data = tensor->data;
    if (data->rank == 0)
        return OK;
    shape->rank = data->rank;
    shape->dims = handle_new(SHAPE, (size_t)data->rank * sizeof(int64_t));
    memcpy(shape->dims, data->dims, (size_t)data->rank * sizeof(int64_t));
    return OK;
}

EXPORT status_t ov_shape_free(ov_shape *shape)
{
    if (shape->dims)
        handle_end(shape->dims, SHAPE, "ov_shape_free");
    shape->dims = NULL;
    shape->rank = 0;
    ENTER(ov_shape_free);
    return OK;
}

EXPORT status_t ov_tensor_data(const tensor *tensor, void **address)
{
    ENTER(ov_tensor_data);
    if (!handle_is(tensor, TENSOR, "ov_tensor_data"))
        return INVALID_C_PARAM;
    *address = tensor->data->data;
    return OK;
}

EXPORT void ov_tensor_free(tensor *tensor)
{
    tensor_data *data = handle_is(tensor, TENSOR, "ov_tensor_free") ? tensor->data : NULL;
    if (data && handle_end(tensor, TENSOR, "ov_tensor_free"))
        release_data(data);
}

/* ---- ov_infer_request.h ---- */

/* A tensor whose shape is dynamic is empty until it is given one. */
static tensor_data *data_of(const port_info *info)
{
    int64_t dims[MAX_RANK];
    for (int i = 0; i < info->rank; i++)
        dims[i] = info->dims[i] < 0 ? 0 : info->dims[i];
    return new_data(info->type, info->rank == DYNAMIC_RANK ? 0 : info->rank, dims);
}

EXPORT status_t ov_compiled_model_create_infer_request(compiled_model *compiled, infer_request **created)
{
    ENTER(ov_compiled_model_create_infer_request);
    if (!handle_is(compiled, COMPILED_MODEL, "ov_compiled_model_create_infer_request") || !created)
        return INVALID_C_PARAM;
    infer_request *request = *created = handle_new(INFER_REQUEST, sizeof *request);
    request->compiled = compiled;
    request->graph = compiled->graph;
    for (int i = 0; i < request->graph.inputs; i++)
        request->input[i] = data_of(&request->graph.input[i]);
    for (int i = 0; i < request->graph.outputs; i++)
        request->output[i] = data_of(&request->graph.output[i]);
    pthread_mutex_lock(&lock);
    compiled->children++;
    pthread_mutex_unlock(&lock);
    return OK;
}

static status_t tensor_of(infer_request *request, bool input, size_t index, tensor **created, const char *call)
{
    if (!handle_is(request, INFER_REQUEST, call) || !created)
        return INVALID_C_PARAM;
    if (inference_is_busy(request))
        return error(REQUEST_BUSY, "Infer Request is busy");
    if (index >= (size_t)(input ? request->graph.inputs : request->graph.outputs))
        return error(GENERAL_ERROR, "Input port for index %zu was not found!", index);
    tensor_data *data = (input ? request->input : request->output)[index];
    pthread_mutex_lock(&lock);
    data->references++;
    pthread_mutex_unlock(&lock);
    *created = new_tensor(data);
    return OK;
}

EXPORT status_t ov_infer_request_get_input_tensor_by_index(infer_request *request, size_t index, tensor **created)
{
    ENTER(ov_infer_request_get_input_tensor_by_index);
    return tensor_of(request, true, index, created, "ov_infer_request_get_input_tensor_by_index");
}

EXPORT status_t ov_infer_request_get_output_tensor_by_index(infer_request *request, size_t index, tensor **created)
{
    ENTER(ov_infer_request_get_output_tensor_by_index);
    return tensor_of(request, false, index, created, "ov_infer_request_get_output_tensor_by_index");
}

/* Keeps the pointer that it is given, as the sources of 2025 do, although the structure is said to be copied. */
EXPORT status_t ov_infer_request_set_callback(infer_request *request, const ov_callback *callback)
{
    ENTER(ov_infer_request_set_callback);
    if (!handle_is(request, INFER_REQUEST, "ov_infer_request_set_callback") || !callback)
        return INVALID_C_PARAM;
    if (inference_is_busy(request))
        return error(REQUEST_BUSY, "Infer Request is busy");
    request->callback = callback;
    return OK;
}

EXPORT status_t ov_infer_request_start_async(infer_request *request)
{
    ENTER(ov_infer_request_start_async);
    return handle_is(request, INFER_REQUEST, "ov_infer_request_start_async") ? inference_start(request) : INVALID_C_PARAM;
}

/* Told to fail, it waits all the same, as for an inference that failed. */
EXPORT status_t ov_infer_request_wait(infer_request *request)
{
    if (!handle_is(request, INFER_REQUEST, "ov_infer_request_wait"))
        return INVALID_C_PARAM;
    status_t status = inference_wait(request);
    ENTER(ov_infer_request_wait);
    return status;
}

EXPORT status_t ov_infer_request_cancel(infer_request *request)
{
    ENTER(ov_infer_request_cancel);
    if (!handle_is(request, INFER_REQUEST, "ov_infer_request_cancel"))
        return INVALID_C_PARAM;
    inference_cancel(request);
    return OK;
}

EXPORT void ov_infer_request_free(infer_request *request)
{
    if (!handle_is(request, INFER_REQUEST, "ov_infer_request_free"))
        return;
    inference_end(request);
    for (int i = 0; i < request->graph.inputs; i++)
        release_data(request->input[i]);
    for (int i = 0; i < request->graph.outputs; i++)
        release_data(request->output[i]);
    pthread_mutex_lock(&lock);
    request->compiled->children--;
    pthread_mutex_unlock(&lock);
    handle_end(request, INFER_REQUEST, "ov_infer_request_free");
}
