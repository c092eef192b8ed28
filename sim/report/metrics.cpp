#include "sim/report/metrics.h"

namespace lpusim {

namespace {

constexpr double kBitsPerByte = 8;
constexpr double kGigabyte = 1e9;
constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;

double real(std::uint64_t count) { return static_cast<double>(count); }
template <class Tag>
double real(Quantity<Tag> quantity) {
    return real(quantity.count());
}

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

/// Bytes that the stream could have moved in the cycles of a token.
double peak_stream_bytes(const Point& point) {
    const Fraction rate = point.stream_rate.ratio;
    return ratio(real(point.cycles) * real(rate.num), real(rate.den));
}

}  // namespace

double gigabytes(Bytes bytes) { return real(bytes) / kGigabyte; }
double gibibytes(Bytes bytes) { return real(bytes) / kGibibyte; }
double seconds(Cycles cycles, Hertz clock) { return ratio(real(cycles), real(clock)); }
double share_of(Cycles part, Cycles whole) { return ratio(real(part), real(whole)); }

double seconds_per_token(const Point& point) { return seconds(point.cycles, point.clock); }
double cold_seconds_per_token(const Point& point) {
    return seconds(point.cold_cycles, point.clock);
}
double tokens_per_second(const Point& point) {
    return ratio(real(point.clock), real(point.cycles));
}
double tokens_per_second_total(const Point& point) {
    return tokens_per_second(point) * point.batch;
}
double speed_up(const Point& base, const Point& point) {
    return ratio(seconds_per_token(base), seconds_per_token(point));
}

double effective_bits_per_weight(const Point& point) {
    return ratio(real(point.weight_bytes) * kBitsPerByte, real(point.weights));
}

double peak_stream_bytes_per_second(const Point& point) {
    const Fraction rate = point.stream_rate.ratio;
    return ratio(real(point.clock) * real(rate.num), real(rate.den));
}
double achieved_stream_bytes_per_second(const Point& point) {
    return ratio(real(point.stream.total()), seconds_per_token(point));
}
double stream_utilisation(const Point& point) {
    return ratio(real(point.stream.total()), peak_stream_bytes(point));
}

double mac_utilisation(const Point& point) {
    return ratio(real(point.useful_macs), real(point.peak_macs_per_cycle) * real(point.cycles));
}

double bottleneck_busy_share(const Point& point) {
    return share_of(point.bottleneck.busy, point.cycles);
}

}  // namespace lpusim
