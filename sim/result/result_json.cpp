#include "sim/result/result_json.h"

#include <limits>
#include <utility>

#include "sim/result/point_fields.h"

namespace lpusim {

namespace {

template <class Tag>
Json value_to_json(Quantity<Tag> quantity) {
    return quantity.count();
}

template <class T>
Json value_to_json(const T& value) {
    return value;
}

template <class T>
Json fields_to_json(const T& object) {
    Json json = Json::object();
    for_each_field(object,
                   [&](const char* key, const auto& value) { json[key] = value_to_json(value); });
    return json;
}

/// One value of a JSON text and the path that leads to it, for error messages.
class Reader {
public:
    Reader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {}

    bool has(const std::string& key) const {
        expect(json_.is_object(), "an object");
        return json_.contains(key);
    }

    Reader at(const std::string& key) const {
        expect(json_.is_object(), "an object");
        const auto found = json_.find(key);
        if (found == json_.end()) throw ResultFormatError(path_ + ": \"" + key + "\" is missing");
        return {*found, path_ + "." + key};
    }

    template <class Use>
    void for_each_element(Use use) const {
        expect(json_.is_array(), "an array");
        for (std::size_t i = 0; i < json_.size(); ++i) {
            use(Reader(json_[i], path_ + "[" + std::to_string(i) + "]"));
        }
    }

    template <class Use>
    void for_each_member(Use use) const {
        expect(json_.is_object(), "an object");
        for (const auto& [key, value] : json_.items()) use(key, Reader(value, path_ + "." + key));
    }

    /// Canonical text of an object.
    std::string text() const {
        expect(json_.is_object(), "an object");
        return json_.dump();
    }

    void read(std::string& value) const {
        expect(json_.is_string(), "a string");
        value = json_.get<std::string>();
    }
    void read(bool& value) const {
        expect(json_.is_boolean(), "true or false");
        value = json_.get<bool>();
    }
    void read(double& value) const {
        expect(json_.is_number(), "a number");
        value = json_.get<double>();
    }
    void read(std::uint64_t& value) const {
        expect(json_.is_number_unsigned(), "a whole number");
        value = json_.get<std::uint64_t>();
    }
    void read(std::uint32_t& value) const {
        std::uint64_t wide = 0;
        read(wide);
        expect(wide <= std::numeric_limits<std::uint32_t>::max(), "a smaller number");
        value = static_cast<std::uint32_t>(wide);
    }
    template <class Tag>
    void read(Quantity<Tag>& value) const {
        std::uint64_t count = 0;
        read(count);
        value = Quantity<Tag>(count);
    }

    template <class T>
    T as() const {
        T value;
        read(value);
        return value;
    }
    template <class T>
    T fields() const {
        T object;
        for_each_field(object, [&](const char* key, auto& value) { at(key).read(value); });
        return object;
    }
    std::vector<std::string> strings() const {
        std::vector<std::string> values;
        for_each_element([&](const Reader& e) { values.push_back(e.as<std::string>()); });
        return values;
    }

private:
    void expect(bool fulfilled, const char* expected) const {
        if (!fulfilled) throw ResultFormatError(path_ + ": expected " + expected);
    }

    const Json& json_;
    std::string path_;
};

/// Configurations stand in the result as objects; a text that is none would not be readable again.
Json configuration(const std::string& text) {
    Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) throw ResultFormatError("not a JSON object: " + text);
    return json;
}

Json to_json(const PointInputs& inputs) {
    return {{"hardware_name", inputs.hardware_name},
            {"model_name", inputs.model_name},
            {"format_name", inputs.format_name},
            {"content_hash", inputs.content_hash},
            {"scenario", configuration(inputs.scenario_json)},
            {"hardware", configuration(inputs.hardware_json)},
            {"model", configuration(inputs.model_json)},
            {"format", configuration(inputs.format_json)}};
}

PointInputs read_inputs(const Reader& json) {
    PointInputs inputs;
    json.at("hardware_name").read(inputs.hardware_name);
    json.at("model_name").read(inputs.model_name);
    json.at("format_name").read(inputs.format_name);
    json.at("content_hash").read(inputs.content_hash);
    inputs.scenario_json = json.at("scenario").text();
    inputs.hardware_json = json.at("hardware").text();
    inputs.model_json = json.at("model").text();
    inputs.format_json = json.at("format").text();
    return inputs;
}

Json to_json(const Bottleneck& bottleneck) {
    return {{"unit", bottleneck.unit},
            {"engine", bottleneck.engine},
            {"busy_cycles", bottleneck.busy.count()},
            {"chain", bottleneck.chain}};
}

Bottleneck read_bottleneck(const Reader& json) {
    Bottleneck bottleneck;
    json.at("unit").read(bottleneck.unit);
    json.at("engine").read(bottleneck.engine);
    json.at("busy_cycles").read(bottleneck.busy);
    bottleneck.chain = json.at("chain").strings();
    return bottleneck;
}

Json operator_to_json(const OperatorCycles& op, const std::vector<EngineCycles>& engines) {
    if (op.busy.size() != engines.size()) {
        throw ResultFormatError("operator " + op.name + " does not name every engine");
    }
    Json busy = Json::object();
    for (std::size_t i = 0; i < engines.size(); ++i) busy[engines[i].name] = op.busy[i].count();
    return {{"name", op.name},
            {"cycles", op.cycles.count()},
            {"stream_bytes", op.stream_bytes.count()},
            {"busy", std::move(busy)}};
}

OperatorCycles read_operator(const Reader& json, const std::vector<EngineCycles>& engines) {
    OperatorCycles op;
    json.at("name").read(op.name);
    json.at("cycles").read(op.cycles);
    json.at("stream_bytes").read(op.stream_bytes);
    const Reader busy = json.at("busy");
    for (const EngineCycles& engine : engines) {
        op.busy.push_back(busy.at(engine.name).as<Cycles>());
    }
    return op;
}

void append_engines(const Point& point, Json& json) {
    Json& units = json["units"] = Json::object();
    Json& modules = json["modules"] = Json::object();
    for (const EngineCycles& engine : point.units) {
        units[engine.name] = fields_to_json(engine);
        modules[engine.name] = engine.unit;
    }
}

std::vector<EngineCycles> read_engines(const Reader& json) {
    std::vector<EngineCycles> engines;
    const Reader modules = json.at("modules");
    json.at("units").for_each_member([&](const std::string& name, const Reader& account) {
        EngineCycles engine = account.fields<EngineCycles>();
        engine.name = name;
        modules.at(name).read(engine.unit);
        engines.push_back(std::move(engine));
    });
    return engines;
}

Point read_point(const Reader& json) {
    Point point = json.fields<Point>();
    point.inputs = read_inputs(json.at("inputs"));
    point.stream = json.at("stream_bytes_by_kind").fields<StreamTraffic>();
    json.at("stream_rate").at("bytes").read(point.stream_rate.ratio.num);
    json.at("stream_rate").at("cycles").read(point.stream_rate.ratio.den);
    point.bottleneck = read_bottleneck(json.at("bottleneck"));
    point.units = read_engines(json);
    json.at("operators").for_each_element([&](const Reader& op) {
        point.operators.push_back(read_operator(op, point.units));
    });
    json.at("counters").for_each_member([&](const std::string& name, const Reader& value) {
        point.counters.push_back({name, value.as<std::uint64_t>()});
    });
    json.at("assumptions").for_each_element([&](const Reader& assumption) {
        point.assumptions.push_back(assumption.fields<Assumption>());
    });
    // Results of before it was kept have none.
    if (json.has("sources")) {
        json.at("sources").for_each_element(
            [&](const Reader& source) { point.sources.push_back(source.fields<Assumption>()); });
    }
    json.at("untested").for_each_element([&](const Reader& setting) {
        point.untested.push_back(setting.fields<Untested>());
    });
    point.notes = json.at("notes").strings();
    if (json.has("data")) point.data = json.at("data").fields<DataCheck>();
    if (json.has("quality")) point.quality = json.at("quality").fields<FormatQuality>();
    return point;
}

}  // namespace

Json to_json(const Point& point) {
    Json json = {{"inputs", to_json(point.inputs)}};
    json.update(fields_to_json(point));
    json["stream_rate"] = {{"bytes", point.stream_rate.ratio.num},
                           {"cycles", point.stream_rate.ratio.den}};
    json["stream_bytes_by_kind"] = fields_to_json(point.stream);
    json["bottleneck"] = to_json(point.bottleneck);
    append_engines(point, json);

    Json& operators = json["operators"] = Json::array();
    for (const OperatorCycles& op : point.operators) {
        operators.push_back(operator_to_json(op, point.units));
    }
    Json& counters = json["counters"] = Json::object();
    for (const Counter& counter : point.counters) counters[counter.name] = counter.value;
    Json& assumptions = json["assumptions"] = Json::array();
    for (const Assumption& a : point.assumptions) assumptions.push_back(fields_to_json(a));
    Json& sources = json["sources"] = Json::array();
    for (const Assumption& source : point.sources) sources.push_back(fields_to_json(source));
    Json& untested = json["untested"] = Json::array();
    for (const Untested& setting : point.untested) untested.push_back(fields_to_json(setting));
    json["notes"] = point.notes;
    if (point.data) json["data"] = fields_to_json(*point.data);
    if (point.quality) json["quality"] = fields_to_json(*point.quality);
    return json;
}

Point point_from_json(const Json& json) { return read_point(Reader(json, "point")); }

Json to_json(const SimulatorStats& stats) { return fields_to_json(stats); }

Json to_json(const PointRun& run) {
    return {{"point", to_json(run.point)}, {"simulator", to_json(run.simulator)}};
}

PointRun run_from_json(const Json& json) {
    const Reader reader(json, "run");
    return {read_point(reader.at("point")), reader.at("simulator").fields<SimulatorStats>()};
}

}  // namespace lpusim
