#include "sim/trace/trace_window.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>

namespace lpusim {

namespace {

[[noreturn]] void fail(const std::string& problem) {
    throw std::invalid_argument(
        problem +
        "; allowed: cycles (1000..2000), a token (token:1 is the cold one, token:2 the steady "
        "state), a layer of the steady state (layer:5), a layer of a token (token:1,layer:5)");
}

std::uint64_t whole_number(std::string_view text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || stopped != end || error != std::errc()) {
        fail("'" + std::string(text) + "' is no whole number below 2^64");
    }
    return value;
}

std::uint64_t counted_from_one(const std::string& name, std::string_view text, std::uint64_t most) {
    const std::uint64_t value = whole_number(text);
    if (value == 0) fail(name + " 0 does not exist, they are counted from 1");
    if (value > most) {
        fail(name + " " + std::to_string(value) + " is not simulated whole by every run");
    }
    return value - 1;
}

TraceWindow::CycleRange cycle_range(std::string_view text, std::size_t dots) {
    const Cycles from(whole_number(text.substr(0, dots)));
    const Cycles to(whole_number(text.substr(dots + 2)));
    if (to <= from) fail("'" + std::string(text) + "' holds no cycle");
    return {from, to};
}

void read_part(std::string_view part, TraceWindow& window) {
    const std::size_t colon = part.find(':');
    const std::string_view name = part.substr(0, colon);
    const bool known = colon != std::string_view::npos && (name == "token" || name == "layer");
    if (!known) fail("got '" + std::string(part) + "'");
    const std::string_view value = part.substr(colon + 1);
    std::optional<std::uint64_t>& field = name == "token" ? window.token : window.layer;
    if (field) fail("a " + std::string(name) + " is named twice");
    field = name == "token" ? counted_from_one("token", value, kTracedTokens)
                            : counted_from_one("layer", value, UINT64_MAX);
}

}  // namespace

TraceWindow parse_trace_window(const std::string& text) {
    TraceWindow window;
    if (const std::size_t dots = text.find(".."); dots != std::string::npos) {
        window.cycles = cycle_range(text, dots);
        return window;
    }
    std::string_view rest = text;
    while (true) {
        const std::size_t comma = rest.find(',');
        read_part(rest.substr(0, comma), window);
        if (comma == std::string_view::npos) break;
        rest = rest.substr(comma + 1);
    }
    if (window.layer && !window.token) window.token = kTracedTokens - 1;
    return window;
}

}  // namespace lpusim
