#include <algorithm>
#include <sstream>

#include "hw_models/isa/program.h"

namespace lpusim::isa {

namespace {

/// Column at which waits and signals start, measured from the instruction's own indent.
constexpr std::size_t kUsesColumn = 48;

void pad_to(std::string& line, std::size_t width) {
    if (line.size() < width) line.append(width - line.size(), ' ');
}

std::string bytes(Bytes count) { return std::to_string(count.count()) + " B"; }

struct PayloadText {
    std::string operator()(const StreamTransfer& transfer) const {
        return std::string("stream.") + name_of(transfer.traffic) + " " + bytes(transfer.payload) +
               " +" + std::to_string(transfer.padding.count()) + " pad";
    }
    std::string operator()(const UnpackTile& tile) const {
        return "unpack layout " + std::to_string(tile.layout) + ", " +
               std::to_string(tile.columns) + " columns, " + std::to_string(tile.operand_bytes) +
               " B operands";
    }
    std::string operator()(const KvReadTile& tile) const { return "kv.read " + bytes(tile.bytes); }
    std::string operator()(const InstallTile& tile) const {
        const char* source = tile.source == OperandSource::Weights ? "weights " : "kv ";
        return std::string("install.") + source + bytes(tile.port_bytes) + " port, " +
               bytes(tile.operand_bytes) + " operands";
    }
    std::string operator()(const ComputeTile& tile) const {
        return "compute " + std::to_string(tile.vectors) + " x (" +
               std::to_string(tile.cycles_per_vector) + " cycles, read " +
               bytes(tile.activation_bytes) + ", " + std::to_string(tile.rescales_per_vector) +
               " rescales, write " + bytes(tile.result_bytes) + ", " +
               std::to_string(tile.macs_per_vector) + " macs)";
    }
    std::string operator()(const VectorOp& op) const {
        return std::string("vector.") + name_of(op.vector_class) + " " +
               std::to_string(op.elements) + " elements, read " + bytes(op.read_bytes) +
               ", write " + bytes(op.write_bytes) + (op.independent ? ", independent" : "");
    }
};

class Disassembler {
public:
    explicit Disassembler(const Program& program) : program_(program) {}

    std::string run() {
        print_semaphores();
        print_layouts();
        for (std::size_t q = 0; q < kQueueCount; ++q) print_queue(queue_at(q));
        return out_.str();
    }

private:
    void print_semaphores() {
        out_ << "semaphores\n";
        std::size_t width = 0;
        for (const Semaphore& semaphore : program_.semaphores) {
            width = std::max(width, semaphore.name.size());
        }
        for (const Semaphore& semaphore : program_.semaphores) {
            std::string line = "  " + semaphore.name;
            pad_to(line, width + 4);
            line += semaphore.kind == SemaphoreKind::Space ? "space" : "data ";
            out_ << line << "  initial " << semaphore.initial << '\n';
        }
    }

    void print_layouts() {
        out_ << "layouts\n";
        for (std::size_t i = 0; i < program_.layouts.size(); ++i) {
            const TileLayout& layout = program_.layouts[i];
            out_ << "  " << i << ": " << layout.rows << " rows, " << bytes(layout.column_bytes)
                 << "/column, " << layout.header_bits_per_column << " header bits/column\n";
        }
    }

    void print_queue(Queue queue) {
        out_ << "queue " << name_of(queue) << '\n';
        std::size_t indent = 2;
        for (const Entry& entry : program_.queue(queue)) {
            if (const auto* begin = std::get_if<LoopBegin>(&entry)) {
                out_ << std::string(indent, ' ') << "loop " << begin->count << '\n';
                indent += 2;
            } else if (std::holds_alternative<LoopEnd>(entry)) {
                // The indent already shows where a loop ends.
                indent -= 2;
            } else {
                out_ << std::string(indent, ' ') << text_of(std::get<Instruction>(entry)) << '\n';
            }
        }
    }

    std::string text_of(const Instruction& instruction) const {
        std::string text = std::visit(PayloadText{}, instruction.payload);
        pad_to(text, kUsesColumn);
        text += uses_text("wait", instruction.waits);
        text += uses_text("signal", instruction.signals);
        if (instruction.ends_operator) text += "  ends operator";
        if (instruction.ends_token) text += "  ends token";
        return text + "  ; " + program_.operators[instruction.op];
    }

    std::string uses_text(const char* verb, const SemaphoreUses& uses) const {
        std::string text;
        for (const SemaphoreUse& use : uses) {
            text += text.empty() ? std::string("  ") + verb + " " : ", ";
            text += program_.semaphores[use.id].name;
            if (use.count != 1) text += " x" + std::to_string(use.count);
        }
        return text;
    }

    const Program& program_;
    std::ostringstream out_;
};

}  // namespace

std::string disassemble(const Program& program) { return Disassembler(program).run(); }

}  // namespace lpusim::isa
