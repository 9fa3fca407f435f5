// A whole dictionary of features at one tap, of which a token activates few: only those are returned.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "screen.h"

namespace modx {

// Features that are active in some tokens, one token after another.
struct Active {
    std::vector<uint32_t> starts{0}; // [tokens + 1]
    std::vector<uint32_t> features;
    std::vector<float> values;
};

class FeatureRows {
  public:
    // encoder [features, width] f32 raw residual scale, bias [features], thresholds [features] or, with `top_k` above 0, ignored
    FeatureRows(uint32_t tap, const float * encoder, const float * bias, const float * thresholds, size_t features, size_t width, size_t top_k);

    uint32_t tap;
    size_t count() const { return bias.size(); }

    // Appends the active features of `tokens` residuals [tokens, width]; none where `skipped` is set.
    void evaluate(const float * residuals, size_t tokens, const std::vector<bool> & skipped, const Screen::Share & share, Active & out);

  private:
    float exact(size_t feature, const float * residual) const;
    // What a feature's value may be at least (`sign` -1) and at most (1), by its guess for the n-th residual of the block.
    float bound(size_t n, size_t feature, float sign) const;
    void above_threshold(size_t n, const float * residual, Active & out) const;
    void top(size_t n, const float * residual, Active & out);
    // What nobody can rank is not passed over in silence: the first features, with values that are no numbers.
    static void unranked(size_t kept, Active & out);

    size_t width, top_k;
    std::vector<uint16_t> rows; // [features, width] half precision: what values are computed from
    Screen screen;              // the same, to find who may be active
    std::vector<float> bias;    // [features]
    std::vector<float> thresholds; // [features]
    std::vector<float> least;      // [features]
    std::vector<uint32_t> candidates;
};

} // namespace modx
