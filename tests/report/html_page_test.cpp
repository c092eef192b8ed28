#include "sim/report/html_page.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lpusim {
namespace {

using testing::HasSubstr;
using testing::Not;

HtmlPage sample() {
    HtmlPage page;
    page.title = "<A> & \"B\"";
    page.style = "p { margin: 0 }\n";
    page.body = "<p>text</p>\n";
    page.data = {{"data", R"({"x": "</script><script>alert(1)</script>"})"}};
    page.scripts = {"first();", "second();"};
    return page;
}

TEST(HtmlPage, IsOneFileThatLoadsNothing) {
    const std::string html = html_document(sample());
    EXPECT_THAT(html, HasSubstr("<title>&lt;A&gt; &amp; &quot;B&quot;</title>"));
    EXPECT_THAT(html, HasSubstr("default-src 'none'"));
    EXPECT_THAT(html, Not(HasSubstr("src=\"")));
    EXPECT_THAT(html, Not(HasSubstr("http://")));
    EXPECT_THAT(html, Not(HasSubstr("https://")));
    EXPECT_LT(html.find("first()"), html.find("second()"));
}

TEST(HtmlPage, DataCannotLeaveItsElement) {
    const std::string html = html_document(sample());
    EXPECT_THAT(html, Not(HasSubstr("alert(1)</script>")));
    EXPECT_THAT(html, HasSubstr("\\u003c/script\\u003e"));
}

TEST(HtmlPage, ScriptsRunOnlyWithThePagesNonce) {
    const std::string html = html_document(sample());
    const std::size_t at = html.find("'nonce-") + 7;
    const std::string nonce = html.substr(at, html.find('\'', at) - at);
    EXPECT_EQ(nonce.size(), 36U);
    EXPECT_THAT(html, HasSubstr("<script nonce=\"" + nonce + "\">\nfirst();"));
    EXPECT_EQ(html_document(sample()), html);
    HtmlPage other = sample();
    other.body = "<p>other</p>\n";
    EXPECT_THAT(html_document(other), Not(HasSubstr(nonce)));
}

TEST(HtmlPage, RefusesCodeThatEndsItsElement) {
    HtmlPage page = sample();
    page.scripts = {"x = '</SCRIPT>'"};
    EXPECT_THROW((void)html_document(page), std::invalid_argument);
    page = sample();
    page.style = "</style>";
    EXPECT_THROW((void)html_document(page), std::invalid_argument);
}

}  // namespace
}  // namespace lpusim
