#pragma once

#include <deque>
#include <memory>

#include "hw_models/data/byte_fifo.h"
#include "hw_models/data/data_path.h"
#include "hw_models/data/data_program.h"
#include "hw_models/data/mac_planes.h"
#include "hw_models/data/rescale_path.h"
#include "hw_models/data/weight_expander.h"

namespace lpusim {

/// Carries the data of a chip: memory, SRAM, the bytes in its channels, planes, accumulators and
/// results on their way. What moves when is the units' affair (docs/adr/0006).
class DataPlane : public DataPath {
public:
    /// SRAM as the program lays it out; the program must outlive the plane.
    DataPlane(DataProgram& program, SramImage& sram);

    void transfer_started(const isa::Instruction& transfer) override;
    void transferred(std::uint64_t begin, std::uint64_t end) override;
    void read_started(const isa::Instruction& read) override;
    void bytes_read(const isa::Instruction& read, std::uint64_t bytes) override;
    void unpacked(const isa::Instruction& tile, std::uint64_t packed_bytes,
                  std::uint64_t weights) override;
    void install_started(const isa::Instruction& install) override;
    void crossed_port(const isa::Instruction& install, std::uint64_t bytes,
                      bool into_planes) override;
    void filled_from_unpack(std::uint64_t bytes) override;
    void tile_installed() override;
    void planes_swapped(const isa::Instruction& compute) override;
    void vectors_entered(std::uint64_t vectors, bool into_pipe) override;
    void vector_rescaled() override;
    void result_written(std::uint64_t begin, std::uint64_t end) override;
    void vector_started(const isa::Instruction& operation) override;
    void vector_completed() override;

private:
    struct Transfer {
        const isa::Instruction* instruction = nullptr;
        TransferJob job;
    };
    /// A tile that is read, and how far.
    struct Read {
        ReadJob job;
        std::size_t span = 0;
        std::uint64_t offset = 0;
    };
    struct Operation {
        VectorJob job;
        std::vector<VectorJob::Result> results;
    };
    const std::uint8_t* pop(ByteFifo& fifo, std::uint64_t bytes, const char* what);

    DataProgram& program_;
    SramImage& sram_;
    std::deque<Transfer> transfers_;
    Read weight_read_;
    Read kv_read_;
    /// Packed bytes on their way to the unpack unit, or to the port before it; packed bytes behind
    /// the port; operands; cache operands.
    ByteFifo packed_;
    ByteFifo behind_port_;
    bool unpacks_behind_port_ = false;
    ByteFifo operands_;
    ByteFifo kv_;
    std::vector<std::uint8_t> missing_;
    WeightExpander expander_;
    MacPlanes planes_;
    RescalePath rescale_;
    std::deque<Operation> operations_;
};

}  // namespace lpusim
