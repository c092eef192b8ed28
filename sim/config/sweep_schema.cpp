#include "sim/config/sweep_schema.h"

namespace lpusim::config {

namespace {

using SweepSchema = Schema<SweepFields>;

void add_base(SweepSchema& schema) {
    schema.add(
        "name", Text(1, 100), required(), [](auto& f) -> auto& { return f.name; },
        "Name in tables and in the store.");
    schema.add(
        "description", Text(0, 1000), by_default(""),
        [](auto& f) -> auto& { return f.description; },
        "One line about the question that it answers.");
    const Raw file("a file, or the name of a shipped one");
    schema.add(
        "hardware", file, implied("an axis"), [](auto& f) -> auto& { return f.hardware; },
        "The chip, unless it is an axis. A path may be relative to the sweep file.");
    schema.add(
        "model", file, implied("an axis"), [](auto& f) -> auto& { return f.model; },
        "The model, unless it is an axis.");
    schema.add(
        "format", file, implied("an axis"), [](auto& f) -> auto& { return f.format; },
        "The weight format, unless it is an axis.");
    schema.add(
        "batch", kBatch, by_default("1"), [](auto& f) -> auto& { return f.batch; },
        "Sequences that decode together.");
    schema.add(
        "context", kContext, by_default("2048"), [](auto& f) -> auto& { return f.context; },
        "Positions that the new token attends to, its own included.");
    schema.add(
        "kv_bits", Choice<std::uint32_t>({{"8", 8}, {"16", 16}}), by_default("8"),
        [](auto& f) -> auto& { return f.kv_bits; }, "Bits of a KV cache element.");
    schema.add(
        "set", Raw("a map of keys of the hardware, format or model file to values"),
        implied("none"), [](auto& f) -> auto& { return f.set; },
        "What is changed in the base files for all points.");
}

void add_points(SweepSchema& schema) {
    schema.add(
        "axes",
        Raw("a map of keys to a list of values, {pow2: [from, to]}, {log: [from, to], points: n} "
            "or "
            "{linear: [from, to], points: n}"),
        implied("none"), [](auto& f) -> auto& { return f.axes; },
        "What is varied: hardware, model, format, batch, context, kv_bits, or any key of the "
        "hardware, format and model files by its dotted path. Every value is combined with every "
        "value of the other axes; the first axis varies slowest.");
    schema.add(
        "zip", Raw("a list of lists of axes"), implied("none"),
        [](auto& f) -> auto& { return f.zip; },
        "Axes that go forward together, first value with first value, rather than be combined.");
    schema.add(
        "when", Raw("an expression"), implied("always"), [](auto& f) -> auto& { return f.when; },
        "Points that are left out are those for which this is false: comparisons of axes, with "
        "and, "
        "or, not and + - * /, as in array.rows * array.planes <= 2048 and format != 'fp16'.");
}

void add_search(SweepSchema& schema) {
    const Raw value("a value of search.key");
    schema.add(
        "search.key", Raw("a key that has numbers"), implied("no search"),
        [](auto& f) -> auto& { return f.search_key; }, "What is varied to find it.");
    schema.add(
        "search.from", value, implied("required with a search"),
        [](auto& f) -> auto& { return f.search_from; }, "The least value to try.");
    schema.add(
        "search.to", value, implied("required with a search"),
        [](auto& f) -> auto& { return f.search_to; }, "The greatest value to try.");
    schema.add(
        "search.find", Choice<bool>({{"smallest", true}, {"largest", false}}),
        by_default("smallest"), [](auto& f) -> auto& { return f.search_smallest; },
        "Which of the values for which search.that holds.");
    schema.add(
        "search.that", Raw("an expression"), implied("required with a search"),
        [](auto& f) -> auto& { return f.search_that; },
        "What is to hold, as in bottleneck == 'WeightStream' or speed_up < 1.01. It has to hold on "
        "one side of some value only, for that is found by bisection.");
    schema.add(
        "search.against", Raw("a map of keys to values"), implied("none"),
        [](auto& f) -> auto& { return f.search_against; },
        "What differs in the point that speed_up compares with, as in {format: int4-g64}.");
    schema.add(
        "search.tolerance", Raw("a percentage, or a distance in the unit of search.key"),
        implied("1 %"), [](auto& f) -> auto& { return f.search_tolerance; },
        "How near the value found has to be to one for which it no longer holds.");
}

void add_pareto(SweepSchema& schema) {
    const Raw figures("a list of figures");
    schema.add(
        "pareto.maximise", figures, implied("none"),
        [](auto& f) -> auto& { return f.pareto_maximise; },
        "Figures of which more is better: metrics of the result, or axes.");
    schema.add(
        "pareto.minimise", figures, implied("none"),
        [](auto& f) -> auto& { return f.pareto_minimise; }, "Figures of which less is better.");
    schema.add(
        "pareto.where", Raw("an expression"), implied("all points"),
        [](auto& f) -> auto& { return f.pareto_where; },
        "What a point has to fulfil to take part.");
}

const SweepSchema& sweep_schema() {
    static const SweepSchema kSchema = [] {
        SweepSchema schema;
        schema.doc.kind = "sweep";
        schema.doc.doc =
            "Many simulations: a base, and what is varied. docs/sweeps.md explains it.";
        schema.doc.groups = {
            {"search",
             "Instead of a grid over one more key: where something begins or ends to hold"},
            {"pareto", "Points that no other point beats in every figure"}};
        add_base(schema);
        add_points(schema);
        add_search(schema);
        add_pareto(schema);
        return schema;
    }();
    return kSchema;
}

}  // namespace

const SchemaDoc& sweep_doc() { return sweep_schema().doc; }

SweepFields read_sweep_fields(const YamlNode& root, Diagnostics& diagnostics) {
    SweepFields fields;
    FieldValues values(root, sweep_schema().doc, diagnostics);
    values.read_into(fields, sweep_schema());
    return fields;
}

}  // namespace lpusim::config
