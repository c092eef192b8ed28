#include "sim/app/weight_quality.h"

#include "sim/app/progress_line.h"
#include "sim/quantize/format_quality.h"

namespace lpusim::app {

namespace {

std::vector<FormatQuality> quality_of_file(const std::vector<NumberFormat>& formats,
                                           const WeightChoice& choice) {
    const WeightSet set = open_weights(choice);
    warn_of_skipped(set);
    QualitySample sample{text_of(choice), {}};
    for (const auto& matrix : set.matrices) sample.matrices.push_back(matrix.get());

    ProgressLine line({"weights"}, "quantising");
    const double all = static_cast<double>(set.weights()) * static_cast<double>(formats.size());
    double done = 0;
    std::vector<FormatQuality> qualities;
    for (const NumberFormat& format : formats) {
        qualities.push_back(format_quality(format, sample, [&](std::uint64_t weights) {
            line.update(0, (done + static_cast<double>(weights)) / all);
        }));
        done += static_cast<double>(set.weights());
    }
    return qualities;
}

}  // namespace

std::vector<FormatQuality> quality_of(const std::vector<NumberFormat>& formats,
                                      const WeightChoice& choice) {
    if (choice.file) return quality_of_file(formats, choice);
    std::vector<FormatQuality> qualities;
    qualities.reserve(formats.size());
    for (const NumberFormat& format : formats) qualities.push_back(format_quality(format));
    return qualities;
}

}  // namespace lpusim::app
