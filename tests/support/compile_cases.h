#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/isa/program.h"
#include "sim/compiler/compiler.h"

namespace lpusim {

/// Everything that compile() is given.
struct CompileCase {
    ChipParams chip;
    Placement placement = Placement::Streamed;
    Model model;
    NumberFormat format;
    Scenario scenario;
    std::uint64_t tokens = 2;
};
CompiledProgram compile(const CompileCase& it);

/// The chip that model.md starts from: four 320 x 320 planes, 230 MB of SRAM.
ChipParams large_chip();
/// Two planes of 8 x 4, 1 MB of SRAM.
ChipParams small_chip();

Model llama_like(std::uint32_t hidden, std::uint32_t intermediate, std::uint32_t layers,
                 std::uint32_t heads, std::uint32_t kv_heads, std::uint32_t vocab);
Model llama2_70b();
Model gpt2_medium();
/// Hidden 16, two heads that share one KV head, one layer.
Model tiny_model();

/// Integer codes with a 16-bit scale per group (0: column), packed densely.
NumberFormat integer_format(const std::string& name, std::vector<std::uint32_t> fields,
                            std::uint32_t group, std::uint32_t zero_point_bits = 0);
NumberFormat fp16_format();

/// A random small case that compiles, often with SRAM so short that slots are few. Only inside a
/// rapidcheck property.
CompileCase arbitrary_case();
std::string describe(const CompileCase& it);

/// Calls visit(instruction) for all that the queue executes, loops unrolled.
template <class Visit>
void for_each_executed(const isa::QueueProgram& queue, Visit visit) {
    for (isa::Cursor cursor(queue); !cursor.at_end(); cursor.advance(queue)) {
        visit(std::get<isa::Instruction>(queue[cursor.position()]));
    }
}

/// Entries of all queues.
std::size_t text_size(const isa::Program& program);

}  // namespace lpusim
