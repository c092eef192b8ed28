#pragma once

#include <string>
#include <vector>

namespace lpusim {

/// One self-contained page: nothing is loaded from anywhere, and its security policy forbids it.
struct HtmlPage {
    std::string language = "en";
    /// Plain text.
    std::string title;
    std::string description;
    /// CSS.
    std::string style;
    /// HTML, made of escaped parts.
    std::string body;
    /// JSON texts that scripts read with document.getElementById(id).textContent.
    struct Data {
        std::string id;
        std::string json;
    };
    std::vector<Data> data;
    /// JavaScript, run in this order. Not escaped: our own files.
    std::vector<std::string> scripts;
};

/// Throws std::invalid_argument for a script or style that would end its own element.
std::string html_document(const HtmlPage& page);

}  // namespace lpusim
