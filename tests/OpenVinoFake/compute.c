/*
 * What stands in for a neural network. Everything is 64-bit unsigned arithmetic that wraps; words are little-endian.
 *
 *   mix(z):    z ^= z >> 30; z *= 0xBF58476D1CE4E5B9; z ^= z >> 27; z *= 0x94D049BB133111EB; z ^= z >> 31
 *   digest:    h = 0x9E3779B97F4A7C15; for each input: h = mix(h ^ its length in bytes), then for each 8 bytes of it (the
 *              last ones filled up with zeros) h = (h ^ word) * 0x100000001B3, then h = mix(h)
 *   r(k, j):   mix(h + k * 0xD1B54A32D192ED03 + j * 0x9E3779B97F4A7C15), a number for element j of output k
 *   u(r):      (r >> 40) / 2^24, which is in 0..1
 *
 * Element j of output k, by type: f32 and f64 u(r); f16 (r >> 54) / 1024; i16, i32, i64 (r >> 40) % 1000; i8, u8 r >> 57;
 * boolean r >> 63; of others every byte r >> 57.
 *
 * An f32 output of shape [1,1,N,7] has rows of an SSD instead: d = 1 + (h >> 8) % min(3, N - 1) of them (1 where N is 1),
 * then one whose first number is -1, where there is room, then zeros. Row i, with u0..u5 = u(r(k, 8 i .. 8 i + 5)):
 *   0, 1 + floor(20 u0), 0.3 + 0.7 u1 (0.6 + 0.4 u1 in row 0), 0.5 u2, 0.5 u3, 0.5 u2 + 0.05 + 0.4 u4, 0.5 u3 + 0.05 + 0.4 u5
 * computed in f64 from left to right and then rounded.
 *
 * A dynamic dimension of an output is that of the first input on the same axis, or 1 where it has no such axis; N is d + 1
 * (with min(3, N - 1) = 3), so that it depends on the content. An output of unknown rank has the first input's shape.
 *
 * FakeOpenVino.Expected has the same in C#.
 */
#include "fake.h"

#include <stdlib.h>
#include <string.h>

#define PRIME 0x100000001B3u
#define GOLDEN 0x9E3779B97F4A7C15u

static uint64_t mix(uint64_t z)
{
    z ^= z >> 30;
    z *= 0xBF58476D1CE4E5B9u;
    z ^= z >> 27;
    z *= 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t digest(const infer_request *request)
{
    uint64_t h = GOLDEN;
    for (int i = 0; i < request->graph.inputs; i++) {
        const tensor_data *input = request->input[i];
        size_t length = bytes_of(input->type, input->rank, input->dims);
        const uint8_t *bytes = input->data;
        h = mix(h ^ length);
        for (size_t at = 0; at < length; at += 8) {
            uint64_t word = 0;
            memcpy(&word, bytes + at, length - at < 8 ? length - at : 8);
            h = (h ^ word) * PRIME;
        }
        h = mix(h);
    }
    return h;
}

static uint64_t number(uint64_t h, int output, uint64_t element)
{
    return mix(h + (uint64_t)output * 0xD1B54A32D192ED03u + element * GOLDEN);
}

static double unit(uint64_t r) { return (double)(r >> 40) / 16777216.0; }

/* An IEEE half of n / 1024, n < 1024: exact. */
static uint16_t half(uint32_t n)
{
    if (n == 0)
        return 0;
    int top = 31 - __builtin_clz(n);
    return (uint16_t)(((top + 5) << 10) | ((n << (10 - top)) & 0x3FF));
}

static bool is_detection(const port_info *info)
{
    return info->type == F32 && info->rank == 4 && info->dims[0] == 1 && info->dims[1] == 1 && info->dims[3] == 7;
}

static int64_t detections(uint64_t h, int64_t rows)
{
    if (rows == 1)
        return 1;
    int64_t most = rows < 0 || rows > 4 ? 3 : rows - 1;
    return 1 + (int64_t)((h >> 8) % (uint64_t)most);
}

static void write_detections(uint64_t h, int output, tensor_data *data, int64_t declared_rows)
{
    float *rows = data->data;
    memset(rows, 0, bytes_of(data->type, data->rank, data->dims));
    int64_t count = detections(h, declared_rows);
    for (int64_t i = 0; i < count; i++) {
        double u[6];
        for (int j = 0; j < 6; j++)
            u[j] = unit(number(h, output, (uint64_t)(8 * i + j)));
        float *row = rows + 7 * i;
        row[1] = (float)(1 + (int)(20 * u[0]));
        row[2] = (float)(i == 0 ? 0.6 + 0.4 * u[1] : 0.3 + 0.7 * u[1]);
        row[3] = (float)(0.5 * u[2]);
        row[4] = (float)(0.5 * u[3]);
        row[5] = (float)(0.5 * u[2] + 0.05 + 0.4 * u[4]);
        row[6] = (float)(0.5 * u[3] + 0.05 + 0.4 * u[5]);
    }
    if (count < data->dims[2])
        rows[7 * count] = -1;
}

static void write_element(tensor_data *data, uint64_t j, uint64_t r)
{
    switch (data->type) {
    case F32: ((float *)data->data)[j] = (float)unit(r); break;
    case F64: ((double *)data->data)[j] = unit(r); break;
    case F16: ((uint16_t *)data->data)[j] = half((uint32_t)(r >> 54)); break;
    case I16: ((int16_t *)data->data)[j] = (int16_t)((r >> 40) % 1000); break;
    case I32: ((int32_t *)data->data)[j] = (int32_t)((r >> 40) % 1000); break;
    case I64: ((int64_t *)data->data)[j] = (int64_t)((r >> 40) % 1000); break;
    case BOOLEAN: ((uint8_t *)data->data)[j] = (uint8_t)(r >> 63); break;
    default: ((uint8_t *)data->data)[j] = (uint8_t)(r >> 57); break;
    }
}

void tensor_resize(tensor_data *data, int rank, const int64_t *dims)
{
    size_t bytes = bytes_of(data->type, rank, dims);
    if (bytes > data->capacity) {
        free(data->data);
        data->data = aligned_alloc(64, (bytes + 63) / 64 * 64);
        data->capacity = bytes;
    }
    data->rank = rank;
    memcpy(data->dims, dims, (size_t)rank * sizeof *dims);
}

/* A dynamic output lies elsewhere after each inference, and where it lay there is nothing to be read. */
static void move_dynamic_output(tensor_data *data, int rank, const int64_t *dims)
{
    if (data->data)
        memset(data->data, 0xDD, data->capacity);
    void *previous = data->data;
    size_t previous_capacity = data->capacity;
    data->data = data->other;
    data->capacity = data->other_capacity;
    data->other = previous;
    data->other_capacity = previous_capacity;
    tensor_resize(data, rank, dims);
}

static bool is_dynamic(const port_info *info)
{
    for (int i = 0; i < info->rank; i++)
        if (info->dims[i] < 0)
            return true;
    return info->rank == DYNAMIC_RANK;
}

void compute(infer_request *request)
{
    uint64_t h = digest(request);
    const tensor_data *first = request->input[0];
    for (int k = 0; k < request->graph.outputs; k++) {
        const port_info *info = &request->graph.output[k];
        tensor_data *data = request->output[k];
        if (is_dynamic(info)) {
            int rank = info->rank == DYNAMIC_RANK ? first->rank : info->rank;
            int64_t dims[MAX_RANK];
            for (int axis = 0; axis < rank; axis++) {
                int64_t of_input = request->graph.inputs && axis < first->rank ? first->dims[axis] : 1;
                dims[axis] = info->rank == DYNAMIC_RANK || info->dims[axis] < 0 ? of_input : info->dims[axis];
            }
            if (is_detection(info))
                dims[2] = detections(h, -1) + 1;
            move_dynamic_output(data, rank, dims);
        }
        if (is_detection(info)) {
            write_detections(h, k, data, info->dims[2]);
            continue;
        }
        size_t count = bytes_of(data->type, data->rank, data->dims) * 8 / (size_t)type_bits(data->type);
        for (size_t j = 0; j < count; j++)
            write_element(data, j, number(h, k, j));
    }
}
