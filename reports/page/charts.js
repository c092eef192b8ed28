// Vega from Debian's libjs-vega, which comes as modules of the CommonJS kind, and how a report's charts are drawn with
// it. The same file runs in the page and, for figures/*.svg, in Node.
"use strict";

const lpusimCharts = (() => {
    const factories = new Map();
    const loaded = new Map();
    // What the package calls a module that it ships under another name.
    const aliases = { "vega-selections": "vega-selection" };

    function define(name, factory) {
        factories.set(name, factory);
    }

    function load(name) {
        const known = aliases[name] || name;
        if (!loaded.has(known)) {
            const factory = factories.get(known);
            if (!factory) throw new Error(`module ${name} is not there`);
            const module = { exports: {} };
            loaded.set(known, module.exports);
            factory.call(undefined, module.exports, module, load);
            loaded.set(known, module.exports);
        }
        return loaded.get(known);
    }

    function library() {
        const { transforms } = load("vega-dataflow");
        Object.assign(transforms, load("vega-transforms"), load("vega-view-transforms"), load("vega-encode"),
                      load("vega-label"));
        return {
            parse: load("vega-parser").parse,
            View: load("vega-view").View,
            interpreter: load("vega-interpreter").expressionInterpreter,
        };
    }

    /// The specification with its data sources filled from the report's tables. Rows are copied: Vega marks them.
    function filled(chart, tables) {
        const specification = structuredClone(chart.specification);
        for (const source of specification.data || []) {
            const table = chart.data[source.name];
            if (table) source.values = structuredClone(tables[table]);
        }
        return specification;
    }

    /// A view that is not yet run. Expressions are interpreted: the page's policy forbids eval.
    function view(report, chart, options) {
        const vega = library();
        const runtime = vega.parse(filled(chart, report.tables), report.config, { ast: true });
        return new vega.View(runtime, { expr: vega.interpreter, ...options });
    }

    return { define, view };
})();

if (typeof module !== "undefined") module.exports = lpusimCharts;
