#include "sim/quantize/strict_json.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lpusim {

namespace {

using Json = nlohmann::json;

/// Our files need five levels.
constexpr std::size_t kMaxDepth = 16;

/// Builds the value while it is parsed, and throws at the first thing that is not accepted.
class StrictBuilder : public nlohmann::json_sax<Json> {
public:
    explicit StrictBuilder(Json& root) : root_(root) {}

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t& /*text*/) override {
        return add(value);
    }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t& /*value*/) override { return false; }

    bool start_object(std::size_t /*elements*/) override { return open(Json::object()); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t /*elements*/) override { return open(Json::array()); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        if (open_.back()->contains(name)) {
            throw JsonError("has the key " + shown_name(name) + " twice in one object");
        }
        key_ = std::move(name);
        return true;
    }

    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*error*/) override {
        throw JsonError("is no JSON: error at byte " + std::to_string(position));
    }

private:
    Json& place(Json value) {
        if (open_.empty()) return root_ = std::move(value);
        if (open_.back()->is_array()) {
            open_.back()->push_back(std::move(value));
            return open_.back()->back();
        }
        return (*open_.back())[key_] = std::move(value);
    }
    bool add(Json value) {
        place(std::move(value));
        return true;
    }
    bool open(Json container) {
        if (open_.size() == kMaxDepth) {
            throw JsonError("is nested deeper than " + std::to_string(kMaxDepth) + " levels");
        }
        // Containers below do not move while this one is being filled: it is the last element of
        // each.
        open_.push_back(&place(std::move(container)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    Json& root_;
    std::vector<Json*> open_;
    std::string key_;
};

}  // namespace

Json parse_strict_json(std::string_view text) {
    Json value;
    StrictBuilder builder(value);
    Json::sax_parse(text.begin(), text.end(), &builder);
    return value;
}

const Json& member(const Json& parent, const char* key) {
    if (!parent.is_object()) throw JsonError(std::string("is no object with '") + key + "'");
    const auto found = parent.find(key);
    if (found == parent.end()) throw JsonError(std::string("has no '") + key + "'");
    return *found;
}

std::uint64_t as_count(const Json& value, const char* what) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    if (value.is_number_integer()) throw JsonError(std::string(what) + " is negative");
    throw JsonError(std::string(what) + " is no whole number below 2^64");
}

const Json& as_array(const Json& value, const char* what) {
    if (!value.is_array()) throw JsonError(std::string(what) + " is no list");
    return value;
}

const std::string& as_text(const Json& value, const char* what) {
    if (!value.is_string()) throw JsonError(std::string(what) + " is no text");
    return value.get_ref<const std::string&>();
}

std::string shown_name(std::string_view name) {
    constexpr std::size_t kMaxShown = 200;
    std::string text = "'";
    for (const char c : name.substr(0, kMaxShown)) {
        const auto code = static_cast<unsigned char>(c);
        text += code < 0x20 || code == 0x7f ? '?' : c;
    }
    return text + (name.size() > kMaxShown ? "...'" : "'");
}

}  // namespace lpusim
