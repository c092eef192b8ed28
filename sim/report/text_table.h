#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lpusim {

/// By how much the parts of a section are indented under its heading.
inline constexpr std::size_t kIndent = 2;

/// How text for people is laid out.
struct TextStyle {
    bool colour = false;
    std::size_t width = 100;
};

enum class Paint { Plain, Bold, Dim, Highlight };
enum class Align { Left, Right };

/// Terminal columns that UTF-8 text takes.
std::size_t display_width(std::string_view text);
/// Control characters would let a name move the cursor: replaced.
std::string printable(std::string_view text);
/// In colour if the style has it.
std::string painted(std::string_view text, Paint paint, const TextStyle& style);
/// Broken at spaces into lines of the style's width. The first line begins with `head`, the others
/// with as many spaces.
std::string wrapped(std::string_view head, std::string_view text, const TextStyle& style);
/// The same for "a, b, c", broken between items only.
std::string wrapped_list(std::string_view head, const std::vector<std::string>& items,
                         const TextStyle& style);

/// Rows of cells, columns as wide as their widest cell and two spaces apart.
class TextTable {
public:
    struct Cell {
        std::string text;
        Paint paint = Paint::Plain;
    };
    using Row = std::vector<Cell>;

    /// One alignment per column; rows may be shorter.
    explicit TextTable(std::vector<Align> columns);

    void add(Row row);
    /// Of the longest line that its columns allow.
    std::size_t width(std::size_t indent) const;
    /// Lines, each with `indent` spaces in front and none behind.
    std::string text(std::size_t indent, const TextStyle& style) const;

private:
    std::vector<Align> columns_;
    std::vector<std::size_t> widths_;
    std::vector<Row> rows_;
};

}  // namespace lpusim
