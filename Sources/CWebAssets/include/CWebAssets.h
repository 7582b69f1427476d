#pragma once
#include <stddef.h>

/// The scripts, styles and words of the report pages, compiled in.
///
/// Returns the bytes of the file `web/<name>` and their count, or NULL for a name that is not
/// there. The bytes live as long as the process and are not terminated by a zero.
const char *_Nullable vtWebAsset(const char *_Nonnull name, size_t *_Nonnull count);
