#include "tests/support/compile_cases.h"

#include <algorithm>
#include <sstream>

#include <rapidcheck.h>

namespace lpusim {

namespace {

/// Any of [first, last]; rapidcheck alone would start with the smallest.
std::uint32_t pick(std::uint32_t first, std::uint32_t last) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(first, last + 1));
}

bool flip() { return pick(0, 1) == 1; }

ChipParams arbitrary_chip() {
    ChipParams chip = small_chip();
    chip.weight_stream.burst = Bytes(pick(1, 40));
    chip.sram_banks.banks = pick(1, 8);
    chip.sram_banks.width = Bytes(pick(1, 16));
    chip.sram_banks.capacity = Bytes(1u << 30);
    chip.unpack_unit.position =
        flip() ? UnpackPosition::InsideArray : UnpackPosition::BeforeLoadPort;
    MacArrayParams& array = chip.mac_array;
    array.planes = pick(1, 3);
    array.rows = pick(3, 14);
    array.cols = pick(2, 8);
    array.tap_rows = pick(0, array.rows);
    array.double_buffering = flip();
    array.accumulator_vectors = 16;
    for (VectorClassParams& params : chip.vector_unit.classes) params.passes = pick(1, 3);
    return chip;
}

Model arbitrary_model() {
    const std::uint32_t kv_heads = pick(1, 3);
    Model model = llama_like(pick(1, 40), pick(1, 50), pick(1, 3), kv_heads * pick(1, 3), kv_heads,
                             pick(1, 50));
    model.head_dim = pick(1, 10);
    model.mlp = flip() ? MlpKind::Gated : MlpKind::Plain;
    model.norm = flip() ? NormKind::RmsNorm : NormKind::LayerNorm;
    model.positions = flip() ? Positions::Rotary : Positions::Learned;
    model.biases = flip();
    model.tied_embeddings = flip();
    model.embedding_norm = flip();
    return model;
}

NumberFormat arbitrary_format() {
    if (pick(0, 3) == 0) return fp16_format();
    const std::uint32_t group = flip() ? 0 : pick(1, 20);
    NumberFormat format = integer_format("random", {pick(1, 8)}, group, flip() ? 0 : 8);
    if (flip()) format.code.field_bits.push_back(pick(1, 8));
    format.layout = flip() ? MetadataLayout::Inline : MetadataLayout::Separate;
    format.packing = flip() ? Packing::Dense : Packing::Padded;
    return format;
}

bool compiles(const CompileCase& it) {
    try {
        compile(it);
        return true;
    } catch (const CompileError&) {
        return false;
    }
}

/// The smallest of a few capacities around what the case needs at least.
Bytes scarce_capacity(CompileCase it) {
    const SramPlan ample = compile(it).sram;
    std::uint64_t capacity = ample.activations.count() + pick(0, 2000);
    for (;; capacity += capacity / 3 + 1) {
        it.chip.sram_banks.capacity = Bytes(capacity);
        if (compiles(it)) return Bytes(capacity);
    }
}

}  // namespace

CompiledProgram compile(const CompileCase& it) {
    return compile(it.chip, it.placement, it.model, it.format, it.scenario, it.tokens);
}

ChipParams large_chip() {
    ChipParams chip;
    chip.clock = Hertz(915'500'000);
    chip.weight_stream.rate.ratio = {1835, 21};
    chip.weight_stream.burst = Bytes(64);
    chip.sram_banks.capacity = Bytes(230'000'000);
    chip.sram_banks.banks = 64;
    chip.sram_banks.width = Bytes(32);
    chip.unpack_unit.lanes = 1024;
    chip.mac_array.planes = 4;
    chip.mac_array.rows = 320;
    chip.mac_array.cols = 320;
    chip.mac_array.tap_rows = 64;
    chip.mac_array.load_bytes = Bytes(1024);
    chip.mac_array.accumulator_vectors = 256;
    chip.rescaler.lanes = 1280;
    chip.vector_unit.lanes = 128;
    return chip;
}

ChipParams small_chip() {
    ChipParams chip;
    chip.clock = Hertz(1'000'000'000);
    chip.weight_stream.rate.ratio = {4, 1};
    chip.weight_stream.burst = Bytes(8);
    chip.sram_banks.capacity = Bytes(1'000'000);
    chip.sram_banks.banks = 4;
    chip.sram_banks.width = Bytes(4);
    chip.unpack_unit.lanes = 8;
    chip.mac_array.planes = 2;
    chip.mac_array.rows = 8;
    chip.mac_array.cols = 4;
    chip.mac_array.tap_rows = 4;
    chip.mac_array.accumulator_vectors = 8;
    chip.vector_unit.lanes = 4;
    return chip;
}

Model llama_like(std::uint32_t hidden, std::uint32_t intermediate, std::uint32_t layers,
                 std::uint32_t heads, std::uint32_t kv_heads, std::uint32_t vocab) {
    Model model;
    model.name = "llama-like";
    model.hidden = hidden;
    model.intermediate = intermediate;
    model.layers = layers;
    model.heads = heads;
    model.kv_heads = kv_heads;
    model.head_dim = std::max(hidden / heads, 1u);
    model.vocab = vocab;
    return model;
}

Model llama2_70b() { return llama_like(8192, 28672, 80, 64, 8, 32000); }

Model gpt2_medium() {
    Model model = llama_like(1024, 4096, 24, 16, 16, 50257);
    model.name = "gpt2-medium";
    model.mlp = MlpKind::Plain;
    model.norm = NormKind::LayerNorm;
    model.positions = Positions::Learned;
    model.max_positions = 1024;
    model.biases = true;
    model.tied_embeddings = true;
    return model;
}

Model tiny_model() { return llama_like(16, 24, 1, 2, 1, 10); }

NumberFormat integer_format(const std::string& name, std::vector<std::uint32_t> fields,
                            std::uint32_t group, std::uint32_t zero_point_bits) {
    NumberFormat format;
    format.name = name;
    format.code.field_bits = std::move(fields);
    format.group_size = group;
    format.scales = {{group, 16}};
    format.zero_point_bits = zero_point_bits;
    return format;
}

NumberFormat fp16_format() {
    NumberFormat format;
    format.name = "fp16";
    format.code.kind = CodeKind::Float;
    format.code.field_bits = {16};
    format.operand_bytes = 2;
    return format;
}

CompileCase arbitrary_case() {
    CompileCase it;
    it.chip = arbitrary_chip();
    it.placement = pick(0, 3) == 0 ? Placement::Resident : Placement::Streamed;
    it.model = arbitrary_model();
    it.format = arbitrary_format();
    it.scenario.batch = pick(1, 3);
    it.scenario.context = pick(1, 30);
    it.scenario.kv_bits = flip() ? 8 : 16;
    it.scenario.layers = pick(0, it.model.layers);
    if (flip()) it.chip.sram_banks.capacity = scarce_capacity(it);
    return it;
}

std::string describe(const CompileCase& it) {
    const MacArrayParams& array = it.chip.mac_array;
    const Model& model = it.model;
    std::ostringstream text;
    text << (it.placement == Placement::Resident ? "resident" : "streamed") << ", " << array.planes
         << " planes of " << array.rows << " x " << array.cols << ", taps " << array.tap_rows
         << (array.double_buffering ? ", double" : ", single") << " buffering, SRAM "
         << it.chip.sram_banks.capacity.count() << " B; hidden " << model.hidden
         << ", intermediate " << model.intermediate << ", layers " << model.layers << ", heads "
         << model.heads << "/" << model.kv_heads << " of " << model.head_dim << ", vocab "
         << model.vocab << "; " << it.format.name << ", group " << it.format.group_size
         << "; batch " << it.scenario.batch << ", context " << it.scenario.context << ", KV "
         << it.scenario.kv_bits << " bits, " << it.scenario.layers << " layers simulated";
    return text.str();
}

std::size_t text_size(const isa::Program& program) {
    std::size_t entries = 0;
    for (const isa::QueueProgram& queue : program.queues) entries += queue.size();
    return entries;
}

}  // namespace lpusim
