/* What a model's inputs and outputs are: read from an IR with the least that does it, and from the wire format of ONNX. */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

status_t unreadable(const char *path)
{
    return error(GENERAL_ERROR,
        "Exception from src/inference/src/cpp/core.cpp:90:\nException from src/inference/src/model_reader.cpp:154:\n"
        "Unable to read the model: %s Please check that model format: %s is supported and the model is correct. "
        "Available frontends: ir onnx \n", path, strrchr(path, '.') ? strrchr(path, '.') + 1 : "");
}

/* ---- IR ---- */

#define MAX_LAYERS 4096
#define MAX_LAYER_PORTS 4

typedef struct { int id; port_info info; } layer_port;
typedef struct {
    int id;
    char name[128];
    bool is_parameter, is_result;
    int ports;
    layer_port port[MAX_LAYER_PORTS];
} layer;
typedef struct { const char *start, *end; } tag;

static bool attribute(tag tag, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (const char *at = tag.start; at + length + 2 < tag.end; at++) {
        if (at[0] != ' ' || strncmp(at + 1, name, length) != 0 || at[length + 1] != '=')
            continue;
        char quote = at[length + 2];
        const char *from = at + length + 3, *to = memchr(from, quote, (size_t)(tag.end - from));
        if (!to)
            return false;
        snprintf(value, size, "%.*s", (int)(to - from), from);
        return true;
    }
    return false;
}

static int number_of(tag tag, const char *name)
{
    char value[32];
    return attribute(tag, name, value, sizeof value) ? atoi(value) : -1;
}

static bool is(tag tag, const char *name)
{
    size_t length = strlen(name);
    return strncmp(tag.start, name, length) == 0 && strchr(" \t\r\n/>", tag.start[length]);
}

static void add_port(layer *layer, tag tag)
{
    if (layer->ports == MAX_LAYER_PORTS)
        return;
    layer_port *port = &layer->port[layer->ports++];
    char precision[16] = "";
    memset(port, 0, sizeof *port);
    port->id = number_of(tag, "id");
    attribute(tag, "precision", precision, sizeof precision);
    port->info.type = type_of_name(precision);
    if (!attribute(tag, "names", port->info.name, sizeof port->info.name))
        snprintf(port->info.name, sizeof port->info.name, "%s", layer->name);
    char *comma = strchr(port->info.name, ',');
    if (comma)
        *comma = 0;
}

static const port_info *feeding(const layer *layers, int count, int id, int port)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; layers[i].id == id && j < layers[i].ports; j++)
            if (layers[i].port[j].id == port)
                return &layers[i].port[j].info;
    return NULL;
}

typedef struct { layer *layers; int count, depth; bool in_output; } scan;

/* Layers and edges of bodies inside a layer are none of the model's own. */
static void take(scan *scan, tag tag)
{
    layer *layer = scan->count ? &scan->layers[scan->count - 1] : NULL;
    char type[64] = "";
    if (is(tag, "layers"))
        scan->depth++;
    else if (is(tag, "/layers"))
        scan->depth--;
    else if (is(tag, "layer") && scan->depth == 1 && scan->count < MAX_LAYERS) {
        layer = &scan->layers[scan->count++];
        layer->id = number_of(tag, "id");
        attribute(tag, "name", layer->name, sizeof layer->name);
        attribute(tag, "type", type, sizeof type);
        layer->is_parameter = strcmp(type, "Parameter") == 0;
        layer->is_result = strcmp(type, "Result") == 0;
    }
    else if (is(tag, "output") && scan->depth == 1)
        scan->in_output = true;
    else if (is(tag, "/output"))
        scan->in_output = false;
    else if (is(tag, "port") && scan->depth == 1 && scan->in_output && layer)
        add_port(layer, tag);
    else if (is(tag, "dim") && scan->depth == 1 && scan->in_output && layer && layer->ports) {
        port_info *info = &layer->port[layer->ports - 1].info;
        if (info->rank < MAX_RANK)
            info->dims[info->rank++] = atoll(tag.end + 1);
    }
    else if (is(tag, "edge") && scan->depth == 0) {
        const port_info *info = feeding(scan->layers, scan->count, number_of(tag, "from-layer"), number_of(tag, "from-port"));
        int to = number_of(tag, "to-layer");
        for (int i = 0; info && i < scan->count; i++)
            if (scan->layers[i].id == to && scan->layers[i].is_result) {
                scan->layers[i].ports = 1;
                scan->layers[i].port[0].info = *info;
            }
    }
}

/* IR v10 keeps the promise of the versions before it: halves are fed as floats, and given are i32 or f32. */
static type v10_type(type declared, bool input)
{
    if (input)
        return declared == F16 ? F32 : declared;
    return declared == I64 || declared == U64 || declared == I32 || declared == U32 ? I32 : F32;
}

status_t read_ir(const char *text, const char *path, graph *graph)
{
    scan scan = {.layers = calloc(MAX_LAYERS, sizeof(layer))};
    int version = -1;
    for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<')) {
        const char *end = strchr(at, '>');
        if (!end)
            break;
        tag tag = {at + 1, end};
        if (is(tag, "net"))
            version = number_of(tag, "version");
        take(&scan, tag);
    }
    bool whole = version >= 10;
    for (int i = 0; i < scan.count; i++) {
        layer *layer = &scan.layers[i];
        if (!layer->is_parameter && !layer->is_result)
            continue;
        int *count = layer->is_parameter ? &graph->inputs : &graph->outputs;
        if (layer->ports == 0 || *count == MAX_PORTS) {
            whole = false;
            continue;
        }
        port_info *info = &(layer->is_parameter ? graph->input : graph->output)[(*count)++];
        *info = layer->port[0].info;
        if (version == 10 && !setting("FAKE_OPENVINO_V10_AS_DECLARED"))
            info->type = v10_type(info->type, layer->is_parameter);
    }
    free(scan.layers);
    return whole && graph->outputs ? OK : unreadable(path);
}

/* ---- ONNX ---- */

typedef struct { const uint8_t *at, *end; bool bad; } reader;
typedef struct { int field; uint64_t value; reader content; } field;

static uint64_t varint(reader *reader)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (reader->at == reader->end)
            break;
        uint8_t byte = *reader->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return value;
    }
    reader->bad = true;
    return 0;
}

static bool next_field(reader *reader, field *field)
{
    if (reader->bad || reader->at == reader->end)
        return false;
    uint64_t key = varint(reader);
    field->field = (int)(key >> 3);
    field->value = 0;
    uint64_t length = 0;
    switch (key & 7) {
    case 0: field->value = varint(reader); return !reader->bad;
    case 1: length = 8; break;
    case 2: length = varint(reader); break;
    case 5: length = 4; break;
    default: reader->bad = true; return false;
    }
    if (reader->bad || length > (uint64_t)(reader->end - reader->at)) {
        reader->bad = true;
        return false;
    }
    field->content.at = reader->at;
    field->content.end = reader->at + length;
    field->content.bad = false;
    reader->at += length;
    return true;
}

static void copy_text(char *target, size_t size, reader text)
{
    snprintf(target, size, "%.*s", (int)(text.end - text.at), (const char *)text.at);
}

/* ModelProto.graph is 7; GraphProto.initializer 5, input 11, output 12. */
static bool read_shape(reader shape, port_info *info)
{
    field dim;
    info->rank = 0;
    while (next_field(&shape, &dim)) {
        if (dim.field != 1 || info->rank == MAX_RANK)
            continue;
        field value;
        info->dims[info->rank] = -1;
        while (next_field(&dim.content, &value))
            if (value.field == 1)
                info->dims[info->rank] = (int64_t)value.value;
        info->rank++;
    }
    return !shape.bad;
}

/* ValueInfoProto: name 1, type 2; TypeProto: tensor_type 1; TypeProto.Tensor: elem_type 1, shape 2. */
static bool read_value(reader value, port_info *info)
{
    field f, g, h;
    bool good = true;
    info->rank = DYNAMIC_RANK;
    while (next_field(&value, &f)) {
        if (f.field == 1)
            copy_text(info->name, sizeof info->name, f.content);
        while (f.field == 2 && next_field(&f.content, &g))
            while (g.field == 1 && next_field(&g.content, &h)) {
                if (h.field == 1)
                    info->type = type_of_onnx((int64_t)h.value);
                else if (h.field == 2)
                    good &= read_shape(h.content, info);
            }
    }
    return good && !value.bad && info->type != NO_TYPE;
}

static bool is_initializer(reader graph, const char *name)
{
    field f, g;
    char initializer[128];
    while (next_field(&graph, &f))
        while (f.field == 5 && next_field(&f.content, &g))
            if (g.field == 8) {
                copy_text(initializer, sizeof initializer, g.content);
                if (strcmp(initializer, name) == 0)
                    return true;
            }
    return false;
}

static bool read_graph(reader content, graph *graph)
{
    reader all = content;
    field f;
    while (next_field(&content, &f)) {
        if (f.field != 11 && f.field != 12)
            continue;
        port_info info = {0};
        int *count = f.field == 11 ? &graph->inputs : &graph->outputs;
        if (!read_value(f.content, &info) || *count == MAX_PORTS)
            return false;
        if (f.field == 12 || !is_initializer(all, info.name))
            (f.field == 11 ? graph->input : graph->output)[(*count)++] = info;
    }
    return !content.bad && graph->outputs > 0;
}

status_t read_onnx(const uint8_t *bytes, size_t length, graph *graph)
{
    reader reader = {bytes, bytes + length, false};
    field f;
    bool whole = false;
    while (next_field(&reader, &f))
        if (f.field == 7)
            whole = read_graph(f.content, graph);
    return whole && !reader.bad ? OK : unreadable("");
}
