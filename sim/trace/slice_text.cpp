#include "sim/trace/slice_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lpusim {

namespace {

struct PayloadArguments {
    std::string operator()(const isa::StreamTransfer& transfer) const {
        return fmt::format(R"("moves":"{}","bytes":{})", isa::name_of(transfer.traffic),
                           transfer.total().count());
    }
    std::string operator()(const isa::UnpackTile& tile) const {
        return fmt::format(R"("columns":{},"operand_bytes":{})", tile.columns, tile.operand_bytes);
    }
    std::string operator()(const isa::KvReadTile& tile) const {
        return fmt::format(R"("bytes":{})", tile.bytes.count());
    }
    std::string operator()(const isa::InstallTile& tile) const {
        return fmt::format(R"("port_bytes":{},"installed_bytes":{})", tile.port_bytes.count(),
                           tile.operand_bytes.count());
    }
    std::string operator()(const isa::ComputeTile& tile) const {
        return fmt::format(R"("vectors":{},"rescales_per_vector":{},"result_bytes":{})",
                           tile.vectors, tile.rescales_per_vector, tile.result_bytes.count());
    }
    std::string operator()(const isa::VectorOp& op) const {
        return fmt::format(R"("class":"{}","elements":{})", isa::name_of(op.vector_class),
                           op.elements);
    }
};

/// People count tokens, layers and tiles from 1.
std::string place_of(const TraceLabel& label) {
    std::string text = fmt::format(R"("token":{})", label.token + 1);
    if (label.layer) text += fmt::format(R"(,"layer":{})", *label.layer + 1);
    return text + fmt::format(R"(,"number":{})", label.number + 1);
}

std::string skipped_arguments(const TraceSlice& slice) {
    std::string text = fmt::format(R"("periods":{})", slice.periods);
    if (!slice.spent) return text;
    for (std::size_t i = 0; i < kEngineStateCount; ++i) {
        text += fmt::format(R"(,"{}":{})", name_of(static_cast<EngineState>(i)), (*slice.spent)[i]);
    }
    return text;
}

}  // namespace

const char* name_of(EngineState state) {
    switch (state) {
        case EngineState::Busy:
            return "busy";
        case EngineState::Starved:
            return "starved";
        case EngineState::Blocked:
            return "blocked";
        case EngineState::Waiting:
            return "waiting";
        case EngineState::Idle:
            return "idle";
    }
    return "";
}

std::string json_string(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string slice_name(const TraceSlice& slice, const TraceHeader& header) {
    switch (slice.kind) {
        case TraceSlice::Kind::State:
            return name_of(slice.state);
        case TraceSlice::Kind::Instruction:
        case TraceSlice::Kind::Operator:
            return header.operators.at(slice.label.op);
        case TraceSlice::Kind::Token:
            return fmt::format("token {}", slice.label.token + 1);
        case TraceSlice::Kind::Result:
            return "result";
        case TraceSlice::Kind::Skipped:
            return "skipped";
    }
    return "";
}

std::string slice_arguments(const TraceSlice& slice, const TraceHeader& header) {
    switch (slice.kind) {
        case TraceSlice::Kind::State:
            if (slice.state != EngineState::Busy) return "";
            return R"("operator":)" + json_string(header.operators.at(slice.label.op));
        case TraceSlice::Kind::Instruction:
            return place_of(slice.label) + "," +
                   std::visit(PayloadArguments{}, slice.instruction->payload);
        case TraceSlice::Kind::Operator:
            return place_of(slice.label);
        case TraceSlice::Kind::Skipped:
            return skipped_arguments(slice);
        case TraceSlice::Kind::Token:
        case TraceSlice::Kind::Result:
            return "";
    }
    return "";
}

}  // namespace lpusim
