#include "tests/support/trace_reader.h"

#include <algorithm>
#include <stdexcept>

namespace lpusim::test {

namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::string& rule, const json& event) {
    throw std::runtime_error(rule + ": " + event.dump());
}

std::uint64_t whole(const json& event, const char* key) {
    const auto found = event.find(key);
    if (found == event.end()) fail(std::string(key) + " is missing", event);
    if (!found->is_number_unsigned()) fail(std::string(key) + " is no whole number", event);
    return found->get<std::uint64_t>();
}

std::string text(const json& event, const char* key) {
    const auto found = event.find(key);
    if (found == event.end() || !found->is_string()) fail(std::string(key) + " is no text", event);
    return found->get<std::string>();
}

}  // namespace

PerfettoTrace::PerfettoTrace(const std::string& content) {
    const json document = json::parse(content);
    for (const json& event : document.at("traceEvents")) read(event);
    if (document.at("displayTimeUnit") != "ns") fail("unknown unit of display", document);
    facts_ = document.at("otherData");
}

void PerfettoTrace::read(const json& event) {
    const std::string phase = text(event, "ph");
    if (phase == "M") return read_name(event);
    if (phase == "X") return read_slice(event);
    if (phase == "C") return read_level(event);
    fail("unknown phase", event);
}

void PerfettoTrace::read_name(const json& event) {
    const std::string what = text(event, "name");
    const bool of_process = what.rfind("process_", 0) == 0;
    const std::uint64_t id = whole(event, of_process ? "pid" : "tid");
    if (what == "process_sort_index" || what == "thread_sort_index") {
        whole(event.at("args"), "sort_index");
        return;
    }
    if (what != "process_name" && what != "thread_name") fail("unknown metadata", event);
    auto& names = of_process ? processes_ : threads_;
    if (!names.emplace(id, text(event.at("args"), "name")).second) fail("named twice", event);
    if (!of_process) process_of_thread_[id] = whole(event, "pid");
}

void PerfettoTrace::read_slice(const json& event) {
    const std::uint64_t thread = whole(event, "tid");
    if (threads_.count(thread) == 0) fail("a thread without a name", event);
    if (process_of_thread_.at(thread) != whole(event, "pid")) fail("not its process", event);
    Slice slice;
    slice.thread = threads_.at(thread);
    slice.category = text(event, "cat");
    slice.name = text(event, "name");
    slice.from = whole(event, "ts");
    slice.to = slice.from + whole(event, "dur");
    if (slice.to == slice.from) fail("an empty slice", event);
    if (slice.from < thread_end_[thread]) fail("a slice that begins within another", event);
    thread_end_[thread] = slice.to;
    if (event.contains("args")) slice.arguments = event.at("args");
    slices_.push_back(slice);
}

void PerfettoTrace::read_level(const json& event) {
    const std::uint64_t process = whole(event, "pid");
    if (processes_.count(process) == 0) fail("a process without a name", event);
    if (event.at("args").size() != 1) fail("a counter of one value", event);
    auto& samples = levels_[processes_.at(process) + " " + text(event, "name")];
    const Sample sample{whole(event, "ts"),
                        whole(event.at("args"), event.at("args").begin().key().c_str())};
    if (!samples.empty() && sample.at < samples.back().at) fail("time runs backwards", event);
    samples.push_back(sample);
}

std::vector<PerfettoTrace::Slice> PerfettoTrace::slices_of(const std::string& category) const {
    std::vector<Slice> result;
    std::copy_if(slices_.begin(), slices_.end(), std::back_inserter(result),
                 [&](const Slice& slice) { return slice.category == category; });
    return result;
}

StateSums PerfettoTrace::spent(std::uint64_t from, std::uint64_t to) const {
    StateSums sums;
    for (const Slice& slice : slices_) {
        const std::uint64_t begin = std::max(from, slice.from);
        const std::uint64_t end = std::min(to, slice.to);
        if (begin >= end) continue;
        if (slice.category == "state") sums[slice.thread][slice.name] += end - begin;
        if (slice.category != "skipped" || !slice.arguments.contains("busy")) continue;
        if (begin != slice.from || end != slice.to) {
            throw std::runtime_error("a skip crosses the border of the window");
        }
        for (const char* state : {"busy", "starved", "blocked", "waiting", "idle"}) {
            sums[slice.thread][state] += whole(slice.arguments, state);
        }
    }
    return sums;
}

}  // namespace lpusim::test
