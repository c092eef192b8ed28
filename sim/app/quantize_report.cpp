#include "sim/app/quantize_report.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "sim/report/escape.h"
#include "sim/report/number_text.h"

namespace lpusim::app {

namespace {

using Json = nlohmann::ordered_json;

/// JSON knows no infinity.
Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

std::string shape_text(const QuantizedRow& row) {
    return row.k == 0 ? "" : fmt::format("{}x{}", row.k, row.n);
}

/// Errors may be far smaller than anything that reads well without an exponent.
std::string error_text(double value) {
    constexpr int kDigits = 4;
    return fmt::format("{:.{}g}", value, kDigits);
}

std::string decibel_text(double decibel) {
    return std::isfinite(decibel) ? fmt::format("{:.2f}", decibel) : "exact";
}

std::string percent_of(double share) {
    return std::isfinite(share) ? fmt::format("{:.3f} %", 100 * share) : "infinite";
}

TextTable::Row table_row(const QuantizedRow& row, Paint paint) {
    const QuantizationError& error = row.error;
    return {{row.tensor.empty() ? "total" : printable(row.tensor), paint},
            {printable(row.format), paint},
            {shape_text(row), paint},
            {fmt::format("{:.4f}", row.effective_bits()), paint},
            {row.packed ? decimal_bytes_text(Bytes(row.packed_bytes())) : "", paint},
            {percent_of(error.relative_rmse()), paint},
            {error_text(error.rmse()), paint},
            {error_text(error.mse()), paint},
            {error_text(error.max_error), paint},
            {decibel_text(error.sqnr_db()), paint},
            {error.clipped == 0 ? "-" : count_text(error.clipped), paint}};
}

std::string csv_row(const QuantizedRow& row) {
    const QuantizationError& error = row.error;
    const AllocationBits bits = row.allocation.value_or(AllocationBits{});
    const auto part = [&](double value) {
        return row.allocation ? fmt::format("{}", value) : std::string();
    };
    return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_text(row.tensor),
                       csv_text(row.format), row.k, row.n, error.weights, row.effective_bits(),
                       row.packed ? fmt::format("{}", row.packed_bytes()) : "", error.rmse(),
                       100 * error.relative_rmse(), error.mse(), error.max_error, error.sqnr_db(),
                       error.clipped, part(bits.codes), part(bits.scales), part(bits.map));
}

bool has_several_matrices(const std::vector<QuantizedRow>& rows) {
    return totals_of(rows).size() < rows.size();
}

}  // namespace

std::vector<QuantizedRow> totals_of(const std::vector<QuantizedRow>& rows) {
    std::vector<QuantizedRow> totals;
    for (const QuantizedRow& row : rows) {
        const auto known =
            std::find_if(totals.begin(), totals.end(),
                         [&](const QuantizedRow& total) { return total.format == row.format; });
        QuantizedRow& total = known == totals.end() ? totals.emplace_back() : *known;
        total.format = row.format;
        total.packed = row.packed;
        total.error += row.error;
        total.stored_bits += row.stored_bits;
    }
    return totals;
}

std::string quantize_table(const std::vector<QuantizedRow>& rows, const TextStyle& style) {
    TextTable table({Align::Left, Align::Left, Align::Right, Align::Right, Align::Right,
                     Align::Right, Align::Right, Align::Right, Align::Right, Align::Right,
                     Align::Right});
    TextTable::Row heading;
    for (const char* name : {"tensor", "format", "K x N", "bits/weight", "packed", "relative RMSE",
                             "RMSE", "MSE", "max error", "SQNR dB", "clipped"}) {
        heading.push_back({name, Paint::Bold});
    }
    table.add(heading);
    for (const QuantizedRow& row : rows) table.add(table_row(row, Paint::Plain));
    if (has_several_matrices(rows)) {
        for (const QuantizedRow& row : totals_of(rows)) table.add(table_row(row, Paint::Bold));
    }
    std::string text = table.text(0, style);
    for (const QuantizedRow& row : rows) {
        if (!row.allocation) continue;
        text += fmt::format(
            "{}: {:.4f} bits of codes + {:.4f} of scales and zero points + {:.4f} of the map of "
            "widths\n",
            row.format, row.allocation->codes, row.allocation->scales, row.allocation->map);
    }
    return text;
}

std::string quantize_csv(const std::vector<QuantizedRow>& rows) {
    std::string text =
        "tensor,format,k,n,weights,effective_bits,packed_bytes,rmse,relative_rmse_percent,mse,"
        "max_error,sqnr_db,clipped,code_bits,scale_bits,map_bits\n";
    for (const QuantizedRow& row : rows) text += csv_row(row);
    if (has_several_matrices(rows)) {
        for (const QuantizedRow& row : totals_of(rows)) text += csv_row(row);
    }
    return text;
}

Json quantize_json(const std::vector<QuantizedRow>& rows) {
    Json list = Json::array();
    for (const QuantizedRow& row : rows) {
        const QuantizationError& error = row.error;
        Json json;
        if (!row.tensor.empty()) {
            json["tensor"] = row.tensor;
            json["k"] = row.k;
            json["n"] = row.n;
        }
        json["format"] = row.format;
        json["weights"] = error.weights;
        json["effective_bits"] = row.effective_bits();
        if (row.packed) json["packed_bytes"] = row.packed_bytes();
        json["rmse"] = error.rmse();
        json["relative_rmse"] = finite_or_null(error.relative_rmse());
        json["mse"] = error.mse();
        json["max_error"] = error.max_error;
        json["sqnr_db"] = finite_or_null(error.sqnr_db());
        json["clipped"] = error.clipped;
        if (row.allocation) {
            json["code_bits"] = row.allocation->codes;
            json["scale_bits"] = row.allocation->scales;
            json["map_bits"] = row.allocation->map;
        }
        list.push_back(std::move(json));
    }
    return list;
}

}  // namespace lpusim::app
