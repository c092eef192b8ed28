#include "sim/app/vega.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "sim/app/child_process.h"
#include "sim/app/input_errors.h"
#include "sim/config/data_files.h"

namespace lpusim::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kInstall =
    "install Debian's nodejs and libjs-vega (scripts/install-deps does)";

struct VegaModule {
    std::string name;
    fs::path file;
};

std::string environment_or(const char* variable, const char* otherwise) {
    const char* set = std::getenv(variable);
    return set != nullptr && *set != '\0' ? set : otherwise;
}

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return text.str();
}

fs::path page_folder() { return data_directory() / "reports/page"; }

std::vector<VegaModule> vega_modules() {
    const fs::path folder = environment_or("LPUSIM_VEGA_DIR", "/usr/share/javascript/vega");
    std::vector<VegaModule> modules;
    std::istringstream names(read_file(page_folder() / "vega_modules.txt"));
    for (std::string name; std::getline(names, name);) {
        modules.push_back({name, folder / (name + ".min.js")});
        if (fs::exists(modules.back().file)) continue;
        throw std::runtime_error(fmt::format("reports need Vega, and {} is not there; {}",
                                             modules.back().file.string(), kInstall));
    }
    return modules;
}

/// Without the comment that makes a browser's tools look for a file elsewhere.
std::string without_source_map(std::string text) {
    const std::size_t at = text.rfind("//# sourceMappingURL=");
    if (at != std::string::npos) text.erase(at);
    return text;
}

}  // namespace

PageAssets page_assets() {
    PageAssets assets;
    assets.style = read_file(page_folder() / "page.css");
    assets.scripts.push_back(read_file(page_folder() / "charts.js"));
    for (const VegaModule& module : vega_modules()) {
        assets.scripts.push_back(fmt::format(
            "lpusimCharts.define(\"{}\", function (exports, module, require) {{\n{}\n}});",
            module.name, without_source_map(read_file(module.file))));
    }
    assets.scripts.push_back(read_file(page_folder() / "page.js"));
    return assets;
}

PageAssets page_assets_without_charts() {
    PageAssets assets;
    assets.style = read_file(page_folder() / "page.css");
    assets.scripts.push_back(read_file(page_folder() / "page.js"));
    return assets;
}

std::map<std::string, std::string> render_figures(const Json& payload) {
    std::map<std::string, std::string> figures;
    if (payload.at("charts").empty()) return figures;
    Json modules = Json::array();
    for (const VegaModule& module : vega_modules()) {
        modules.push_back({{"name", module.name}, {"file", module.file.string()}});
    }
    const std::string node = environment_or("LPUSIM_NODE", "node");
    const Json input = {{"modules", modules}, {"report", payload}};
    const ChildResult result =
        run_child({node, (page_folder() / "render_figures.js").string()}, input.dump());
    if (!result.started) {
        throw std::runtime_error(
            fmt::format("reports need Node.js to draw figures, and there is no program '{}'; {}",
                        node, kInstall));
    }
    constexpr int kBadSpecification = 2;
    if (result.exit_code == kBadSpecification) {
        throw InputError(fmt::format("error: Vega cannot draw chart {}", result.errors));
    }
    if (result.exit_code != 0) {
        throw std::runtime_error(fmt::format("Vega could not draw the figures: {}", result.errors));
    }
    const Json drawn = Json::parse(result.output);
    for (const auto& [id, svg] : drawn.items()) {
        figures[id] = svg.get<std::string>();
    }
    return figures;
}

}  // namespace lpusim::app
