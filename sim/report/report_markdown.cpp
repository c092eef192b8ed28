#include <fmt/format.h>

#include "sim/report/escape.h"
#include "sim/report/report_content.h"
#include "sim/report/table_writers.h"

namespace lpusim {

namespace {

constexpr std::size_t kMostRows = 60;

std::string section_text(const ReportContent::Section& section) {
    std::string text = "\n## " + markdown_text(section.title) + "\n";
    if (!section.left_out.empty()) {
        return text + "\n*Left out.* " + markdown_text(section.left_out) + "\n";
    }
    for (const std::string& paragraph : section.text)
        text += "\n" + markdown_text(paragraph) + "\n";
    if (!section.tiles.empty()) text += "\n";
    for (const ReportTile& tile : section.tiles) {
        text += fmt::format("- {}: **{}**\n", markdown_text(tile.label), markdown_text(tile.value));
    }
    for (const ReportContent::Chart& chart : section.charts) {
        text += fmt::format("\n![{}](figures/{}.svg)\n\n*{}*\n", markdown_text(chart.alternative),
                            chart.id, markdown_text(chart.caption));
    }
    for (const ReportContent::Table& use : section.tables) {
        text += fmt::format("\n{}\n\n{}", markdown_text(use.caption),
                            markdown_table(*use.table, kMostRows));
    }
    return text;
}

}  // namespace

std::string report_markdown(const ReportContent& content) {
    std::string text = "# " + markdown_text(content.title) + "\n";
    for (const ReportContent::Section& section : content.sections) text += section_text(section);
    return text;
}

}  // namespace lpusim
