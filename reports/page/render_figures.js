// Draws a report's charts as SVG. Standard input: {"modules": [{"name", "file"}], "report": {...}}; standard output:
// {"<id of chart>": "<svg ...>"}. Run by `lpusim report`.
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
        const view = charts.view(input.report, chart, { renderer: "none", logger });
        figures[chart.id] = await view.toSVG();
        view.finalize();
        if (problems.length) throw new Error(`chart ${chart.id}: ${problems.join("; ")}`);
    }
    // Unlike writeSync() it does not stop halfway.
    fs.writeFileSync(1, JSON.stringify(figures));
}

main().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
});
