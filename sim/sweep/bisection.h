#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lpusim {

/// Where a condition over whole numbers begins to hold (smallest) or ceases to (largest), found by
/// asking for it at few of them. It is taken to change once between the ends.
class Bisection {
public:
    struct Options {
        std::uint64_t from = 1;
        std::uint64_t to = 1;
        bool smallest = true;
        /// How near to a value for which it does not hold the value found has to be: a share of the
        /// value if above zero, else a distance.
        double tolerance_share = 0;
        std::uint64_t tolerance = 1;
    };

    explicit Bisection(const Options& options);

    /// The values at which the condition is asked for next; none when it is over.
    std::vector<std::uint64_t> questions() const;
    void answer(std::uint64_t value, bool holds);

    bool is_over() const { return is_over_; }
    /// The value; nothing if the condition holds nowhere in the range.
    std::optional<std::uint64_t> found() const { return found_; }
    /// Whether it holds at the very end where the search began, so that the true value may lie
    /// outside.
    bool is_at_the_end() const { return is_at_the_end_; }

private:
    void judge_ends();
    void narrow();
    std::uint64_t middle() const;
    bool is_near_enough() const;

    Options options_;
    std::map<std::uint64_t, bool> answers_;
    /// It holds at `good_` and not at `bad_`.
    std::uint64_t good_ = 0;
    std::uint64_t bad_ = 0;
    bool has_bracket_ = false;
    bool is_over_ = false;
    bool is_at_the_end_ = false;
    std::optional<std::uint64_t> found_;
};

}  // namespace lpusim
