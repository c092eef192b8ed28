#pragma once

#include <cstddef>
#include <vector>

namespace lpusim {

/// The candidates that no other one beats: at most as costly in everything, and less in something.
/// Equals stay together. What is found does not depend on the order of adding.
class ParetoFront {
public:
    /// As many costs for each candidate.
    void add(std::size_t candidate, std::vector<double> costs);
    std::vector<std::size_t> members() const;

private:
    struct Member {
        std::size_t candidate;
        std::vector<double> costs;
    };
    std::vector<Member> members_;
};

}  // namespace lpusim
