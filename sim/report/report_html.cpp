#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "sim/report/escape.h"
#include "sim/report/html_page.h"
#include "sim/report/report_content.h"
#include "sim/report/table_writers.h"

namespace lpusim {

namespace {

std::string tiles_html(const std::vector<ReportTile>& tiles) {
    if (tiles.empty()) return "";
    std::string html = "<dl class=\"tiles\">\n";
    for (const ReportTile& tile : tiles) {
        html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", html_text(tile.label),
                            html_text(tile.value));
    }
    return html + "</dl>\n";
}

std::string chart_html(const ReportContent::Chart& chart) {
    return fmt::format(
        "<figure id=\"chart-{0}\">\n<div class=\"chart\" data-chart=\"{0}\" role=\"img\" "
        "aria-label=\"{1}\">{2}</div>\n<figcaption>{3}</figcaption>\n</figure>\n",
        html_text(chart.id), html_text(chart.alternative), chart.svg, html_text(chart.caption));
}

std::string table_html(const ReportContent::Table& use) {
    std::string table = html_table(*use.table, use.caption);
    if (!use.folded) return table;
    return fmt::format("<details><summary>{} ({} rows)</summary>\n{}</details>\n",
                       html_text(use.caption), use.table->rows.size(), table);
}

std::string section_html(const ReportContent::Section& section, bool is_first) {
    std::string html = fmt::format("<section id=\"{}\"{}>\n<h2>{}</h2>\n", html_text(section.id),
                                   is_first ? " class=\"first\"" : "", html_text(section.title));
    if (!section.left_out.empty()) {
        html += "<p class=\"left-out\">" + html_text(section.left_out) + "</p>\n";
    }
    for (std::size_t i = 0; i < section.text.size(); ++i) {
        const bool is_answer = is_first && i == 0;
        html += fmt::format("<p{}>{}</p>\n", is_answer ? " class=\"answer\"" : "",
                            html_text(section.text[i]));
    }
    html += tiles_html(section.tiles);
    for (const ReportContent::Chart& chart : section.charts) html += chart_html(chart);
    for (const ReportContent::Table& table : section.tables) html += table_html(table);
    return html + "</section>\n";
}

std::string body_html(const ReportContent& content) {
    std::string html = "<a class=\"skip\" href=\"#content\">To the content</a>\n<header>\n";
    html += "<h1>" + html_text(content.title) + "</h1>\n</header>\n<main id=\"content\">\n";
    for (std::size_t i = 0; i < content.sections.size(); ++i) {
        html += section_html(content.sections[i], i == 0);
        if (i != 0) continue;
        // Behind the answer, so that the first screen holds it.
        html += "<nav aria-label=\"Sections\"><ul>\n";
        for (std::size_t s = 1; s < content.sections.size(); ++s) {
            html +=
                fmt::format("<li><a href=\"#{}\">{}</a></li>\n", html_text(content.sections[s].id),
                            html_text(content.sections[s].title));
        }
        html += "</ul></nav>\n";
    }
    return html +
           "</main>\n<div id=\"tip\" role=\"status\" hidden></div>\n"
           "<noscript><p>Without scripts, charts are pictures and tables keep their order."
           "</p></noscript>\n";
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
}

/// "var(--ink,#123456)" -> "#123456".
void fix_colours(std::string& svg) {
    constexpr std::string_view kBegin = "var(--";
    for (std::size_t at = svg.find(kBegin); at != std::string::npos; at = svg.find(kBegin, at)) {
        const std::size_t comma = svg.find(',', at);
        const std::size_t end = svg.find(')', at);
        if (comma == std::string::npos || end == std::string::npos || comma > end) return;
        svg.replace(at, end + 1 - at, svg.substr(comma + 1, end - comma - 1));
    }
}

}  // namespace

std::string report_html(const ReportContent& content, const PageAssets& assets) {
    HtmlPage page;
    page.title = content.title;
    page.description = content.description;
    page.style = assets.style;
    page.body = body_html(content);
    page.data = {{"report-data", chart_payload(content).dump()}};
    page.scripts = assets.scripts;
    return html_document(page);
}

std::string figure_file(const std::string& svg, const std::string& alternative) {
    std::string figure = svg;
    fix_colours(figure);
    const std::size_t tag_end = figure.find('>');
    if (figure.compare(0, 4, "<svg") != 0 || tag_end == std::string::npos) {
        throw std::invalid_argument("a figure is no SVG");
    }
    const std::string parts =
        fmt::format(R"(<title>{}</title><rect width="100%" height="100%" fill="#ffffff"/>)",
                    html_text(alternative));
    figure.insert(tag_end + 1, parts);
    replace_all(figure, "><g", ">\n<g");
    return figure + "\n";
}

}  // namespace lpusim
