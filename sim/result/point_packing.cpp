#include "sim/result/point_packing.h"

#include "sim/result/point_fields.h"
#include "sim/result/result_json.h"

namespace lpusim {

namespace {

constexpr unsigned kBitsPerByte = 7;
constexpr std::uint64_t kLowBits = 0x7f;
constexpr std::uint64_t kMoreFollows = 0x80;
constexpr unsigned kMostBits = 64;

class Packer {
public:
    void put(std::uint64_t value) {
        while (value > kLowBits) {
            bytes_.push_back(static_cast<char>((value & kLowBits) | kMoreFollows));
            value >>= kBitsPerByte;
        }
        bytes_.push_back(static_cast<char>(value));
    }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t take() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < kMostBits; shift += kBitsPerByte) {
            if (bytes_.empty()) throw ResultFormatError("counts: they end too early");
            const auto byte = static_cast<unsigned char>(bytes_.front());
            bytes_.remove_prefix(1);
            value |= (byte & kLowBits) << shift;
            if ((byte & kMoreFollows) == 0) return value;
        }
        throw ResultFormatError("counts: a number is too long");
    }
    bool is_empty() const { return bytes_.empty(); }

private:
    std::string_view bytes_;
};

Json parsed_layout(const std::string& layout) {
    Json json = Json::parse(layout, nullptr, /*allow_exceptions=*/false);
    for (const char* key : {"engines", "operators", "counters"}) {
        if (!json.is_object() || !json.contains(key) || !json.at(key).is_array()) {
            throw ResultFormatError("no layout of a point: " + layout);
        }
    }
    return json;
}

}  // namespace

std::string layout_of(const Point& point) {
    Json engines = Json::array();
    for (const EngineCycles& engine : point.units) {
        engines.push_back(Json::array({engine.name, engine.unit}));
    }
    Json operators = Json::array();
    for (const OperatorCycles& op : point.operators) operators.push_back(op.name);
    Json counters = Json::array();
    for (const Counter& counter : point.counters) counters.push_back(counter.name);
    const Json json = {{"engines", std::move(engines)},
                       {"operators", std::move(operators)},
                       {"counters", std::move(counters)}};
    return json.dump();
}

std::string pack_counts(const Point& point) {
    Packer packer;
    for (const EngineCycles& engine : point.units) {
        for_each_field(engine,
                       [&](const char* /*key*/, Cycles cycles) { packer.put(cycles.count()); });
    }
    for (const OperatorCycles& op : point.operators) {
        if (op.busy.size() != point.units.size()) {
            throw ResultFormatError("operator " + op.name + " does not name every engine");
        }
        packer.put(op.cycles.count());
        packer.put(op.stream_bytes.count());
        for (const Cycles busy : op.busy) packer.put(busy.count());
    }
    for (const Counter& counter : point.counters) packer.put(counter.value);
    return packer.take();
}

void unpack_lists(const std::string& layout, std::string_view counts, Point& point) {
    const Json names = parsed_layout(layout);
    Unpacker unpacker(counts);
    for (const Json& name : names.at("engines")) {
        EngineCycles engine;
        engine.name = name.at(0).get<std::string>();
        engine.unit = name.at(1).get<std::string>();
        for_each_field(
            engine, [&](const char* /*key*/, Cycles& cycles) { cycles = Cycles(unpacker.take()); });
        point.units.push_back(std::move(engine));
    }
    for (const Json& name : names.at("operators")) {
        OperatorCycles op;
        op.name = name.get<std::string>();
        op.cycles = Cycles(unpacker.take());
        op.stream_bytes = Bytes(unpacker.take());
        for (std::size_t i = 0; i < point.units.size(); ++i) {
            op.busy.emplace_back(unpacker.take());
        }
        point.operators.push_back(std::move(op));
    }
    for (const Json& name : names.at("counters")) {
        point.counters.push_back({name.get<std::string>(), unpacker.take()});
    }
    if (!unpacker.is_empty()) throw ResultFormatError("counts: there are more than names");
}

}  // namespace lpusim
