#include "hw_models/units/kv_reader.h"

namespace lpusim {

KvReader::KvReader(const sc_core::sc_module_name& name, Bytes bytes_per_cycle,
                   InstructionSource& source, SramPort& port, Channel& output,
                   std::size_t operators)
    : sc_core::sc_module(name),
      reader_(bytes_per_cycle, port, source, output,
              [](const isa::Instruction& instruction) {
                  return std::get<isa::KvReadTile>(instruction.payload).bytes;
              }),
      account_("sram_banks.kv_read", "SramBanks", operators) {}

void KvReader::settle(Cycles from, Cycles to) { reader_.settle((to - from).count(), account_); }

void KvReader::evaluate(Cycles now) { reader_.evaluate(now); }

Cycles KvReader::update(Cycles now) { return reader_.update(now, account_).wake; }

}  // namespace lpusim
