#pragma once

/// Makes the allocator give blocks of 128 KiB and more back to the system as soon as they are freed.
/// Left alone it begins to keep such blocks after the first few, which costs memory where large
/// blocks come one at a time. Holds for the rest of the process.
void allocation_return_large_blocks(void);
