// Draws a report's charts as SVG. Standard input: {"modules": [{"name", "file"}], "report": {...}}; standard output:
// {"<id of chart>": "<svg ...>"}. Run by `lpusim report`. Exit code 2: Vega does not take a chart's specification; standard
// error has "<id>: why".
"use strict";

const fs = require("fs");
const path = require("path");
const charts = require(path.join(__dirname, "charts.js"));

async function main() {
    const input = JSON.parse(fs.readFileSync(0, "utf8"));
    for (const { name, file } of input.modules) {
        const factory = new Function("exports", "module", "require", fs.readFileSync(file, "utf8"));
        charts.define(name, factory);
    }
    const figures = {};
    for (const chart of input.report.charts) {
        const problems = [];
        const logger = {
            level: () => logger,
            error: (...text) => (problems.push(text.join(" ")), logger),
            warn: (...text) => (problems.push(text.join(" ")), logger),
            info: () => logger,
            debug: () => logger,
        };
        try {
            const view = charts.view(input.report, chart, { renderer: "none", logger });
            figures[chart.id] = await view.toSVG();
            view.finalize();
        } catch (error) {
            problems.push(error.message);
        }
        if (problems.length) {
            // A defect of the specification, not of this program.
            process.stderr.write(`${chart.id}: ${problems.join("; ")}`);
            process.exitCode = 2;
            return;
        }
    }
    // Unlike writeSync() it does not stop halfway.
    fs.writeFileSync(1, JSON.stringify(figures));
}

main().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
});
