// Opens a report in headless Chromium and tells what happened, as JSON on standard output:
//
//     node open_report.js index.html [--shots FOLDER]
//
// {"console": [...], "requests": [...], "ready_ms", "charts": {id: {"marks": {name: count}, "data": {name: rows}}},
//  "tooltip": {...}, "sorted": {...}, "keyboard": {...}, "accessible": [{"role", "name"}], "overflow": {width: pixels}}
//
// The DevTools protocol goes over a pipe (file descriptors 3 and 4): no port, no library, no driver.
"use strict";

const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { pathToFileURL } = require("url");

const kWidths = [390, 834, 1280];
const kTimeout = 60000;

class Browser {
    constructor(program) {
        this.profile = fs.mkdtempSync(path.join(os.tmpdir(), "lpusim-browser-"));
        this.process = spawn(
            program,
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage",
             `--user-data-dir=${this.profile}`, "--remote-debugging-pipe", "about:blank"],
            // In a group of its own, so that its helpers, which write to the profile, end with it.
            { detached: true, stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
        this.next = 1;
        this.waiting = new Map();
        this.listeners = [];
        this.failed = new Promise((resolve, reject) => {
            this.process.on("error", reject);
            this.process.on("exit", (code) => reject(new Error(`chromium ended with ${code}`)));
        });
        this.failed.catch(() => {});
        let text = "";
        this.process.stdio[4].setEncoding("utf8");
        this.process.stdio[4].on("data", (part) => {
            text += part;
            for (let end = text.indexOf("\0"); end >= 0; end = text.indexOf("\0")) {
                this.receive(JSON.parse(text.slice(0, end)));
                text = text.slice(end + 1);
            }
        });
    }

    kill() {
        if (this.process.pid !== undefined && this.process.exitCode === null) process.kill(-this.process.pid, "SIGKILL");
    }

    receive(message) {
        if (message.id === undefined) {
            this.listeners.forEach((listener) => listener(message));
            return;
        }
        const { resolve, reject } = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result);
    }

    send(method, params = {}, sessionId = this.session) {
        const id = this.next++;
        const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
        this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
        return Promise.race([answer, this.failed]);
    }

    async attach() {
        const { targetInfos } = await this.send("Target.getTargets");
        const { targetId } = targetInfos.find((target) => target.type === "page");
        this.session = (await this.send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
    }

    /// The value of an expression, promises awaited.
    async evaluate(expression) {
        const { result, exceptionDetails } = await this.send(
            "Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
        return result.value;
    }

    async close() {
        this.process.removeAllListeners("exit");
        this.kill();
        await new Promise((resolve) => this.process.on("close", resolve));
        fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 20 });
    }
}

// What runs in the page. A mark is counted in Vega's scene graph; its element must be in the document, too.
const kCharts = `(async () => {
    const views = await window.lpusimReport;
    const charts = {};
    for (const [id, view] of Object.entries(views)) {
        const marks = {};
        (function count(group) {
            for (const item of group.items || []) {
                for (const mark of item.items || []) {
                    if (mark.name) marks[mark.name] = (marks[mark.name] || 0) + mark.items.length;
                    if (mark.marktype === "group") count(mark);
                }
            }
        })(view.scenegraph().root);
        const place = document.querySelector('[data-chart="' + id + '"]');
        const data = {};
        for (const name of Object.keys(view.getState({ data: (n) => !!n && !/^_/.test(n), signals: () => false }).data)) {
            try { data[name] = view.data(name).length; } catch (e) { /* of a mark */ }
        }
        charts[id] = { marks, data, elements: place.querySelectorAll("svg path, svg rect, svg text, svg line").length,
                       width: view.width(), label: place.getAttribute("aria-label").length };
    }
    return charts;
})()`;

const kFirstMark = `(() => {
    const element = document.querySelector(".chart .mark-rect.role-mark path, .chart .mark-symbol path");
    element.scrollIntoView({ block: "center" });
    const box = element.getBoundingClientRect();
    return { x: box.x + Math.min(box.width / 2, 40), y: box.y + box.height / 2 };
})()`;

// Sorts the first table that has a column of different numbers, upwards and downwards.
const kSort = `(() => {
    for (const table of document.querySelectorAll("table.data")) {
        const headings = Array.from(table.tHead.rows[0].cells);
        for (let column = 0; column < headings.length; ++column) {
            const read = () => Array.from(table.tBodies[0].rows, (row) => Number(row.cells[column].dataset.v));
            const before = read();
            if (before.some(Number.isNaN) || new Set(before).size < 2) continue;
            const button = headings[column].querySelector("button");
            button.click();
            const up = read();
            const upLabel = headings[column].getAttribute("aria-sort");
            button.click();
            return { before, up, upLabel, down: read(), downLabel: headings[column].getAttribute("aria-sort") };
        }
    }
    return null;
})()`;

// Puts the focus on the first heading of the first table, as the tabulator key would.
const kFocus = `(() => {
    const table = document.querySelector("table.data");
    table.tHead.rows[0].cells[0].querySelector("button").focus();
    return document.activeElement.tagName;
})()`;

const kFirstColumn = `(() => {
    const table = document.querySelector("table.data");
    const heading = table.tHead.rows[0].cells[0];
    return { sort: heading.getAttribute("aria-sort"),
             outline: getComputedStyle(heading.querySelector("button")).outlineStyle,
             rows: Array.from(table.tBodies[0].rows, (row) => row.cells[0].textContent) };
})()`;

async function press(browser, key, code, text) {
    const event = { key, code: key === " " ? "Space" : key, windowsVirtualKeyCode: code };
    await browser.send("Input.dispatchKeyEvent", { type: "keyDown", ...event, text });
    await browser.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
}

// Sorts with the keyboard alone: Enter, then the space bar.
async function sortByKeyboard(browser) {
    const keyboard = { focus: await browser.evaluate(kFocus) };
    await press(browser, "Enter", 13, "\r");
    keyboard.enter = await browser.evaluate(kFirstColumn);
    await press(browser, " ", 32, " ");
    keyboard.space = await browser.evaluate(kFirstColumn);
    return keyboard;
}

// What a screen reader is told of pictures, buttons, headings of columns, tables and regions.
async function accessible(browser) {
    const roles = ["image", "img", "button", "columnheader", "table", "region", "link", "DisclosureTriangle"];
    const { nodes } = await browser.send("Accessibility.getFullAXTree");
    return nodes.filter((node) => !node.ignored && roles.includes(node.role?.value))
        .map((node) => ({ role: node.role.value, name: node.name?.value || "" }));
}

async function look(browser, file, shots) {
    const seen = { console: [], requests: [] };
    browser.listeners.push(({ method, params }) => {
        if (method === "Runtime.consoleAPICalled") seen.console.push(params.args.map((a) => a.value || a.description).join(" "));
        if (method === "Runtime.exceptionThrown") seen.console.push(params.exceptionDetails.text);
        if (method === "Log.entryAdded") seen.console.push(params.entry.text);
        if (method === "Network.requestWillBeSent") seen.requests.push(params.request.url);
    });
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await browser.send(`${domain}.enable`);
    const resize = (width, height) =>
        browser.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await resize(1280, 900);
    const loaded = new Promise((resolve) =>
        browser.listeners.push(({ method }) => method === "Page.loadEventFired" && resolve()));
    const url = pathToFileURL(path.resolve(file)).href;
    await browser.send("Page.navigate", { url });
    await loaded;
    seen.charts = await browser.evaluate(kCharts);
    seen.ready_ms = Number(await browser.evaluate("document.documentElement.dataset.ready"));
    seen.requests = seen.requests.filter((request) => request !== url && !request.startsWith("data:"));

    if (Object.keys(seen.charts).length) {
        const { x, y } = await browser.evaluate(kFirstMark);
        await browser.send("Input.dispatchMouseEvent", { type: "mouseMoved", x: x - 1, y });
        await browser.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
        seen.tooltip = await browser.evaluate(
            `({ hidden: document.getElementById("tip").hidden, text: document.getElementById("tip").innerText })`);
    }
    seen.sorted = await browser.evaluate(kSort);
    seen.keyboard = await sortByKeyboard(browser);
    seen.accessible = await accessible(browser);
    seen.overflow = {};
    for (const width of kWidths) {
        await resize(width, 900);
        await browser.evaluate("new Promise((resolve) => setTimeout(resolve, 300))");
        seen.overflow[width] = await browser.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (shots) await shoot(browser, shots, width);
    }
    return seen;
}

async function shoot(browser, folder, width) {
    for (const scheme of ["light", "dark"]) {
        await browser.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
        await browser.evaluate("window.scrollTo(0, 0)");
        const { data } = await browser.send("Page.captureScreenshot", { captureBeyondViewport: true });
        fs.writeFileSync(path.join(folder, `${width}-${scheme}.png`), Buffer.from(data, "base64"));
    }
    await browser.send("Emulation.setEmulatedMedia", { features: [] });
    if (width === kWidths[kWidths.length - 1]) {
        const { data } = await browser.send("Page.printToPDF", { printBackground: true });
        fs.writeFileSync(path.join(folder, "print.pdf"), Buffer.from(data, "base64"));
    }
}

async function main() {
    const [file, option, folder] = process.argv.slice(2);
    const browser = new Browser(process.env.LPUSIM_CHROMIUM || "chromium");
    const timer = setTimeout(() => {
        process.stderr.write("open_report: no answer in time\n");
        browser.kill();
    }, kTimeout);
    try {
        await browser.attach();
        const seen = await look(browser, file, option === "--shots" ? folder : undefined);
        process.stdout.write(JSON.stringify(seen, null, 1) + "\n");
    } finally {
        clearTimeout(timer);
        await browser.close();
    }
}

main().catch((error) => {
    process.stderr.write(`open_report: ${error.message}\n`);
    process.exitCode = 1;
});
