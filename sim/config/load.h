#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "hw_models/numerics/number_format.h"
#include "sim/config/diagnostics.h"
#include "sim/config/hardware_config.h"
#include "sim/config/slurm_settings.h"
#include "sim/workload/model.h"

namespace lpusim {

/// The kinds of files that users write, by their top-level key `kind`.
enum class FileKind : std::uint8_t { Hardware, Format, Model, Sweep, Slurm, Claims };
/// "hardware", "format", "model", "sweep", "slurm", "claims"
const char* name_of(FileKind kind);

/// A value that takes the place of a file's, by its dotted path ("unpack.lanes", "128"). The value
/// is written as it would be in the file.
struct Override {
    std::string key;
    std::string value;
};
using Overrides = std::vector<Override>;

// All of these throw ConfigError with every error of the file. Errors of overrides have no
// position.

HardwareConfig load_hardware(const std::filesystem::path& path, const Overrides& overrides = {});
NumberFormat load_format(const std::filesystem::path& path, const Overrides& overrides = {});
/// A format whose text stands in another file; `where` takes the place of a path in errors.
NumberFormat parse_format(const std::string& text, const std::string& where);
/// One of our files, or a Hugging Face config.json (a name that ends in .json, without a key
/// `kind`).
Model load_model(const std::filesystem::path& path, const Overrides& overrides = {});
SlurmSettings load_slurm(const std::filesystem::path& path, const Overrides& overrides = {});

FileKind detect_kind(const std::filesystem::path& path);
/// The key `kind` of a file, which may also be one of `more`: kinds that are read elsewhere.
std::string detect_kind(const std::filesystem::path& path, const std::vector<std::string>& more);

/// Every error of a hardware, format or model file, as printed; none if it is valid. What is wrong
/// with a sweep file is for sim/sweep to say.
std::vector<std::string> check_file(const std::filesystem::path& path);

/// The configuration with all defaults and derived values written out, in canonical form: equal
/// configurations give equal texts, and reading the text as a file gives the configuration back.
/// Prose is left out.
nlohmann::ordered_json effective_json(const HardwareConfig& config);
nlohmann::ordered_json effective_json(const NumberFormat& format);
nlohmann::ordered_json effective_json(const Model& model);

}  // namespace lpusim
