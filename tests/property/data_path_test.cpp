// What the units tell their data path: each instruction's bytes, weights and vectors, whole and in
// order, on machines of any shape; and that telling changes nothing.

#include "hw_models/data/data_path.h"

#include <deque>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/property/random_machine.h"
#include "tests/support/chip_run.h"

namespace lpusim::test {
namespace {

/// Instructions that have started, in order, and how far the oldest one is.
class Started {
public:
    void start(const isa::Instruction& instruction) { queue_.push_back(&instruction); }
    bool empty() const { return queue_.empty(); }
    std::size_t size() const { return queue_.size(); }
    const isa::Instruction& oldest() const { return *queue_.front(); }

    /// The oldest instruction moves on to `end` of `all`.
    void move(std::uint64_t begin, std::uint64_t end, std::uint64_t all) {
        RC_ASSERT(!queue_.empty());
        RC_ASSERT(begin == done_);
        RC_ASSERT(end <= all);
        done_ = end;
        if (done_ == all) end_oldest();
    }
    void advance(std::uint64_t amount, std::uint64_t all) { move(done_, done_ + amount, all); }
    void end_oldest() {
        queue_.pop_front();
        done_ = 0;
        ++finished_;
    }
    std::uint64_t finished() const { return finished_; }

private:
    std::deque<const isa::Instruction*> queue_;
    std::uint64_t done_ = 0;
    std::uint64_t finished_ = 0;
};

/// Holds what it is told to the instructions.
class Listener : public DataPath {
public:
    Listener(const isa::Program& program, std::uint64_t word) : program_(program), word_(word) {}

    void transfer_started(const isa::Instruction& transfer) override { transfers_.start(transfer); }
    void transferred(std::uint64_t begin, std::uint64_t end) override {
        const auto& payload = std::get<isa::StreamTransfer>(transfers_.oldest().payload);
        transfers_.move(begin, end, payload.total().count());
    }
    void read_started(const isa::Instruction& read) override {
        if (const auto* tile = std::get_if<isa::UnpackTile>(&read.payload)) {
            unpack_reads_.start(read);
            unpacks_.start(read);
            packed_left_.push_back(packed_bytes(*tile));
        } else {
            kv_reads_.start(read);
        }
    }
    void bytes_read(const isa::Instruction& read, std::uint64_t bytes) override {
        if (const auto* tile = std::get_if<isa::UnpackTile>(&read.payload)) {
            RC_ASSERT(&unpack_reads_.oldest() == &read);
            unpack_reads_.advance(bytes, packed_bytes(*tile));
        } else {
            RC_ASSERT(&kv_reads_.oldest() == &read);
            kv_reads_.advance(bytes, std::get<isa::KvReadTile>(read.payload).bytes.count());
        }
    }
    void unpacked(const isa::Instruction& tile, std::uint64_t packed, std::uint64_t n) override {
        RC_ASSERT(&unpacks_.oldest() == &tile);
        RC_ASSERT(packed_left_.front() >= packed);
        packed_left_.front() -= packed;
        const std::uint64_t before = unpacks_.finished();
        const auto& payload = std::get<isa::UnpackTile>(tile.payload);
        unpacks_.advance(n, std::uint64_t{program_.layouts[payload.layout].rows} * payload.columns);
        if (unpacks_.finished() == before) return;
        RC_ASSERT(packed_left_.front() == 0U);
        packed_left_.pop_front();
    }
    void install_started(const isa::Instruction& install) override {
        ports_.start(install);
        installs_.start(install);
    }
    void crossed_port(const isa::Instruction& install, std::uint64_t bytes, bool direct) override {
        RC_ASSERT(&ports_.oldest() == &install);
        ports_.advance(bytes, std::get<isa::InstallTile>(install.payload).port_bytes.count());
        if (direct) filled_from_unpack(bytes);
    }
    void filled_from_unpack(std::uint64_t bytes) override { filled_ += bytes; }
    void tile_installed() override {
        const auto& payload = std::get<isa::InstallTile>(installs_.oldest().payload);
        RC_ASSERT(filled_ == payload.operand_bytes.count());
        filled_ = 0;
        installs_.end_oldest();
        ++tiles_in_shadow_;
    }
    void planes_swapped(const isa::Instruction& compute) override {
        RC_ASSERT(tiles_in_shadow_ == 1U);
        RC_ASSERT(computes_.empty());
        tiles_in_shadow_ = 0;
        computes_.start(compute);
    }
    void vectors_entered(std::uint64_t vectors, bool into_pipe) override {
        const auto& tile = std::get<isa::ComputeTile>(computes_.oldest().payload);
        RC_ASSERT(into_pipe || (tile.rescales_per_vector == 0 && tile.result_bytes == Bytes(0)));
        if (into_pipe) {
            RC_ASSERT(vectors == 1U);
            in_pipe_.start(computes_.oldest());
        }
        computes_.advance(vectors, tile.vectors);
    }
    void vector_rescaled() override {
        const isa::Instruction& compute = in_pipe_.oldest();
        in_pipe_.end_oldest();
        if (std::get<isa::ComputeTile>(compute.payload).result_bytes > Bytes(0)) {
            results_.start(compute);
        }
    }
    void result_written(std::uint64_t begin, std::uint64_t end) override {
        const auto& tile = std::get<isa::ComputeTile>(results_.oldest().payload);
        results_.move(begin, end, round_up(tile.result_bytes.count(), word_));
    }
    void vector_started(const isa::Instruction& operation) override { vectors_.start(operation); }
    void vector_completed() override { vectors_.end_oldest(); }

    /// Whether nothing is under way any more.
    bool finished() const {
        for (const Started* started : {&transfers_, &unpack_reads_, &kv_reads_, &unpacks_, &ports_,
                                       &installs_, &computes_, &in_pipe_, &results_, &vectors_}) {
            if (!started->empty()) return false;
        }
        return true;
    }

private:
    std::uint64_t packed_bytes(const isa::UnpackTile& tile) const {
        return program_.layouts[tile.layout].tile_bytes(tile.columns).count();
    }

    const isa::Program& program_;
    std::uint64_t word_;
    Started transfers_, unpack_reads_, kv_reads_, unpacks_, ports_, installs_, computes_, in_pipe_,
        results_, vectors_;
    std::deque<std::uint64_t> packed_left_;
    std::uint64_t filled_ = 0;
    std::uint64_t tiles_in_shadow_ = 0;
};

RC_GTEST_PROP(DataPath, IsToldOfEachMoveWholeAndInOrder, ()) {
    const ChipParams params = random_chip();
    const isa::Program program = random_program(params);
    RC_LOG() << describe(params) << isa::disassemble(program);

    ChipRun with(params, program, Clocking::Sleeping);
    Listener listener(program, params.sram_banks.width.count());
    with.carry(listener);
    const std::uint64_t end = with.run();
    RC_ASSERT(with.finished());
    RC_ASSERT(listener.finished());

    ChipRun without(params, program, Clocking::Sleeping);
    RC_ASSERT(without.run() == end);
    with.settle(end);
    without.settle(end);
    RC_ASSERT(differences(with.counts(), without.counts()) == "");
}

}  // namespace
}  // namespace lpusim::test
