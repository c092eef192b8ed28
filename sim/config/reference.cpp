#include "sim/config/reference.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "sim/config/claims_schema.h"
#include "sim/config/data_files.h"
#include "sim/config/format_schema.h"
#include "sim/config/hardware_schema.h"
#include "sim/config/model_schema.h"
#include "sim/config/slurm_schema.h"
#include "sim/config/sweep_schema.h"

namespace lpusim {

namespace {

using config::Default;
using config::FieldDoc;
using config::GroupDoc;
using config::SchemaDoc;

/// The chip whose values and sources illustrate the keys of a hardware file.
constexpr const char* kExampleChip = "lpu-80gbs";

constexpr const char* kIntroduction =
    R"(# Configuration reference

<!-- Generated from sim/config by: LPUSIM_UPDATE_DOCS=1 build/dev/tests/test_config -->

What is simulated is described by three kinds of YAML files, and many simulations by a fourth. The
first key of each says which it is: `kind: hardware`, `kind: format`, `kind: model` or `kind: sweep`.
A fifth, `kind: slurm`, says what a sweep asks of a cluster; `kind: claims` holds published
numbers to the simulator.
`lpusim check FILE...` lists everything that is wrong with files, `lpusim describe` prints what
follows here, and `lpusim list` names the files that are shipped.

## How values are written

- A number that measures something carries its unit: `80 GB/s`, `220 MiB`, `0.9155 GHz`,
  `40 cycles`, `20480 B/cycle`, `95 %`. Without its unit it is an error, and so is a unit on a plain
  count. GB is 10⁹ bytes, GiB is 2³⁰ bytes.
- Numbers are decimal and exact: no binary floating point touches them, and what is no whole number
  of bytes, hertz or cycles is an error. There are no exponents, no digit separators and no leading
  zeros (which some readers of YAML take for octal).
- Any value may be given with what it rests on. Reports repeat it beside the results.

  ```yaml
  clock: 900 MHz              # plain
  unpack:
    lanes:                    # annotated
      value: 20480
      confidence: assumed     # published, derived or assumed
      source: as many as the load port takes
  ```

- Unknown keys, keys that stand twice, and values out of range are errors. All errors of a file are
  printed at once, with their line and column. Anchors, aliases, tags and several documents in one
  file are not supported.
- Where a key is named from outside (in a sweep, in a report) it is named by its dotted path, as in
  the tables below: `stream.weight.bandwidth`.

## Where files are found

A path is a path. If no file is there, it is tried relative to the data directory: `LPUSIM_DATA_DIR`
if that is set, else the source directory that lpusim was built from, else the working directory. A
bare name means a shipped file: `int4-g64` is `configs/formats/int4-g64.yaml`, and likewise in
`configs/hardware/`, `workloads/models/`, `configs/sweeps/` and `configs/slurm/`.
)";

const SchemaDoc& doc_of(FileKind kind) {
    switch (kind) {
        case FileKind::Hardware:
            return config::hardware_doc();
        case FileKind::Format:
            return config::format_doc();
        case FileKind::Sweep:
            return config::sweep_doc();
        case FileKind::Model:
            return config::model_doc();
        case FileKind::Slurm:
            return config::slurm_doc();
        case FileKind::Claims:
            break;
    }
    return config::claims_doc();
}

std::string show(const Default& fallback) {
    return fallback.kind == Default::Kind::Required ? "required" : fallback.text;
}

std::string group_of(const FieldDoc& field) {
    const std::size_t dot = field.key.rfind('.');
    return dot == std::string::npos ? "" : field.key.substr(0, dot);
}

/// "stream" of "stream.weight.latency".
std::string outermost(const std::string& key) { return key.substr(0, key.find('.')); }

/// " (published)"; nothing for a plain value, which is a choice and rests on nothing.
std::string confidence_of(const Provenance& entry) {
    if (entry.source.empty()) return "";
    return fmt::format(" ({})", entry.source == "default" ? "default" : name_of(entry.confidence));
}

/// Text of a table's cell.
std::string cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
        text.insert(at, "\\");
    }
    return text;
}

std::string row_of(const FieldDoc& field) {
    const std::string fallback = show(field.fallback);
    return fmt::format("| `{}` | {} | {} | {} |\n", field.key, cell(field.allowed),
                       fallback.empty() ? "empty" : cell(fallback), cell(field.doc));
}

constexpr const char* kTableHead = "\n| key | value | default | meaning |\n|---|---|---|---|\n";

/// A table of the keys without a group, then one for each of the outermost groups.
std::string reference_of(FileKind kind) {
    const SchemaDoc& schema = doc_of(kind);
    std::string text = fmt::format("\n## kind: {}\n\n{}\n{}", schema.kind, schema.doc, kTableHead);
    for (const FieldDoc& field : schema.fields) {
        if (outermost(field.key) == field.key) text += row_of(field);
    }
    for (const GroupDoc& group : schema.groups) {
        if (outermost(group.key) != group.key) continue;
        text += fmt::format("\n### {}\n\n{}.\n", group.key, group.doc);
        std::string inner_groups;
        for (const GroupDoc& inner : schema.groups) {
            if (inner.key == group.key || outermost(inner.key) != group.key) continue;
            inner_groups += fmt::format("- `{}`: {}\n", inner.key, inner.doc);
        }
        if (!inner_groups.empty()) text += "\n" + inner_groups;
        text += kTableHead;
        for (const FieldDoc& field : schema.fields) {
            if (outermost(field.key) == group.key) text += row_of(field);
        }
    }
    return text;
}

/// A table of the shipped chips' values, a column each.
std::string shipped_chips() {
    const std::vector<ShippedFile> files = shipped_files(FileKind::Hardware);
    std::vector<HardwareConfig> chips;
    std::string text =
        "\n### The shipped chips\n\nThe source of each value stands beside it in the chip's "
        "file.\n\n";
    for (const ShippedFile& file : files) {
        chips.push_back(load_hardware(file.path));
        text += fmt::format("- **{}**: {}\n", chips.back().name, chips.back().description);
    }
    std::string names = "\n| key |";
    std::string rule = "|---|";
    for (const HardwareConfig& chip : chips) {
        names += fmt::format(" {} |", cell(chip.name));
        rule += "---|";
    }
    text += names + "\n" + rule + "\n";
    const std::size_t rows = chips.empty() ? 0 : chips.front().provenance.size();
    for (std::size_t row = 0; row < rows; ++row) {
        text += fmt::format("| `{}` |", chips.front().provenance[row].key);
        for (const HardwareConfig& chip : chips) {
            const Provenance& entry = chip.provenance[row];
            text += fmt::format(" {}{} |", cell(entry.value), confidence_of(entry));
        }
        text += "\n";
    }
    return text;
}

/// By key, how the example chip's file has it; empty when it is not there.
std::map<std::string, Provenance> example_values() {
    std::map<std::string, Provenance> values;
    for (const ShippedFile& file : shipped_files(FileKind::Hardware)) {
        if (file.name != kExampleChip) continue;
        for (const Provenance& entry : load_hardware(file.path).provenance) {
            values.emplace(entry.key, entry);
        }
    }
    return values;
}

}  // namespace

std::string describe(FileKind kind) {
    const SchemaDoc& schema = doc_of(kind);
    std::map<std::string, Provenance> examples;
    if (kind == FileKind::Hardware) examples = example_values();

    std::string text = fmt::format("kind: {}\n    {}\n", schema.kind, schema.doc);
    std::string group;
    for (const FieldDoc& field : schema.fields) {
        if (group_of(field) != group) {
            group = group_of(field);
            for (const GroupDoc& doc : schema.groups) {
                if (doc.key == group) text += fmt::format("\n[{}] {}\n", doc.key, doc.doc);
            }
        }
        text += fmt::format("\n{}\n    {}\n    allowed: {}\n", field.key, field.doc, field.allowed);
        if (field.fallback.kind == Default::Kind::Required) {
            text += "    required\n";
        } else if (!field.fallback.text.empty()) {
            text += fmt::format("    default: {}\n", field.fallback.text);
        }
        const auto example = examples.find(field.key);
        if (example == examples.end()) continue;
        const Provenance& entry = example->second;
        text += fmt::format("    {}: {}{}{}{}\n", kExampleChip, entry.value, confidence_of(entry),
                            entry.source.empty() ? "" : ": ", entry.source);
    }
    return text;
}

std::string configuration_reference() {
    return kIntroduction + reference_of(FileKind::Hardware) + shipped_chips() +
           reference_of(FileKind::Format) + reference_of(FileKind::Model) +
           reference_of(FileKind::Sweep) + reference_of(FileKind::Slurm) +
           reference_of(FileKind::Claims);
}

}  // namespace lpusim
