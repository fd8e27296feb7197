/* SPDX-License-Identifier: MIT */
#include "harness/prepare.h"

#include <openssl/crypto.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/bind_harness.h"
#include "lua/engine.h"
#include "sim/modem/curl_loader.h"
#include "sim/modem/package.h"

static struct engine *prepared;

struct engine *prepare_engine(void)
{
    if (!prepared) {
        prepared = engine_prepare();
        bind_harness(prepared);
    }
    return prepared;
}

void prepare_for_many(void)
{
    uint8_t digest[PACKAGE_DIGEST_SIZE];
    const char *error;

    /* First of all: whoever uses it before would have each process clear it up in the end. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    package_digest("", 0, digest); /* it sets itself up at its first digest */
    curl_api_get(&error);          /* who needs it asks again, and is told why it is not there */
    prepare_engine();
}
