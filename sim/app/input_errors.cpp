#include "sim/app/input_errors.h"

#include <fmt/format.h>

#include "sim/config/diagnostics.h"

namespace lpusim::app {

void InputErrors::add(const std::string& message) { lines_.push_back("error: " + message); }

bool InputErrors::collect(const std::function<void()>& step) {
    try {
        step();
    } catch (const ConfigError& e) {
        lines_.insert(lines_.end(), e.errors().begin(), e.errors().end());
        return false;
    } catch (const InputError& e) {
        lines_.emplace_back(e.what());
        return false;
    }
    return true;
}

void InputErrors::throw_if_any() const {
    if (!lines_.empty()) throw InputError(fmt::format("{}", fmt::join(lines_, "\n")));
}

}  // namespace lpusim::app
