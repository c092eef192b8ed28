#include "sim/config/claims.h"

namespace lpusim {

const std::vector<ClaimQuantity>& point_quantities() {
    static const std::vector<ClaimQuantity> kQuantities = {
        {"seconds_per_token", "in steady state"},
        {"tokens_per_second", "of each user"},
        {"tokens_per_second_total", "of the whole batch"},
        {"cold_seconds_per_token", "first token of an empty machine"},
        {"cycles", "of a token"},
        {"clock", "Hz"},
        {"weights", "of all linear layers and the LM head"},
        {"parameters", "all of the model's"},
        {"weight_bytes", "stored codes and metadata"},
        {"model_bytes", "the same with the embedding, norms and biases in FP16"},
        {"bits_per_weight", "effective bits"},
        {"stream_bytes", "of a token"},
        {"stream_bandwidth", "effective, B/s"},
        {"macs_per_cycle", "of the array, INT8"},
        {"stream_utilisation", "share of 1"},
        {"mac_utilisation", "share of 1"},
        {"bottleneck_share", "share of the cycles in which the bottleneck is busy"}};
    return kQuantities;
}

const std::vector<ClaimQuantity>& measurement_quantities() {
    static const std::vector<ClaimQuantity> kQuantities = {
        {"relative_rmse", "RMSE over the weights' RMS"},
        {"rmse", "root of the mean squared error"},
        {"mse", "mean squared error"},
        {"bits_per_weight", "effective bits"},
        {"code_bits", "per weight, without metadata and padding"},
        {"packed_bytes", "as stored"},
        {"fp32_bytes", "4 B per weight"}};
    return kQuantities;
}

const std::vector<ClaimQuantity>& model_quantities() {
    static const std::vector<ClaimQuantity> kQuantities = {{"hidden", "width"},
                                                           {"intermediate", "width of the MLP"},
                                                           {"layers", "layers"},
                                                           {"heads", "query heads"},
                                                           {"kv_heads", "key and value heads"},
                                                           {"vocab", "rows of the embedding"},
                                                           {"parameters", "all"}};
    return kQuantities;
}

}  // namespace lpusim
