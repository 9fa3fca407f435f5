// One copy of a kernel for each level of the instruction set, chosen when the addon is loaded, so that a build moved to another
// machine still runs.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_X86_LEVEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_X86_LEVEL
#endif
