// Orders as JSON: {"id": "o-1", "amount": 250}.
#ifndef ORDER_H
#define ORDER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const char *id;  // in the JSON, not NUL-terminated
    size_t id_length;
    int64_t amount;
} order;

// Reads an order; returns NULL, or what is wrong with it.
const char *order_parse(const char *json, size_t length, order *order);

#ifdef __cplusplus
}
#endif

#endif
