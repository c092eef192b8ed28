#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace lpusim {

/// Text that is no JSON, or none that we accept; the message says why, without the file's name.
class JsonError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Parses JSON from a file that may be hostile: nesting is limited, a key that stands twice in an
/// object is an error, and so is anything behind the value. Throws JsonError.
nlohmann::json parse_strict_json(std::string_view text);

/// The member of an object. Throws JsonError if `parent` is none, or has no such key.
const nlohmann::json& member(const nlohmann::json& parent, const char* key);

/// Values of a known type. Throw JsonError, which calls the value `what`.
std::uint64_t as_count(const nlohmann::json& value, const char* what);
const nlohmann::json& as_array(const nlohmann::json& value, const char* what);
const std::string& as_text(const nlohmann::json& value, const char* what);

/// A name from a file, in quotes, fit to be shown: shortened, and without control characters.
std::string shown_name(std::string_view name);

}  // namespace lpusim
