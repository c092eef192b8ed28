#include "sim/trace/vcd_writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/trace/slice_text.h"

namespace lpusim {

namespace {

constexpr int kLevelBits = 64;

/// Names in a dump have no blanks, and commas and dots would be read as hierarchy.
std::string identifier(const std::string& name) {
    std::string text;
    for (const char c : name) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
        if (plain) {
            text += c;
        } else if (!text.empty() && text.back() != '_') {
            text += '_';
        }
    }
    return text;
}

/// Short codes of printable characters.
std::string code_of(std::size_t track) {
    constexpr std::size_t kFirst = '!';
    constexpr std::size_t kCharacters = '~' - '!' + 1;
    std::string code;
    do {
        code += static_cast<char>(kFirst + track % kCharacters);
        track /= kCharacters;
    } while (track > 0);
    return code;
}

std::string binary(std::uint64_t value) {
    std::string digits;
    do {
        digits += static_cast<char>('0' + value % 2);
        value /= 2;
    } while (value > 0);
    return {digits.rbegin(), digits.rend()};
}

/// Nothing is shown.
constexpr const char* kNothing = "-";

std::string one_line(std::string text) {
    // "$end" within a comment would end it.
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '$' || c < ' '; }, ' ');
    return text;
}

}  // namespace

void VcdWriter::declare(std::size_t track) {
    const TraceTrack& it = tracks_[track];
    const bool level = it.kind == TraceTrack::Kind::Level;
    std::string name = identifier(it.name);
    if (level) name += "_" + identifier(it.counts);
    if (it.kind == TraceTrack::Kind::State) name += "_state";
    // GTKWave's strings; the width of one means nothing.
    out_.text() += level
                       ? fmt::format("$var wire {} {} {} $end\n", kLevelBits, code_of(track), name)
                       : fmt::format("$var string 1 {} {} $end\n", code_of(track), name);
}

void VcdWriter::start(const TraceHeader& header, const std::vector<TraceTrack>& tracks, Cycles at) {
    header_ = header;
    tracks_ = tracks;
    written_.resize(tracks.size());
    pending_.resize(tracks.size());
    now_ = at;

    std::string& text = out_.text();
    text += fmt::format("$comment {} $end\n", one_line(header.title));
    for (const auto& [key, value] : header.facts) {
        text += fmt::format("$comment {}: {} $end\n", key, one_line(value));
    }
    text +=
        fmt::format("$comment one unit of time is one cycle of {} Hz $end\n", header.clock.count());
    text += "$timescale 1 ns $end\n";
    std::vector<std::string> units;
    for (const TraceTrack& track : tracks) {
        if (std::find(units.begin(), units.end(), track.unit) == units.end()) {
            units.push_back(track.unit);
        }
    }
    for (const std::string& unit : units) {
        text += fmt::format("$scope module {} $end\n", identifier(unit));
        for (std::size_t i = 0; i < tracks.size(); ++i) {
            if (tracks[i].unit == unit) declare(i);
        }
        text += "$upscope $end\n";
    }
    text += "$enddefinitions $end\n";
    text += fmt::format("#{}\n", at.count());
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        if (tracks[i].kind != TraceTrack::Kind::Level) put_text(at, i, kNothing);
    }
}

void VcdWriter::write_pending() {
    for (const std::size_t track : changed_) {
        if (pending_[track] == written_[track]) continue;
        written_[track] = pending_[track];
        const bool level = tracks_[track].kind == TraceTrack::Kind::Level;
        out_.text() += fmt::format("{}{} {}\n", level ? 'b' : 's', written_[track], code_of(track));
        ++events_;
    }
    changed_.clear();
    out_.pass_on();
}

void VcdWriter::advance_to(Cycles at) {
    if (at == now_) return;
    write_pending();
    now_ = at;
    out_.text() += fmt::format("#{}\n", at.count());
}

void VcdWriter::put_text(Cycles at, std::size_t track, const std::string& value) {
    advance_to(at);
    pending_[track] = value;
    changed_.push_back(track);
}

/// A string ends at the first blank.
std::string VcdWriter::text_of(const TraceSlice& slice) const {
    std::string text = identifier(slice_name(slice, header_));
    if (slice.kind == TraceSlice::Kind::State && slice.state == EngineState::Busy) {
        text += ":" + identifier(header_.operators.at(slice.label.op));
    }
    if (slice.kind != TraceSlice::Kind::Instruction && slice.kind != TraceSlice::Kind::Operator) {
        return text;
    }
    if (slice.label.layer) text += fmt::format(":layer_{}", *slice.label.layer + 1);
    return text + fmt::format(":{}", slice.label.number + 1);
}

void VcdWriter::begin(Cycles at, std::size_t track, const TraceSlice& slice) {
    put_text(at, track, text_of(slice));
}

void VcdWriter::end(Cycles at, std::size_t track) { put_text(at, track, kNothing); }

void VcdWriter::span(Cycles, Cycles to, std::size_t track, const TraceSlice& slice) {
    put_text(to, track, text_of(slice));
}

void VcdWriter::level(Cycles at, std::size_t track, std::uint64_t value) {
    put_text(at, track, binary(value));
}

void VcdWriter::finish(const TraceSummary& summary) {
    advance_to(summary.to);
    write_pending();
    if (summary.interrupted) out_.text() += "$comment the run was interrupted here $end\n";
    if (summary.limit_reached) out_.text() += "$comment the limit of events was reached $end\n";
    out_.flush();
}

}  // namespace lpusim
