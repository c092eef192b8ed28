#include "hw_models/data/data_plane.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace lpusim {

DataPlane::DataPlane(DataProgram& program, SramImage& sram)
    : program_(program), sram_(sram), expander_(program), planes_(program), rescale_(program) {}

const std::uint8_t* DataPlane::pop(ByteFifo& fifo, std::uint64_t bytes, const char* what) {
    if (fifo.size() >= bytes) return fifo.pop(bytes);
    program_.fault(std::string(what) + " takes bytes that have not been sent");
    missing_.assign(bytes, SramImage::kUnwritten);
    return missing_.data();
}

void DataPlane::transfer_started(const isa::Instruction& transfer) {
    transfers_.push_back({&transfer, program_.transfer(transfer)});
}

void DataPlane::transferred(std::uint64_t begin, std::uint64_t end) {
    const Transfer& oldest = transfers_.front();
    const TransferJob& job = oldest.job;
    const std::uint64_t used = std::min(end, job.payload);
    if (begin < used) {
        const Place place{job.sram.buffer, job.sram.offset + begin};
        if (job.target != nullptr) {
            std::memcpy(job.target + begin, sram_.at(place), used - begin);
        } else {
            std::memcpy(sram_.writable(place), job.source + begin, used - begin);
        }
    }
    const auto& payload = std::get<isa::StreamTransfer>(oldest.instruction->payload);
    if (end < payload.total().count()) return;
    program_.transferred(*oldest.instruction, job);
    transfers_.pop_front();
}

void DataPlane::read_started(const isa::Instruction& read) {
    const bool weights = std::holds_alternative<isa::UnpackTile>(read.payload);
    Read& state = weights ? weight_read_ : kv_read_;
    state = {program_.read(read)};
    if (weights) expander_.start(program_.unpack(read));
}

void DataPlane::bytes_read(const isa::Instruction& read, std::uint64_t bytes) {
    const bool weights = std::holds_alternative<isa::UnpackTile>(read.payload);
    Read& state = weights ? weight_read_ : kv_read_;
    std::uint8_t* to = (weights ? packed_ : kv_).push(bytes);
    while (bytes > 0) {
        const ReadJob::Span& span = state.job.spans[state.span];
        const std::uint64_t part = std::min(bytes, span.bytes - state.offset);
        std::memcpy(to, sram_.at({span.place.buffer, span.place.offset + state.offset}), part);
        to += part;
        bytes -= part;
        state.offset += part;
        if (state.offset < span.bytes) continue;
        ++state.span;
        state.offset = 0;
    }
}

void DataPlane::unpacked(const isa::Instruction& /*tile*/, std::uint64_t packed_bytes,
                         std::uint64_t weights) {
    ByteFifo& input = unpacks_behind_port_ ? behind_port_ : packed_;
    const std::uint8_t* packed = pop(input, packed_bytes, "the unpack unit");
    expander_.expand(packed, packed_bytes, weights, operands_);
}

void DataPlane::install_started(const isa::Instruction& /*install*/) {}

void DataPlane::crossed_port(const isa::Instruction& install, std::uint64_t bytes,
                             bool into_planes) {
    const bool cache = std::get<isa::InstallTile>(install.payload).source == isa::OperandSource::Kv;
    if (into_planes) {
        planes_.fill(pop(cache ? kv_ : operands_, bytes, "the load port"), bytes);
        return;
    }
    unpacks_behind_port_ = true;
    const std::uint8_t* packed = pop(packed_, bytes, "the load port");
    std::memcpy(behind_port_.push(bytes), packed, bytes);
}

void DataPlane::filled_from_unpack(std::uint64_t bytes) {
    planes_.fill(pop(operands_, bytes, "the array"), bytes);
}

void DataPlane::tile_installed() { planes_.complete_shadow(); }

void DataPlane::planes_swapped(const isa::Instruction& compute) {
    LiveTile tile;
    tile.job = program_.compute(compute);
    if (!tile.job.constant_scale) tile.factors = expander_.take_factors();
    tile.activation_scales.assign(tile.job.vectors, 1);
    if (tile.job.activation_scales) {
        for (std::uint32_t m = 0; m < tile.job.vectors; ++m) {
            Place place = *tile.job.activation_scales;
            place.offset += m * tile.job.scale_stride;
            std::memcpy(&tile.activation_scales[m], sram_.at(place), sizeof(float));
        }
    }
    planes_.swap(std::move(tile), sram_);
}

void DataPlane::vectors_entered(std::uint64_t vectors, bool into_pipe) {
    for (std::uint64_t i = 0; i < vectors; ++i) {
        std::unique_ptr<VectorInPipe> leaving = planes_.enter(into_pipe);
        if (leaving != nullptr) rescale_.take(std::move(leaving));
    }
}

void DataPlane::vector_rescaled() { rescale_.rescale(sram_); }

void DataPlane::result_written(std::uint64_t begin, std::uint64_t end) {
    rescale_.write(begin, end, sram_);
}

void DataPlane::vector_started(const isa::Instruction& operation) {
    VectorJob job = program_.vector(operation);
    std::vector<VectorJob::Result> results = job.run(sram_);
    operations_.push_back({std::move(job), std::move(results)});
}

void DataPlane::vector_completed() {
    const Operation operation = std::move(operations_.front());
    operations_.pop_front();
    for (const VectorJob::Result& result : operation.results) {
        std::memcpy(sram_.writable(result.place), result.bytes.data(), result.bytes.size());
    }
    program_.vector_done(operation.job);
}

}  // namespace lpusim
