// Counts the allocations of the calling thread, for tests that promise none.
#pragma once
#include <stdbool.h>

// Whether this build counts: not where a sanitizer has its own allocator.
bool allocations_are_counted(void);
// Allocations that this thread has made so far.
long allocations_of_this_thread(void);
