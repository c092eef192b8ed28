#include "sim/config/reference.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lpusim {
namespace {

using testing::HasSubstr;

// LPUSIM_UPDATE_DOCS=1 writes the page anew.
TEST(Reference, DocsConfigurationIsCurrent) {
    const std::filesystem::path page =
        std::filesystem::path(LPUSIM_SOURCE_DIR) / "docs" / "configuration.md";
    if (std::getenv("LPUSIM_UPDATE_DOCS") != nullptr)
        std::ofstream(page) << configuration_reference();
    std::ifstream file(page);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_TRUE(text == configuration_reference())
        << page << " is out of date: run this test once with LPUSIM_UPDATE_DOCS=1";
}

TEST(Reference, DescribesEveryKey) {
    const std::string hardware = describe(FileKind::Hardware);
    EXPECT_THAT(
        hardware,
        HasSubstr("[unpack] Expands packed weights (module UnpackUnit)\n\nunpack.lanes\n    "
                  "Operand bytes emitted per cycle: INT8 weights, or half as many FP16 weights.\n  "
                  "  allowed: a whole number from 2 to 16777216\n    required\n    lpu-80gbs: "
                  "20480 (assumed): as many INT8 weights per cycle"));
    EXPECT_THAT(hardware, HasSubstr("    default: 100 %\n"));
    EXPECT_THAT(describe(FileKind::Format), HasSubstr("code.fields\n"));
    EXPECT_THAT(describe(FileKind::Model), HasSubstr("kv_heads\n"));
}

}  // namespace
}  // namespace lpusim
