// Damaged files end in errors, not in crashes: random changes to shipped files, and to a
// config.json.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/config/data_files.h"
#include "sim/config/load.h"
#include "tests/config/temporary_file.h"

namespace lpusim {
namespace {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

const std::vector<std::string>& originals() {
    static const std::vector<std::string> kOriginals = [] {
        std::vector<std::string> texts = {std::string(kSmallChip)};
        for (const FileKind kind :
             {FileKind::Hardware, FileKind::Format, FileKind::Model, FileKind::Slurm}) {
            for (const ShippedFile& file : shipped_files(kind))
                texts.push_back(content_of(file.path));
        }
        texts.emplace_back(
            R"({"architectures": ["LlamaForCausalLM"], "hidden_size": 64, "vocab_size": 9,
            "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
            "max_position_embeddings": 128, "tie_word_embeddings": false})");
        return texts;
    }();
    return kOriginals;
}

/// Fragments that mean something to YAML, to JSON or to the parsers of values.
const std::vector<std::string>& fragments() {
    static const std::vector<std::string> kFragments = {"",
                                                        "\n",
                                                        ":",
                                                        ": ",
                                                        "-",
                                                        "- ",
                                                        "[",
                                                        "]",
                                                        "{",
                                                        "}",
                                                        ",",
                                                        "#",
                                                        "'",
                                                        "\"",
                                                        "&a ",
                                                        "*a",
                                                        "!!x ",
                                                        "|",
                                                        ">",
                                                        "%",
                                                        "---\n",
                                                        "...\n",
                                                        "? ",
                                                        "<<: ",
                                                        "\t",
                                                        "  ",
                                                        "\r\n",
                                                        "~",
                                                        "null",
                                                        "none",
                                                        "0",
                                                        "-1",
                                                        ".nan",
                                                        ".inf",
                                                        "1e999",
                                                        "0x7",
                                                        "1.5",
                                                        "%YAML",
                                                        "18446744073709551616",
                                                        " GB/s",
                                                        " %",
                                                        " bits",
                                                        " GHz",
                                                        "value",
                                                        "per",
                                                        "kind",
                                                        "\\u0000",
                                                        "\xc3\xa4",
                                                        "\xff",
                                                        std::string(1, '\0'),
                                                        "99999999999999999999999999999999999999",
                                                        "{value: 1}",
                                                        "[[[[[[",
                                                        "a: b: c",
                                                        "!<tag:x> "};
    return kFragments;
}

std::string mutated(std::string text) {
    const int changes = *rc::gen::inRange(1, 6);
    for (int i = 0; i < changes; ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
        const auto length = *rc::gen::inRange<std::size_t>(0, 40);
        switch (*rc::gen::inRange(0, 5)) {
            case 0:  // something else in its place
                text.replace(at, length / 4, *rc::gen::elementOf(fragments()));
                break;
            case 1:  // a part again, elsewhere
                text.insert(*rc::gen::inRange<std::size_t>(0, text.size() + 1),
                            text.substr(at, length));
                break;
            case 2:
                text.erase(at, length);
                break;
            case 3:
                text.insert(at, *rc::gen::arbitrary<std::string>());
                break;
            default:
                if (*rc::gen::inRange(0, 8) == 0) text.resize(at);
        }
    }
    return text;
}

RC_GTEST_PROP(Fuzz, NothingButConfigErrors, ()) {
    const std::string text = mutated(*rc::gen::elementOf(originals()));
    const std::string name = *rc::gen::element<std::string>("f.yaml", "f.yaml", "f.json");
    // Anything but a ConfigError leaves check_file() as an exception, and fails the property.
    for (const std::string& error : errors_of(text, name)) {
        RC_ASSERT(error.find(": error: ") != std::string::npos);
        RC_ASSERT(error.find('\n') == std::string::npos);
    }
}

}  // namespace
}  // namespace lpusim
