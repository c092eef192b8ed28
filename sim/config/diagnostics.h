#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lpusim {

/// What is wrong with a user's file: every error found in it, in the order of the file. what() has
/// a line for each, "file:line:column: error: ...".
class ConfigError : public std::runtime_error {
public:
    explicit ConfigError(std::vector<std::string> errors);

    const std::vector<std::string>& errors() const { return errors_; }

private:
    std::vector<std::string> errors_;
};

namespace config {

/// A place in a file, counted from 1, columns in bytes. Line 0: nowhere in its text.
struct Position {
    int line = 0;
    int column = 0;
};

/// Collects the errors of one file.
class Diagnostics {
public:
    explicit Diagnostics(std::string_view file);

    void error(Position at, std::string message);
    bool empty() const { return errors_.empty(); }
    /// Throws a ConfigError with all errors, sorted by position, if there are any.
    void throw_if_any() const;
    /// Adds an error that leaves nothing to go on with, and throws all.
    [[noreturn]] void fatal(Position at, std::string message);

private:
    struct Error {
        Position at;
        std::string message;
    };

    std::string file_;
    std::vector<Error> errors_;
};

/// The text as it may stand in an error: in quotes, on one line, without control characters, cut
/// when long.
std::string in_quotes(std::string_view text);

/// "a, b or c".
std::string one_of(const std::vector<std::string>& names);

/// The candidate that `word` may be a misspelling of; empty if none is closer than `most_edits`
/// letters added, left out, replaced or swapped.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates,
                    std::size_t most_edits = 3);

/// "; did you mean 'x'?", or nothing for an empty suggestion.
std::string did_you_mean(std::string_view suggestion);

}  // namespace config
}  // namespace lpusim
