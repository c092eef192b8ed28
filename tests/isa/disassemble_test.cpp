#include <gtest/gtest.h>

#include "hw_models/isa/program.h"
#include "tests/isa/programs.h"

namespace lpusim::isa {
namespace {

Instruction instruction(const Payload& payload, std::uint16_t op, const SemaphoreUses& waits,
                        const SemaphoreUses& signals) {
    Instruction result;
    result.payload = payload;
    result.op = op;
    result.waits = waits;
    result.signals = signals;
    return result;
}

Program every_payload() {
    ProgramBuilder builder;
    const auto free = builder.add_semaphore("slot_free", SemaphoreKind::Space, 2);
    const auto ready = builder.add_semaphore("weight_ready", SemaphoreKind::Data, 0);
    const auto computed = builder.add_semaphore("computed", SemaphoreKind::Data, 0);
    const auto q_proj = builder.add_operator("q_proj");
    const auto scores = builder.add_operator("scores");
    builder.add_layout(byte_layout(320));

    builder.loop(80, [&] {
        builder.loop(7, [&] {
            builder.emit(instruction(StreamTransfer{Traffic::Weights, Bytes(217'600), Bytes(0)},
                                     q_proj, {{free, 1}}, {{ready, 1}}));
            builder.emit(instruction(UnpackTile{0, 1280, 1}, q_proj, {{ready, 1}}, {{free, 1}}));
            builder.emit(
                instruction(InstallTile{OperandSource::Weights, Bytes(409'600), Bytes(409'600)},
                            q_proj, {}, {}));
        });
        builder.emit(instruction(KvReadTile{Bytes(4096)}, scores, {}, {}));
        builder.emit(
            instruction(InstallTile{OperandSource::Kv, Bytes(4096), Bytes(4096)}, scores, {}, {}));
        Instruction compute = instruction(ComputeTile{8, 1, Bytes(320), 1280, Bytes(2560), 409'600},
                                          scores, {}, {{computed, 8}});
        compute.ends_operator = true;
        builder.emit(compute);
    });
    Instruction softmax =
        instruction(VectorOp{VectorClass::Softmax, 2048, Bytes(4096), Bytes(2048)}, scores,
                    {{computed, 640}}, {});
    softmax.ends_operator = true;
    softmax.ends_token = true;
    builder.emit(softmax);
    return builder.finish();
}

TEST(Disassemble, ReadsLikeAssembly) {
    EXPECT_EQ(disassemble(every_payload()), R"(semaphores
  slot_free     space  initial 2
  weight_ready  data   initial 0
  computed      data   initial 0
layouts
  0: 320 rows, 320 B/column, 0 header bits/column
queue stream
  loop 80
    loop 7
      stream.weights 217600 B +0 pad                    wait slot_free  signal weight_ready  ; q_proj
queue unpack
  loop 80
    loop 7
      unpack layout 0, 1280 columns, 1 B operands       wait weight_ready  signal slot_free  ; q_proj
queue kv
  loop 80
    kv.read 4096 B                                    ; scores
queue load
  loop 80
    loop 7
      install.weights 409600 B port, 409600 B operands  ; q_proj
    install.kv 4096 B port, 4096 B operands           ; scores
queue compute
  loop 80
    compute 8 x (1 cycles, read 320 B, 1280 rescales, write 2560 B, 409600 macs)  signal computed x8  ends operator  ; scores
queue vector
  vector.softmax 2048 elements, read 4096 B, write 2048 B  wait computed x640  ends operator  ends token  ; scores
)");
}

TEST(Disassemble, ShowsEveryQueueOfAnEmptyProgram) {
    EXPECT_EQ(disassemble(Program{}),
              "semaphores\nlayouts\nqueue stream\nqueue unpack\nqueue kv\nqueue load\n"
              "queue compute\nqueue vector\n");
}

}  // namespace
}  // namespace lpusim::isa
