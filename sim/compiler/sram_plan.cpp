#include "sim/compiler/sram_plan.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace lpusim {

namespace {

/// One slot is filled while another is emptied.
constexpr std::uint64_t kMinSlots = 2;
/// More would hold more than one layer's tiles on any machine worth building.
constexpr std::uint64_t kMaxSlots = 65535;
/// A resident cache must leave the stream this many weight slots, or it would cost more in lost
/// prefetch than it saves.
constexpr std::uint64_t kSlotsBesideCache = 8;
/// Streamed KV tiles get at most one part in four of what is free; weights, the larger traffic, get
/// the rest.
constexpr std::uint64_t kKvShare = 4;

std::string text_of(Bytes bytes) {
    const auto count = static_cast<double>(bytes.count());
    if (count >= 1e9) return fmt::format("{:.3f} GB", count / 1e9);
    if (count >= 1e6) return fmt::format("{:.3f} MB", count / 1e6);
    return fmt::format("{} B", bytes.count());
}

/// SRAM, given out in whole bank rounds.
class Space {
public:
    explicit Space(const SramBanksParams& sram)
        : capacity_(sram.capacity), round_(sram.round().count()) {}

    Bytes rounded(Bytes bytes) const { return Bytes(round_up(bytes.count(), round_)); }
    bool fits(Bytes bytes) const { return rounded(bytes) <= free(); }
    Bytes free() const { return capacity_ - used_; }
    Bytes used() const { return used_; }

    Bytes take(Bytes bytes, const std::string& what) {
        const Bytes region = rounded(bytes);
        if (region > free()) {
            throw CompileError(
                fmt::format("{} {}, SRAM holds {} and {} are free: {} missing "
                            "(raise sram.capacity, or lower --batch or --context)",
                            what, text_of(region), text_of(capacity_), text_of(free()),
                            text_of(region - free())));
        }
        used_ += region;
        return region;
    }

private:
    Bytes capacity_;
    std::uint64_t round_;
    Bytes used_;
};

/// Slots for as many tiles as are asked for and have room, at least kMinSlots. Returns their
/// number.
std::uint32_t take_slots(Space& space, const char* what, Bytes slot, std::uint64_t tiles,
                         Bytes room, Bytes& region) {
    const std::uint64_t wanted = std::clamp(tiles, kMinSlots, kMaxSlots);
    const std::uint64_t fitting = room.count() / slot.count();
    const std::uint64_t count = std::max(std::min(wanted, fitting), kMinSlots);
    region =
        space.take(slot * count, fmt::format("{} {} slots of {} need", count, what, text_of(slot)));
    return static_cast<std::uint32_t>(count);
}

Bytes smallest_pool(const Space& space, const SramDemand& demand) {
    const std::uint64_t slots =
        std::clamp(demand.weight_tiles, kMinSlots, std::uint64_t{kSlotsBesideCache});
    return space.rounded(demand.weight_tile) * slots;
}

}  // namespace

SramPlan divide_sram(const SramBanksParams& sram, Placement placement, const SramDemand& demand) {
    SramPlan plan;
    Space space(sram);
    plan.capacity = sram.capacity;
    plan.kv_cache = demand.kv_cache;
    plan.weights_resident = placement == Placement::Resident;

    if (plan.weights_resident) {
        const std::string what =
            fmt::format("resident weights ({} of them padding to whole bank rounds) need",
                        text_of(demand.model_padding));
        plan.weights = space.take(demand.model, what);
    }
    plan.activations = space.take(demand.activations, "activations need");

    const Bytes pool = plan.weights_resident ? Bytes(0) : smallest_pool(space, demand);
    plan.kv_resident = space.fits(space.rounded(demand.kv_cache) + pool);
    if (plan.kv_resident) {
        plan.kv = space.take(demand.kv_cache, "KV cache needs");
    } else {
        const std::uint64_t parts = plan.weights_resident ? 1 : kKvShare;
        const Bytes room(space.free().count() / parts);
        plan.kv_slots =
            take_slots(space, "KV", space.rounded(demand.kv_tile), demand.kv_tiles, room, plan.kv);
    }
    if (!plan.weights_resident) {
        plan.weight_slots = take_slots(space, "weight", space.rounded(demand.weight_tile),
                                       demand.weight_tiles, space.free(), plan.weights);
    }
    plan.used = space.used();
    return plan;
}

}  // namespace lpusim
