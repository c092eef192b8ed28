#pragma once

#include <string>

#include "sim/config/diagnostics.h"
#include "sim/workload/model.h"

namespace lpusim::config {

/// Reads the text of a Hugging Face config.json as it is: LlamaForCausalLM, GPT2LMHeadModel,
/// BertModel and its two pre-training heads (whose shape is BertModel's). Keys that do not bear on
/// the shape are passed over. What a Model cannot express (other architectures, other activations,
/// partial biases) is reported. `name` is the model's. Throws ConfigError when the text is no JSON
/// object.
Model read_hugging_face(const std::string& text, const std::string& name, Diagnostics& diagnostics);

}  // namespace lpusim::config
