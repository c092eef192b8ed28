#include "sim/report/html_page.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <fmt/format.h>

#include "sim/report/escape.h"

namespace lpusim {

namespace {

/// Scripts of the page carry this; one that came in with some text does not, and is not run. It
/// follows from the content, so equal reports have equal bytes.
std::string nonce_of(const HtmlPage& page) {
    std::string content = page.body + page.style;
    for (const HtmlPage::Data& data : page.data) content += data.json;
    boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
    return boost::uuids::to_string(generate(content));
}

/// `text` inside <`element`>: it must not end it.
const std::string& inside(const std::string& element, const std::string& text) {
    const std::string end = "</" + element;
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == b;
    };
    const bool ends =
        std::search(text.begin(), text.end(), end.begin(), end.end(), same) != text.end();
    if (ends || text.find("<!--") != std::string::npos) {
        throw std::invalid_argument("a part of the page ends its <" + element + "> element");
    }
    return text;
}

}  // namespace

std::string html_document(const HtmlPage& page) {
    const std::string nonce = nonce_of(page);
    std::string text = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
        "'nonce-{}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action "
        "'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"description\" content=\"{}\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n"
        "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n{}",
        html_text(page.language), nonce, html_text(page.description), html_text(page.title),
        inside("style", page.style), page.body);
    for (const HtmlPage::Data& data : page.data) {
        text +=
            fmt::format("<script type=\"application/json\" id=\"{}\" nonce=\"{}\">{}</script>\n",
                        html_text(data.id), nonce, script_json(data.json));
    }
    for (const std::string& script : page.scripts) {
        text +=
            fmt::format("<script nonce=\"{}\">\n{}\n</script>\n", nonce, inside("script", script));
    }
    return text + "</body>\n</html>\n";
}

}  // namespace lpusim
