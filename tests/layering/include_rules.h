#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lpusim::layering {

enum class SystemC { No, Yes };

/// A layer of the architecture: which files belong to it and what they may include.
struct Layer {
    std::string_view name;
    /// Path from the repository's root; '*' stands for any text without a '/'.
    std::string_view files;
    SystemC systemc;
    /// Names of the layers it may include besides itself.
    std::vector<std::string_view> may_include;
};

/// Lowest layer first.
const std::vector<Layer>& architecture();

/// The first layer whose pattern matches a path such as "hw_models/units/mac_array.h"; nullptr when
/// none does.
const Layer* layer_of(std::string_view path);

/// One message per forbidden #include in the text of the file at `path`, with its line number.
/// Besides the table: units never include each other, and hardware knows no files, printing or wall
/// clock.
std::vector<std::string> violations(std::string_view path, std::string_view text);

}  // namespace lpusim::layering
