#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

namespace lpusim::app {

/// Worker processes that may run at a time.
inline constexpr std::uint32_t kMostJobs = 1'024;

/// In single quotes if a shell would take it apart.
std::string shell_word(const std::string& word);

/// This program, as it was called: a path leads to it from the same folder, a name through PATH.
std::string program_word();

/// The options of a verb. Values stay texts here; what they mean is the verb's business.
class CommandLine {
public:
    /// `verb` as typed ("lpusim run").
    explicit CommandLine(std::string verb);

    void add_value(const std::string& name, const std::string& placeholder,
                   const std::string& help);
    void add_flag(const std::string& name, const std::string& help);
    /// Arguments without a name are allowed; they are called that in help.
    void allow_positional(const std::string& placeholder);

    /// Throws InputError: unknown or repeated options, missing or unwanted values.
    void parse(const std::vector<std::string>& arguments);

    bool has(const std::string& name) const { return values_.count(name) != 0; }
    std::optional<std::string> value(const std::string& name) const;
    const std::vector<std::string>& positional() const { return positional_; }

    /// "Usage" and options; `--help` is one of them.
    std::string help(const std::string& usage, const std::string& about) const;
    /// What ends the message of an error.
    std::string hint() const;

private:
    [[noreturn]] void fail(const std::string& message) const;
    [[noreturn]] void fail_unknown(const std::string& option) const;

    std::string verb_;
    std::string positional_placeholder_;
    boost::program_options::options_description options_;
    boost::program_options::variables_map values_;
    std::vector<std::string> positional_;
};

/// A command as a shell takes it: words in single quotes where it would take them apart.
std::string command_text(std::string command, const std::vector<std::string>& arguments);

/// A whole number within [least, most]; throws InputError naming the option.
std::uint32_t parse_count(const std::string& option, const std::string& text, std::uint32_t least,
                          std::uint32_t most);

/// "a,b,c" without empty items and repetitions; throws InputError naming the option.
std::vector<std::string> parse_list(const std::string& option, const std::string& text);

}  // namespace lpusim::app
