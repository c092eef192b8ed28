#include "sim/result/run_packing.h"

#include <array>
#include <cstring>
#include <optional>

#include "sim/result/point_fields.h"
#include "sim/result/point_packing.h"
#include "sim/result/result_json.h"

namespace lpusim {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

/// Puts values behind one another: numbers as eight bytes of this machine, texts behind their
/// length.
class RunWriter {
public:
    void put(std::uint64_t value) {
        std::array<char, sizeof value> bytes{};
        std::memcpy(bytes.data(), &value, sizeof value);
        bytes_.append(bytes.data(), bytes.size());
    }
    void put(std::uint32_t value) { put(std::uint64_t{value}); }
    void put(bool value) { put(std::uint64_t{value ? 1U : 0U}); }
    void put(double value) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof value);
        put(bits);
    }
    template <class Tag>
    void put(Quantity<Tag> value) {
        put(value.count());
    }
    void put(const std::string& text) {
        put(std::uint64_t{text.size()});
        bytes_ += text;
    }
    void put(const std::vector<std::string>& list) {
        put(std::uint64_t{list.size()});
        for (const std::string& text : list) put(text);
    }
    template <class Entry>
    void put(const std::vector<Entry>& list) {
        put(std::uint64_t{list.size()});
        for (const Entry& entry : list) put_fields(entry);
    }
    template <class Entry>
    void put(const std::optional<Entry>& entry) {
        put(entry.has_value());
        if (entry) put_fields(*entry);
    }
    template <class Entry>
    void put_fields(const Entry& entry) {
        for_each_field(entry, [&](const char* /*key*/, const auto& value) { put(value); });
    }

    std::string hex() const {
        std::string text;
        text.reserve(bytes_.size() * 2);
        for (const char c : bytes_) {
            const auto byte = static_cast<unsigned char>(c);
            text += kHexDigits[byte >> 4U];
            text += kHexDigits[byte & 0xfU];
        }
        return text;
    }

private:
    std::string bytes_;
};

class RunReader {
public:
    explicit RunReader(std::string_view hex) {
        if (hex.size() % 2 != 0) fail();
        bytes_.reserve(hex.size() / 2);
        for (std::size_t i = 0; i < hex.size(); i += 2) {
            bytes_ += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
        }
        rest_ = bytes_;
    }

    void get(std::uint64_t& value) {
        const std::string_view bytes = take(sizeof value);
        std::memcpy(&value, bytes.data(), sizeof value);
    }
    void get(std::uint32_t& value) { value = static_cast<std::uint32_t>(number()); }
    void get(bool& value) { value = number() != 0; }
    void get(double& value) {
        const std::uint64_t bits = number();
        std::memcpy(&value, &bits, sizeof value);
    }
    template <class Tag>
    void get(Quantity<Tag>& value) {
        value = Quantity<Tag>(number());
    }
    void get(std::string& text) { text = std::string(take(number())); }
    void get(std::vector<std::string>& list) {
        list.clear();
        for (std::uint64_t left = number(); left > 0; --left) get(list.emplace_back());
    }
    template <class Entry>
    void get(std::vector<Entry>& list) {
        list.clear();
        for (std::uint64_t left = number(); left > 0; --left) get_fields(list.emplace_back());
    }
    template <class Entry>
    void get(std::optional<Entry>& entry) {
        bool is_there = false;
        get(is_there);
        entry.reset();
        if (is_there) get_fields(entry.emplace());
    }
    template <class Entry>
    void get_fields(Entry& entry) {
        for_each_field(entry, [&](const char* /*key*/, auto& value) { get(value); });
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        get(value);
        return value;
    }
    bool is_at_end() const { return rest_.empty(); }
    [[noreturn]] static void fail() { throw ResultFormatError("a packed run is cut or garbled"); }

private:
    static int digit(char c) {
        const std::size_t value = kHexDigits.find(c);
        if (value == std::string_view::npos) fail();
        return static_cast<int>(value);
    }
    std::string_view take(std::uint64_t size) {
        if (size > rest_.size()) fail();
        const std::string_view bytes = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return bytes;
    }

    std::string bytes_;
    std::string_view rest_;
};

/// Calls visit(member) for all of a run but the lists of engines, operators and counters.
template <class Run, class Visit>
void for_each_plain_member(Run& run, Visit visit) {
    auto& point = run.point;
    const auto visit_field = [&](const char* /*key*/, auto& value) { visit(value); };
    for_each_field(point, visit_field);
    for_each_field(point.stream, visit_field);
    for_each_field(run.simulator, visit_field);
    visit(point.stream_rate.ratio.num);
    visit(point.stream_rate.ratio.den);
    visit(point.inputs.hardware_name);
    visit(point.inputs.model_name);
    visit(point.inputs.format_name);
    visit(point.inputs.hardware_json);
    visit(point.inputs.model_json);
    visit(point.inputs.format_json);
    visit(point.inputs.scenario_json);
    visit(point.inputs.content_hash);
    visit(point.bottleneck.unit);
    visit(point.bottleneck.engine);
    visit(point.bottleneck.busy);
    visit(point.bottleneck.chain);
    visit(point.assumptions);
    visit(point.sources);
    visit(point.untested);
    visit(point.notes);
    visit(point.data);
    visit(point.quality);
}

}  // namespace

std::string pack_run(const PointRun& run) {
    RunWriter writer;
    for_each_plain_member(run, [&](const auto& value) { writer.put(value); });
    writer.put(layout_of(run.point));
    writer.put(pack_counts(run.point));
    return writer.hex();
}

PointRun unpack_run(std::string_view line) {
    RunReader reader(line);
    PointRun run;
    for_each_plain_member(run, [&](auto& value) { reader.get(value); });
    std::string layout;
    std::string counts;
    reader.get(layout);
    reader.get(counts);
    if (!reader.is_at_end()) RunReader::fail();
    unpack_lists(layout, counts, run.point);
    return run;
}

}  // namespace lpusim
