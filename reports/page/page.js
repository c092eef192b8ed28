// What a report's page does once it is open: charts that answer the pointer, tables that sort. Without it the page is
// complete, as pictures and tables.
"use strict";

(() => {
    const tip = document.getElementById("tip");

    function hideTip() {
        tip.hidden = true;
    }

    function showTip(event, value) {
        tip.replaceChildren();
        const list = document.createElement("dl");
        for (const [label, text] of Object.entries(value)) {
            const term = document.createElement("dt");
            const description = document.createElement("dd");
            term.textContent = label;
            description.textContent = text;
            list.append(term, description);
        }
        tip.append(list);
        tip.hidden = false;
        const box = tip.getBoundingClientRect();
        const margin = 12;
        const left = Math.min(event.clientX + margin, window.innerWidth - box.width - margin);
        const above = event.clientY - box.height - margin;
        tip.style.left = `${Math.max(margin, left)}px`;
        tip.style.top = `${above < margin ? event.clientY + margin : above}px`;
    }

    function onTooltip(handler, event, item, value) {
        if (value && typeof value === "object") showTip(event, value);
        else hideTip();
    }

    async function mount(report, chart) {
        const place = document.querySelector(`[data-chart="${chart.id}"]`);
        const inside = document.createElement("div");
        const view = lpusimCharts.view(report, chart, { renderer: "svg", container: inside, hover: true });
        let width = place.clientWidth;
        view.tooltip(onTooltip).width(width);
        await view.runAsync();
        place.replaceChildren(inside);
        const observer = new ResizeObserver(() => {
            if (place.clientWidth === width) return;
            width = place.clientWidth;
            view.width(width).runAsync();
        });
        observer.observe(place);
        return view;
    }

    async function mountAll() {
        const source = document.getElementById("report-data");
        const views = {};
        if (!source) return views;
        const report = JSON.parse(source.textContent);
        for (const chart of report.charts) {
            views[chart.id] = await mount(report, chart);
            // Let the reader scroll in between.
            await new Promise((resolve) => setTimeout(resolve));
        }
        return views;
    }

    function sortKey(row, column) {
        const cell = row.cells[column];
        return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
    }

    function compare(a, b) {
        if (typeof a === "number" && typeof b === "number") return a - b;
        if (typeof a === "number") return -1;
        if (typeof b === "number") return 1;
        return a.localeCompare(b, "en", { numeric: true });
    }

    function sort(table, column) {
        const heading = table.tHead.rows[0].cells[column];
        const down = heading.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = Array.from(body.rows, (row) => ({ row, key: sortKey(row, column) }));
        rows.sort((a, b) => (down ? compare(b.key, a.key) : compare(a.key, b.key)));
        body.append(...rows.map(({ row }) => row));
    }

    function makeSortable(table) {
        Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
            const button = document.createElement("button");
            button.type = "button";
            button.append(...heading.childNodes);
            button.addEventListener("click", () => sort(table, column));
            heading.append(button);
        });
    }

    document.querySelectorAll("table.data").forEach(makeSortable);
    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape") hideTip();
    });
    window.addEventListener("scroll", hideTip, { passive: true });
    // What is folded is printed, too.
    window.addEventListener("beforeprint", () => {
        document.querySelectorAll("details").forEach((details) => (details.open = true));
    });

    window.lpusimReport = mountAll();
    window.lpusimReport.then(
        () => (document.documentElement.dataset.ready = String(Math.round(performance.now()))),
        (error) => console.error(error),
    );
})();
