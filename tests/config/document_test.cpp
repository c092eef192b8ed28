// What is wrong with a file as a whole, before its keys are looked at.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/config/load.h"
#include "tests/config/temporary_file.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Document, MissingFile) {
    EXPECT_THAT(check_file("no/such/file.yaml"),
                ElementsAre("no/such/file.yaml: error: no such file"));
    EXPECT_THAT(check_file(""), ElementsAre("'': error: no such file"));
}

TEST(Document, Directory) {
    const TemporaryFolder folder;
    EXPECT_THAT(check_file(folder.path()),
                ElementsAre(folder.path().string() + ": error: this is a directory, not a file"));
}

TEST(Document, Unreadable) {
    if (geteuid() == 0) GTEST_SKIP() << "root can read everything";
    const TemporaryFolder folder;
    const auto file = folder.write("a.yaml", kSmallChip);
    chmod(file.c_str(), 0);
    EXPECT_THAT(check_file(file),
                ElementsAre(file.string() + ": error: cannot be read: Permission denied"));
}

TEST(Document, Empty) {
    EXPECT_THAT(errors_of(""), ElementsAre("chip.yaml: error: is empty"));
    EXPECT_THAT(errors_of("# nothing but a comment\n"), ElementsAre("chip.yaml: error: is empty"));
    EXPECT_THAT(errors_of("---\n"), ElementsAre("chip.yaml: error: is empty"));
}

TEST(Document, Binary) {
    EXPECT_THAT(errors_of(std::string("\177ELF\0\1", 6)),
                ElementsAre("chip.yaml: error: is a binary file (NUL at byte 4), not text"));
    EXPECT_THAT(errors_of("kind: hardware\nname: \xff\xfe\n"),
                ElementsAre("chip.yaml:2:7: error: is not valid UTF-8 text"));
    // Overlong, a surrogate, beyond U+10FFFF, cut off.
    for (const char* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82",
                            "\xe0\x80\x80", "\xf0\x80\x80\x80", "\x80"}) {
        EXPECT_THAT(errors_of(bad), ElementsAre("chip.yaml:1:1: error: is not valid UTF-8 text"));
    }
}

TEST(Document, Utf8AndByteOrderMarkAreFine) {
    EXPECT_THAT(errors_of("\xef\xbb\xbf" + replaced(std::string(kSmallChip), "name: small",
                                                    "name: k\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80")),
                IsEmpty());
}

TEST(Document, TooLarge) {
    EXPECT_THAT(errors_of("# " + std::string(1U << 20U, '-')),
                ElementsAre("chip.yaml: error: is larger than 1 MiB: not a configuration file"));
}

TEST(Document, NoKeys) {
    EXPECT_THAT(errors_of("just text\n"),
                ElementsAre("chip.yaml:1:1: error: got 'just text' at the top, where keys are "
                            "expected ('kind: hardware' and so on)"));
    EXPECT_THAT(errors_of("- 1\n- 2\n"),
                ElementsAre("chip.yaml:1:1: error: got a list at the top, where keys are expected "
                            "('kind: hardware' and so on)"));
}

TEST(Document, SyntaxErrors) {
    EXPECT_THAT(errors_of("kind: hardware\nname: a\n  clock: 1 GHz\n"),
                ElementsAre("chip.yaml:3:8: error: is not valid YAML: illegal map value"));
    EXPECT_THAT(
        errors_of("kind: [hardware\n"),
        ElementsAre("chip.yaml:2:1: error: is not valid YAML: end of sequence flow not found"));
    EXPECT_THAT(
        errors_of("kind: hardware\n\tname: a\n"),
        ElementsAre("chip.yaml:2:1: error: is indented by a tab; YAML is indented by spaces"));
    // Here yaml-cpp stumbles over what follows the tab.
    EXPECT_THAT(
        errors_of("sram:\n  ports: 1\n\tbanks: 4\n"),
        ElementsAre("chip.yaml:3:1: error: is indented by a tab; YAML is indented by spaces"));
}

TEST(Document, SecondDocument) {
    EXPECT_THAT(
        errors_of("kind: hardware\n---\nkind: format\n"),
        ElementsAre("chip.yaml:2:1: error: a second YAML document begins here; one is allowed"));
}

TEST(Document, NestedTooDeeply) {
    EXPECT_THAT(errors_of("kind: " + std::string(1000, '[') + std::string(1000, ']')),
                ElementsAre(HasSubstr("error: is nested too deeply")));
    std::string steps;
    for (int i = 0; i < 700; ++i) steps += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    EXPECT_THAT(errors_of(steps), ElementsAre(HasSubstr("error: is nested too deeply")));
}

TEST(Document, WhatOurFilesDoNotUse) {
    const char* const anchors =
        "error: anchors, aliases and merge keys ('&', '*', '<<') are not supported";
    EXPECT_THAT(errors_of("kind: hardware\nclock: &c 1 GHz\nname: *c\n"),
                ElementsAre(std::string("chip.yaml:2:8: ") + anchors));
    EXPECT_THAT(
        errors_of("kind: hardware\nname: *c\n"),
        ElementsAre(
            "chip.yaml:2:7: error: is not valid YAML: the referenced anchor is not defined"));
    EXPECT_THAT(errors_of("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"),
                ElementsAre(std::string("chip.yaml:1:4: ") + anchors));
    EXPECT_THAT(
        errors_of("kind: !!str hardware\n"),
        ElementsAre("chip.yaml:1:7: error: YAML tags ('tag:yaml.org,2002:str') are not supported"));
    EXPECT_THAT(errors_of("? [kind]\n: hardware\n"),
                ElementsAre("chip.yaml:1:3: error: a key must be a word"));
    EXPECT_THAT(errors_of(": hardware\n"),
                ElementsAre("chip.yaml:1:1: error: a key is missing before ':'"));
}

TEST(Document, Kind) {
    EXPECT_THAT(errors_of("name: small\n"),
                ElementsAre("chip.yaml:1:1: error: missing key 'kind'; allowed: hardware, format, "
                            "model, sweep, slurm or claims"));
    EXPECT_THAT(errors_of("kind: hardwar\n"),
                ElementsAre("chip.yaml:1:7: error: key 'kind': got 'hardwar'; allowed: hardware, "
                            "format, model, sweep, slurm or claims; did you mean 'hardware'?"));
    EXPECT_THAT(errors_of("kind: [hardware]\n"),
                ElementsAre("chip.yaml:1:7: error: key 'kind': got a list; allowed: hardware, "
                            "format, model, sweep, slurm or claims"));
    EXPECT_THAT(errors_of("kind:\n"),
                ElementsAre("chip.yaml:1:1: error: key 'kind': got nothing; "
                            "allowed: hardware, format, model, sweep, slurm or claims"));
}

TEST(Document, OfAnotherKindThanWanted) {
    const TemporaryFolder folder;
    const auto file = folder.write("chip.yaml", kSmallChip);
    EXPECT_EQ(detect_kind(file), FileKind::Hardware);
    try {
        load_format(file);
        FAIL() << "no error";
    } catch (const ConfigError& e) {
        EXPECT_EQ(e.what(),
                  file.string() +
                      ":1:7: error: key 'kind': got 'hardware', but a format file is wanted here");
    }
}

}  // namespace
}  // namespace lpusim
