/* Element types, numbered as the release that is played numbers them. */
#include "fake.h"

#include <string.h>

#if FAKE_VERSION < 20240
/* u2, u3 and u6 did not exist; 0 is undefined, 1 is dynamic. */
static const type by_number[] = {
    NO_TYPE, NO_TYPE, BOOLEAN, BF16, F16, F32, F64, I4, I8, I16, I32, I64, U1, U4, U8, U16, U32, U64, NF4, F8E4M3, F8E5M2,
};
#elif FAKE_VERSION < 20251
static const type by_number[] = {
    NO_TYPE, NO_TYPE, BOOLEAN, BF16, F16, F32, F64, I4, I8, I16, I32, I64, U1, U2, U3, U4, U6, U8, U16, U32, U64,
    NF4, F8E4M3, F8E5M2, STRING_TYPE, F4E2M1, F8E8M0,
};
#else
/* undefined is gone: 0 is dynamic. */
static const type by_number[] = {
    NO_TYPE, BOOLEAN, BF16, F16, F32, F64, I4, I8, I16, I32, I64, U1, U2, U3, U4, U6, U8, U16, U32, U64,
    NF4, F8E4M3, F8E5M2, STRING_TYPE, F4E2M1, F8E8M0,
};
#endif

static const int bits[TYPES] = {
    0, 8, 16, 16, 32, 64, 4, 8, 16, 32, 64, 1, 2, 3, 4, 6, 8, 16, 32, 64, 4, 8, 8, 256, 4, 8,
};

int type_number(type type)
{
    for (int i = 0; i < (int)(sizeof by_number / sizeof *by_number); i++)
        if (by_number[i] == type)
            return i;
    return 0;
}

type type_of_number(int number)
{
    return number >= 0 && number < (int)(sizeof by_number / sizeof *by_number) ? by_number[number] : NO_TYPE;
}

/* Names as an IR has them: of ports (FP32) and of attributes (f32). */
type type_of_name(const char *name)
{
    static const struct { const char *name; type type; } names[] = {
        {"FP32", F32}, {"f32", F32}, {"FP16", F16}, {"f16", F16}, {"FP64", F64}, {"f64", F64}, {"BF16", BF16}, {"bf16", BF16},
        {"I8", I8}, {"i8", I8}, {"I16", I16}, {"i16", I16}, {"I32", I32}, {"i32", I32}, {"I64", I64}, {"i64", I64},
        {"U8", U8}, {"u8", U8}, {"U16", U16}, {"u16", U16}, {"U32", U32}, {"u32", U32}, {"U64", U64}, {"u64", U64},
        {"BOOL", BOOLEAN}, {"boolean", BOOLEAN},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].type;
    return NO_TYPE;
}

type type_of_onnx(int64_t number)
{
    static const type types[] = {NO_TYPE, F32, U8, I8, U16, I16, I32, I64, STRING_TYPE, BOOLEAN, F16, F64, U32, U64, NO_TYPE, NO_TYPE, BF16};
    return number >= 0 && number < (int64_t)(sizeof types / sizeof *types) ? types[number] : NO_TYPE;
}

int type_bits(type type) { return bits[type]; }

size_t bytes_of(type type, int rank, const int64_t *dims)
{
    size_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= (size_t)dims[i];

    /* Types of 3 and 6 bits come in groups of 3 bytes. */
    if (type == U3 || type == U6)
        return (count * (size_t)bits[type] + 23) / 24 * 3;
    return (count * (size_t)bits[type] + 7) / 8;
}
