#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace lpusim::app {

/// What the user gave cannot be used; what() has a line for each error, as printed.
class InputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Gathers errors, so that all come out at once.
class InputErrors {
public:
    /// A line without its "error: ".
    void add(const std::string& message);
    /// Runs something that may throw ConfigError or InputError; true if it did not.
    bool collect(const std::function<void()>& step);
    bool empty() const { return lines_.empty(); }
    void throw_if_any() const;

private:
    std::vector<std::string> lines_;
};

}  // namespace lpusim::app
