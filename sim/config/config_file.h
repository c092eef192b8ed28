#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "sim/config/load.h"

namespace lpusim {

namespace config {
struct YamlNode;
}

/// A hardware, format or model file that is read and parsed once, to be loaded many times with
/// different overrides. A Hugging Face config.json becomes the file of ours that says the same.
class ConfigFile {
public:
    /// Throws ConfigError for a file that cannot be read or is no YAML; what it says is looked at
    /// only when it is loaded.
    ConfigFile(FileKind kind, const std::filesystem::path& path);
    /// A text that was read elsewhere; `where` stands in errors.
    ConfigFile(FileKind kind, std::string where, std::string text);

    FileKind kind() const { return kind_; }
    const std::string& where() const { return where_; }
    const std::string& text() const { return text_; }

    // As load_hardware() and so on.
    HardwareConfig hardware(const Overrides& overrides = {}) const;
    NumberFormat format(const Overrides& overrides = {}) const;
    Model model(const Overrides& overrides = {}) const;

private:
    FileKind kind_;
    std::string where_;
    std::string text_;
    std::shared_ptr<const config::YamlNode> root_;
};

}  // namespace lpusim
