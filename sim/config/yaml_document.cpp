#include "sim/config/yaml_document.h"

#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "sim/config/text_file.h"

namespace lpusim::config {

namespace {

Position position_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

/// Builds the tree from yaml-cpp's events: its own tree forgets duplicate keys and where keys
/// stand.
class TreeBuilder : public YAML::EventHandler {
public:
    explicit TreeBuilder(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    YamlNode take_root() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0) {
            diagnostics_.fatal(position_of(mark),
                               "a second YAML document begins here; one is allowed");
        }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        if (expects_key()) diagnostics_.fatal(position_of(mark), "a key is missing before ':'");
        // yaml-cpp marks the token after a missing value; its key is where a reader would look.
        YamlNode node;
        node.at = stack_.empty() ? position_of(mark) : stack_.back().position_of_value(mark);
        attach(std::move(node));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        if (expects_key()) {
            stack_.back().key = value;
            stack_.back().key_at = position_of(mark);
            stack_.back().has_key = true;
        } else {
            attach(YamlNode::scalar(value, position_of(mark)));
        }
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::List, mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::Map, mark, tag, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    /// A list or map that is not closed yet.
    struct Open {
        YamlNode node;
        std::string key;
        Position key_at;
        bool has_key = false;
        std::unordered_map<std::string, int> line_of_key;

        Position position_of_value(const YAML::Mark& mark) const {
            return has_key ? key_at : position_of(mark);
        }
    };

    bool expects_key() const {
        return !stack_.empty() && stack_.back().node.kind == YamlNode::Kind::Map &&
               !stack_.back().has_key;
    }

    void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
              YAML::anchor_t anchor) {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        if (expects_key()) diagnostics_.fatal(position_of(mark), "a key must be a word");
        Open open;
        open.node.kind = kind;
        open.node.at = position_of(mark);
        stack_.push_back(std::move(open));
    }

    void close() {
        YamlNode node = std::move(stack_.back().node);
        stack_.pop_back();
        attach(std::move(node));
    }

    void attach(YamlNode node) {
        if (stack_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = stack_.back();
        if (parent.node.kind == YamlNode::Kind::List) {
            parent.node.items.push_back(std::move(node));
            return;
        }
        const auto [first, is_new] = parent.line_of_key.emplace(parent.key, parent.key_at.line);
        parent.has_key = false;
        if (is_new) {
            parent.node.entries.push_back({parent.key, parent.key_at, std::move(node)});
        } else {
            diagnostics_.error(parent.key_at,
                               fmt::format("key {} stands here a second time, first in line {}",
                                           in_quotes(path() + parent.key), first->second));
        }
    }

    /// Dotted path of the innermost open map, with a dot at its end.
    std::string path() const {
        std::string path;
        for (const Open& open : stack_) {
            if (open.has_key) path += open.key + ".";
        }
        return path;
    }

    void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor == YAML::NullAnchor) return;
        diagnostics_.fatal(position_of(mark),
                           "anchors, aliases and merge keys ('&', '*', '<<') are not supported");
    }
    void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        // yaml-cpp gives "?" to plain and "!" to quoted text.
        if (tag.empty() || tag == "?" || tag == "!") return;
        diagnostics_.fatal(position_of(mark),
                           fmt::format("YAML tags ({}) are not supported", in_quotes(tag)));
    }

    Diagnostics& diagnostics_;
    YamlNode root_;
    std::vector<Open> stack_;
    int documents_ = 0;
};

/// What YAML makes of a tab at the beginning of a line helps nobody to find it.
std::optional<Position> tab_in_indentation(const std::string& text, int last_line) {
    std::istringstream lines(text);
    std::string line;
    for (int number = 1; number <= last_line && std::getline(lines, line); ++number) {
        const std::size_t tab = line.find_first_not_of(' ');
        if (tab != std::string::npos && line[tab] == '\t') {
            return Position{number, static_cast<int>(tab) + 1};
        }
    }
    return std::nullopt;
}

YamlNode parse_document(const std::string& text, Diagnostics& diagnostics) {
    TreeBuilder builder(diagnostics);
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const YAML::DeepRecursion& e) {
        diagnostics.fatal(position_of(e.mark), "is nested too deeply");
    } catch (const YAML::Exception& e) {
        const Position at = position_of(e.mark);
        if (const auto tab = tab_in_indentation(text, at.line)) {
            diagnostics.fatal(*tab, "is indented by a tab; YAML is indented by spaces");
        }
        diagnostics.fatal(at, "is not valid YAML: " + e.msg);
    }
    return builder.take_root();
}

void move_nowhere(YamlNode& node) {
    node.at = {};
    for (YamlNode& item : node.items) move_nowhere(item);
    for (YamlEntry& entry : node.entries) {
        entry.at = {};
        move_nowhere(entry.value);
    }
}

}  // namespace

YamlNode YamlNode::scalar(std::string text, Position at) {
    YamlNode node;
    node.kind = Kind::Scalar;
    node.at = at;
    node.text = std::move(text);
    return node;
}

std::string YamlNode::shown() const {
    switch (kind) {
        case Kind::Scalar:
            return in_quotes(text);
        case Kind::List:
            return "a list";
        case Kind::Map:
            return "a map";
        case Kind::Null:
            break;
    }
    return "nothing";
}

const YamlNode* YamlNode::find(std::string_view key) const {
    for (const YamlEntry& entry : entries) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

std::string as_written(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::Scalar) return node.text;
    std::vector<std::string> parts;
    if (node.kind == YamlNode::Kind::List) {
        for (const YamlNode& item : node.items) parts.push_back(as_written(item));
        return fmt::format("[{}]", fmt::join(parts, ", "));
    }
    for (const YamlEntry& entry : node.entries) {
        parts.push_back(fmt::format("{}: {}", entry.key, as_written(entry.value)));
    }
    return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

YamlNode parse_yaml(const std::string& text, Diagnostics& diagnostics) {
    require_text(text, diagnostics);
    YamlNode root = parse_document(text, diagnostics);
    if (root.kind == YamlNode::Kind::Null) diagnostics.fatal({}, "is empty");
    if (root.kind != YamlNode::Kind::Map) {
        diagnostics.fatal(root.at, fmt::format("got {} at the top, where keys are expected "
                                               "('kind: hardware' and so on)",
                                               root.shown()));
    }
    return root;
}

YamlNode parse_yaml_value(const std::string& text, Diagnostics& diagnostics) {
    require_text(text, diagnostics);
    YamlNode node = parse_document(text, diagnostics);
    move_nowhere(node);
    return node;
}

}  // namespace lpusim::config
