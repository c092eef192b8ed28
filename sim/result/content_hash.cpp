#include "sim/result/content_hash.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace lpusim {

std::string content_hash(const PointInputs& inputs, int timing_model_version) {
    // Canonical JSON text has no line breaks: they separate the parts beyond doubt.
    const std::string name = "lpusim point\ntiming model " + std::to_string(timing_model_version) +
                             "\n" + inputs.hardware_json + "\n" + inputs.model_json + "\n" +
                             inputs.format_json + "\n" + inputs.scenario_json + "\n";
    const boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
    return to_string(generate(name));
}

}  // namespace lpusim
