#include "sim/app/claim_values.h"

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/app/simulate_points.h"
#include "sim/quantize/allocation.h"
#include "sim/quantize/format_quality.h"
#include "sim/quantize/synthetic_weights.h"
#include "sim/quantize/tensor_quantizer.h"
#include "sim/report/metrics.h"

namespace lpusim::app {

namespace {

constexpr std::uint64_t kStripColumns = 1280;
constexpr double kByteBits = 8;
constexpr double kFp32Bytes = 4;

double real(std::uint64_t count) { return static_cast<double>(count); }

Distribution distribution_of(SampleKind kind) {
    switch (kind) {
        case SampleKind::Gaussian:
            return Distribution::Gaussian;
        case SampleKind::StudentT:
            return Distribution::StudentT;
        case SampleKind::Laplace:
            break;
    }
    return Distribution::Laplace;
}

Allocation allocation_of(BitAllocation allocation) {
    switch (allocation) {
        case BitAllocation::Alternating:
            return Allocation::Alternating;
        case BitAllocation::RandomPairs:
            return Allocation::RandomPairs;
        case BitAllocation::LargerOfPair:
            return Allocation::LargerOfPair;
        case BitAllocation::LargerOfGroup:
            return Allocation::LargerOfGroup;
        case BitAllocation::LargerOfGroupOwnRange:
            return Allocation::LargerOfGroupOwnRange;
        case BitAllocation::None:
        case BitAllocation::FourBits:
            break;
    }
    return Allocation::FourBits;
}

struct Stored {
    /// Nothing when it was not asked for.
    std::optional<QuantizationError> error;
    double bits = 0;
    double code_bits = 0;
};

Stored measure_allocation(const ClaimMeasurement& measurement, const WeightSource& source) {
    AllocationOptions options;
    options.group_size = measurement.allocation_group;
    options.symmetric = measurement.symmetric;
    options.seed = measurement.seed;
    const AllocationResult result =
        try_allocation(source, allocation_of(measurement.allocation), options);
    return {result.error, result.bits(), result.code_bits};
}

Stored measure_format(const ClaimMeasurement& measurement, const WeightSource& source,
                      bool with_error) {
    const NumberFormat format = load_format(measurement.format);
    const MatrixFootprint stored =
        footprint(format, measurement.k, measurement.n, kQualityTileRows);
    const std::uint32_t symbol = format.code.weights_per_symbol();
    Stored result{{},
                  kByteBits * real(stored.total.count()) / real(stored.weights.count()),
                  real(format.code.symbol_bits(symbol)) / real(symbol)};
    if (!with_error) return result;
    const MatrixTiling tiling =
        uniform_tiling(measurement.k, measurement.n, kQualityTileRows, kStripColumns);
    result.error = quantize_tensor(source, format, tiling, {}).error;
    return result;
}

/// Whether a formula names an error of the measurement.
bool needs_error(const Claims& claims, const std::string& measurement) {
    for (const Claim& claim : claims.claims) {
        for (const ClaimHypothesis& hypothesis : claim.hypotheses) {
            for (const std::string& name : hypothesis.formula->names()) {
                for (const char* error : {".relative_rmse", ".rmse", ".mse"}) {
                    if (name == measurement + error) return true;
                }
            }
        }
    }
    return false;
}

AuditedHypothesis::Role role_of(HypothesisRole role) {
    switch (role) {
        case HypothesisRole::Stated:
            return AuditedHypothesis::Role::Stated;
        case HypothesisRole::Condition:
            return AuditedHypothesis::Role::Condition;
        case HypothesisRole::Slip:
            break;
    }
    return AuditedHypothesis::Role::Slip;
}

/// What a formula rests on.
std::string basis_of(const Claims& claims, const config::Formula& formula) {
    std::set<std::string> points;
    for (const ClaimPoint& point : claims.points) points.insert(point.name);
    std::set<std::string> measurements;
    for (const ClaimMeasurement& it : claims.measurements) measurements.insert(it.name);
    std::string basis = "computed";
    for (const std::string& name : formula.names()) {
        const std::string owner = name.substr(0, name.find('.'));
        if (points.count(owner) != 0) return "simulated";
        if (measurements.count(owner) != 0) basis = "measured";
    }
    return basis;
}

void add(ClaimValues& values, const std::string& owner,
         const std::map<std::string, double>& quantities) {
    for (const auto& [name, value] : quantities) values.values[owner + "." + name] = value;
}

}  // namespace

std::map<std::string, double> quantities_of(const Point& point) {
    return {{"seconds_per_token", seconds_per_token(point)},
            {"tokens_per_second", tokens_per_second(point)},
            {"tokens_per_second_total", tokens_per_second_total(point)},
            {"cold_seconds_per_token", cold_seconds_per_token(point)},
            {"cycles", real(point.cycles.count())},
            {"clock", real(point.clock.count())},
            {"weights", real(point.weights.count())},
            {"parameters", real(point.parameters)},
            {"weight_bytes", real(point.weight_bytes.count())},
            {"model_bytes", real(point.model_bytes.count())},
            {"bits_per_weight", effective_bits_per_weight(point)},
            {"stream_bytes", real(point.stream.total().count())},
            {"stream_bandwidth", peak_stream_bytes_per_second(point)},
            {"macs_per_cycle", real(point.peak_macs_per_cycle)},
            {"stream_utilisation", stream_utilisation(point)},
            {"mac_utilisation", mac_utilisation(point)},
            {"bottleneck_share", bottleneck_busy_share(point)}};
}

std::map<std::string, double> quantities_of(const ClaimMeasurement& measurement, bool with_error) {
    const SyntheticWeights source(distribution_of(measurement.sample), measurement.k, measurement.n,
                                  measurement.seed);
    const Stored stored = measurement.allocation == BitAllocation::None
                              ? measure_format(measurement, source, with_error)
                              : measure_allocation(measurement, source);
    const double weights = real(measurement.k * measurement.n);
    std::map<std::string, double> quantities = {{"bits_per_weight", stored.bits},
                                                {"code_bits", stored.code_bits},
                                                {"packed_bytes", stored.bits * weights / kByteBits},
                                                {"fp32_bytes", weights * kFp32Bytes}};
    if (stored.error) {
        quantities["relative_rmse"] = stored.error->relative_rmse();
        quantities["rmse"] = stored.error->rmse();
        quantities["mse"] = stored.error->mse();
    }
    return quantities;
}

std::string text_of(const ClaimMeasurement& measurement) {
    std::string what;
    if (measurement.allocation == BitAllocation::None) {
        what = load_format(measurement.format).name;
    } else {
        const std::string range = measurement.allocation_group == 0
                                      ? "column"
                                      : std::to_string(measurement.allocation_group) + " weights";
        what = std::string("4 and 3 bits, ") +
               lpusim::name_of(allocation_of(measurement.allocation)) + ", a range per " + range;
    }
    return fmt::format("{} of {} weights, {} x {}, seed {}", what,
                       lpusim::name_of(distribution_of(measurement.sample)), measurement.k,
                       measurement.n, measurement.seed);
}

std::map<std::string, double> quantities_of(const ClaimModel& named) {
    const Model model = load_model(named.model);
    return {{"hidden", real(model.hidden)},
            {"intermediate", real(model.intermediate)},
            {"layers", real(model.layers)},
            {"heads", real(model.heads)},
            {"kv_heads", real(model.kv_heads)},
            {"vocab", real(model.vocab)},
            {"parameters", real(count_parameters(model).total())}};
}

ClaimValues claim_values(const Claims& claims, std::size_t parallel) {
    std::vector<NamedJob> jobs;
    for (const ClaimPoint& point : claims.points) {
        NamedJob job;
        job.label = point.name;
        job.job.hardware = {point.hardware.string(), point.hardware_overrides};
        job.job.model.path = point.model.string();
        job.job.format.path = point.format.string();
        job.job.scenario = point.scenario;
        jobs.push_back(std::move(job));
    }
    const std::vector<PointRun> runs = simulate_points(jobs, parallel);
    ClaimValues values;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        add(values, claims.points[i].name, quantities_of(runs[i].point));
        values.points.emplace(claims.points[i].name, runs[i].point);
    }
    for (const ClaimMeasurement& it : claims.measurements) {
        add(values, it.name, quantities_of(it, needs_error(claims, it.name)));
    }
    for (const ClaimModel& it : claims.models) add(values, it.name, quantities_of(it));
    return values;
}

ClaimAudit audit_claims(const Claims& claims, const std::map<std::string, double>& values) {
    ClaimAudit audit{claims.name, claims.description, {}};
    for (const Claim& claim : claims.claims) {
        AuditedClaim audited{
            claim.id,       claim.topic, claim.quote,     claim.source,  claim.value,
            claim.value_to, claim.unit,  claim.tolerance, claim.missing, {}};
        for (const ClaimHypothesis& hypothesis : claim.hypotheses) {
            const config::Formula& formula = hypothesis.formula.value();
            AuditedHypothesis result;
            result.role = role_of(hypothesis.role);
            result.means = hypothesis.means;
            result.why = hypothesis.why;
            result.formula = formula.text();
            result.basis = basis_of(claims, formula);
            result.unit = hypothesis.unit;
            result.value = formula.evaluate([&](const std::string& name) {
                return values.at(name);
            }) / config::unit_scale(hypothesis.unit);
            audited.hypotheses.push_back(std::move(result));
        }
        audit.claims.push_back(std::move(audited));
    }
    return audit;
}

}  // namespace lpusim::app
