#pragma once

#include "hw_models/core/quantities.h"
#include "hw_models/units/mac_array_params.h"
#include "hw_models/units/rescaler_params.h"
#include "hw_models/units/sequencer_params.h"
#include "hw_models/units/sram_banks_params.h"
#include "hw_models/units/unpack_unit_params.h"
#include "hw_models/units/vector_unit_params.h"
#include "hw_models/units/weight_stream_params.h"

namespace lpusim {

/// Everything that LpuChip needs to be built. All units share one clock.
struct ChipParams {
    Hertz clock;
    WeightStreamParams weight_stream;
    SramBanksParams sram_banks;
    UnpackUnitParams unpack_unit;
    MacArrayParams mac_array;
    RescalerParams rescaler;
    VectorUnitParams vector_unit;
    SequencerParams sequencer;
};

}  // namespace lpusim
