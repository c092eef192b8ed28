#include "hw_models/core/delivery_log.h"

namespace lpusim {

std::optional<std::uint64_t> credit_after(const DeliveryLog& recorded, Fraction rate,
                                          std::uint64_t credit) {
    const std::uint64_t whole = rate.num / rate.den;
    const std::uint64_t rest = rate.num % rate.den;
    // Bytes that this run is ahead of the recorded one.
    std::int64_t ahead = 0;
    for (const Delivery& delivery : recorded) {
        if (delivery.exact) {
            if (ahead != 0 || credit != delivery.credit_before) return std::nullopt;
            credit = delivery.credit_after;
            continue;
        }
        if (delivery.fresh) credit = 0;
        credit += rest;
        std::uint64_t bytes = whole;
        if (credit >= rate.den) {
            credit -= rate.den;
            ++bytes;
        }
        ahead += static_cast<std::int64_t>(bytes - delivery.bytes);
        if (ahead > 1 || (ahead == 1 && !delivery.may_be_more)) return std::nullopt;
        if (ahead < -1 || (ahead == -1 && !delivery.may_be_less)) return std::nullopt;
        if (delivery.lost) ahead = 0;
    }
    if (ahead != 0) return std::nullopt;
    return credit;
}

}  // namespace lpusim
