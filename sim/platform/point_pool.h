#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/platform/point_protocol.h"

namespace lpusim {

struct PointPoolOptions {
    /// What starts a point server, with its arguments.
    std::vector<std::string> command;
    /// Servers at a time, at least 1.
    std::size_t parallel = 1;
    /// For one point; 0: none.
    std::chrono::milliseconds time_limit{0};
    PointServerSetup setup;
};

/// Point servers side by side, fed point by point. A server that dies, or takes longer for a point
/// than it may, is replaced; the point it was at gets a second chance, and is a failure when that
/// is lost, too.
class PointPool {
public:
    explicit PointPool(PointPoolOptions options);

    /// Runs what next() gives until it gives nothing and all is answered; next() is asked again
    /// after each answer. Ids are the caller's, and distinct. Throws Interrupted, std::system_error
    /// if servers cannot be started, and what the callbacks throw; no server outlives this call.
    void run(const std::function<std::optional<PointRequest>()>& next,
             const std::function<void(PointAnswer)>& answered) const;

private:
    PointPoolOptions options_;
    std::string setup_;
};

}  // namespace lpusim
