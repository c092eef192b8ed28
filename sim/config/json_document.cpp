#include "sim/config/json_document.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <fmt/format.h>

#include "sim/config/text_file.h"

namespace lpusim::config {

namespace {

/// Behind the closing quote of the string that begins at `begin`.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
    std::size_t i = begin + 1;
    while (text[i] != '"') i += text[i] == '\\' ? 2 : 1;
    return i + 1;
}

/// Finds the keys of the outermost object, and where their values begin, in valid JSON. Of equal
/// keys nlohmann::json keeps the last silently.
class KeyFinder {
public:
    KeyFinder(const std::string& text, Diagnostics& diagnostics)
        : text_(text), diagnostics_(diagnostics) {}

    JsonPlaces find() {
        JsonPlaces places;
        for (std::size_t i = 0; i < text_.size(); ++i) {
            const char c = text_[i];
            if (c == '\n') {
                ++line_;
                line_start_ = i + 1;
            }
            if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
            const Position here = {line_, static_cast<int>(i - line_start_) + 1};
            if (depth_ == 0 && c == '{') places.object = here;
            if (is_value_next_) places.values.emplace(key_, here);
            is_value_next_ = false;
            if (c != '"') {
                pass(c);
                continue;
            }
            const std::size_t end = end_of_string(text_, i);
            if (is_key_next_) {
                key_ = nlohmann::json::parse(text_.substr(i, end - i)).get<std::string>();
                is_key_next_ = false;
                if (places.values.count(key_) != 0) {
                    diagnostics_.error(here,
                                       fmt::format("key {} stands there twice", in_quotes(key_)));
                }
            }
            i = end - 1;
        }
        return places;
    }

private:
    void pass(char c) {
        if (c == '{' || c == '[') ++depth_;
        if (c == '}' || c == ']') --depth_;
        if (c == '{' || c == ',') is_key_next_ = depth_ == 1;
        if (c == ':') is_value_next_ = depth_ == 1;
    }

    const std::string& text_;
    Diagnostics& diagnostics_;
    int line_ = 1;
    std::size_t line_start_ = 0;
    std::size_t depth_ = 0;
    bool is_key_next_ = false;
    bool is_value_next_ = false;
    std::string key_;
};

/// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ...": what
/// stands behind the place, which every error of ours begins with.
std::string reason_of(const nlohmann::json::exception& failure) {
    std::string_view message = failure.what();
    message.remove_prefix(message.find("] ") + 2);
    constexpr std::string_view kPlace = "parse error at ";
    if (message.substr(0, kPlace.size()) == kPlace) message.remove_prefix(message.find(": ") + 2);
    return std::string(message);
}

}  // namespace

nlohmann::json parse_json(const std::string& text, Diagnostics& diagnostics) {
    nlohmann::json json;
    try {
        json = nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& e) {
        // e.byte counts from 1.
        const std::size_t offset = std::min(text.size(), e.byte == 0 ? 0 : e.byte - 1);
        diagnostics.fatal(position_of(text, offset), "is not valid JSON: " + reason_of(e));
    } catch (const nlohmann::json::exception& e) {
        diagnostics.fatal({}, "is not valid JSON: " + reason_of(e));
    }
    if (!json.is_object()) diagnostics.fatal({1, 1}, "is no JSON object");
    return json;
}

Position JsonPlaces::of(const std::string& key) const {
    const auto found = values.find(key);
    return found == values.end() ? object : found->second;
}

JsonPlaces find_places(const std::string& text, Diagnostics& diagnostics) {
    return KeyFinder(text, diagnostics).find();
}

}  // namespace lpusim::config
