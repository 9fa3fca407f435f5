// Products of many rows with many inputs, on several threads.
#pragma once
#include <napi.h>

namespace modx {

// project(rows [n, width], width, inputs [t, width], threads) -> promise of [t, n] f32
Napi::Value project(const Napi::CallbackInfo & info);

} // namespace modx
