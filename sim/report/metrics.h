#pragma once

#include "sim/result/result.h"

namespace lpusim {

// Every ratio and every physical quantity that is shown anywhere is computed here, from raw counts.
// A division by nothing gives 0.

double gigabytes(Bytes bytes);  // 10^9
double gibibytes(Bytes bytes);  // 2^30
double seconds(Cycles cycles, Hertz clock);
double share_of(Cycles part, Cycles whole);

/// In steady state. One step gives each of the batch's sequences one token.
double seconds_per_token(const Point& point);
/// The first token on an empty machine.
double cold_seconds_per_token(const Point& point);
/// What one user sees.
double tokens_per_second(const Point& point);
/// Over all sequences of the batch.
double tokens_per_second_total(const Point& point);
/// Of seconds per token, `base` over `point`: above 1 when `point` is faster.
double speed_up(const Point& base, const Point& point);

/// Codes, metadata and padding as stored, over the weights.
double effective_bits_per_weight(const Point& point);

/// The snapped rate, that is, what the machine's stream can do at most.
double peak_stream_bytes_per_second(const Point& point);
double achieved_stream_bytes_per_second(const Point& point);
/// Achieved over peak.
double stream_utilisation(const Point& point);

/// Useful multiply-accumulates over those that the array could have done at its INT8 rate.
double mac_utilisation(const Point& point);

double bottleneck_busy_share(const Point& point);

}  // namespace lpusim
