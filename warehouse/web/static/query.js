// The page for queries of an export: DuckDB-WASM, loaded with the first query. Opened from disk, a page may load scripts and nothing
// else, so the engine is in scripts, and the tables are too; from a host, DuckDB reads those parts of the file that it needs.
"use strict";

const MOST_ROWS = 1000;
const say = (text) => (document.getElementById("status").textContent = text);

function load(script) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = script;
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${script} is not there`));
    document.head.append(element);
  });
}

async function open() {
  say("DuckDB is loading …");
  for (const name of ["arrow", "duckdb", "engine"]) await load(`vendor/${name}.js`);
  const worker = new Worker(URL.createObjectURL(new Blob([engine.worker], { type: "text/javascript" })));
  // DuckDB-WASM answers nothing when its worker fails.
  const failure = new Promise((_, reject) => {
    worker.addEventListener("error", (event) => reject(new Error(event.message)));
  });
  failure.catch(() => (session = undefined));
  return { connection: await Promise.race([connect(worker), failure]), failure };
}

async function connect(worker) {
  const opened = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
  await opened.instantiate(`data:application/wasm;base64,${engine.wasm}`);
  if (location.protocol === "file:") {
    await load("data/paperhouse.js").catch(() => {
      throw new Error("The tables are too large for a page from disk. Serve the folder: python3 -m http.server");
    });
    const bytes = Uint8Array.from(atob(database), (letter) => letter.charCodeAt(0));
    await opened.registerFileBuffer("paperhouse.duckdb", bytes);
  } else {
    const url = new URL("data/paperhouse.duckdb", location.href).href;
    await opened.registerFileURL("paperhouse.duckdb", url, duckdb.DuckDBDataProtocol.HTTP, false);
  }
  const connection = await opened.connect();
  await connection.query("attach 'paperhouse.duckdb' as paperhouse (read_only); use paperhouse.marts");
  return connection;
}

let session; // of the engine: a promise; none where it failed
async function run(sql) {
  session ??= open().catch((error) => {
    session = undefined;
    throw error;
  });
  const { connection, failure } = await session;
  const answer = await Promise.race([connection.query(sql), failure]);
  const names = answer.schema.fields.map((field) => field.name);
  const text = (value) => (value === null || value === undefined ? "" : String(value));
  const lines = answer.toArray().slice(0, MOST_ROWS).map((row) => names.map((name) => text(row[name])));
  return [names, lines, answer.numRows];
}

function cells(kind, texts) {
  const row = document.createElement("tr");
  for (const text of texts) row.append(Object.assign(document.createElement(kind), { textContent: text }));
  return row;
}

document.getElementById("query").addEventListener("submit", async (event) => {
  event.preventDefault();
  const sql = document.getElementById("sql").value.trim().replace(/;$/, "");
  const table = document.getElementById("answer");
  try {
    // As texts, since a browser would show a day as a number.
    const isSelect = /^(select|from|with)\b/i.test(sql);
    const [names, lines, count] = await run(isSelect ? `select columns(*)::varchar from (${sql})` : sql);
    const [head, body] = [document.createElement("thead"), document.createElement("tbody")];
    head.append(cells("th", names));
    body.append(...lines.map((line) => cells("td", line)));
    table.replaceChildren(head, body);
    say(count > MOST_ROWS ? `The first ${MOST_ROWS} of ${count} rows.` : `${count} rows.`);
  } catch (error) {
    table.replaceChildren();
    say(error.message);
  }
});

for (const button of document.querySelectorAll(".example")) {
  button.addEventListener("click", () => {
    document.getElementById("sql").value = button.textContent;
    document.getElementById("query").requestSubmit();
  });
}

// Before this, a click on Run would load the page again.
document.querySelector("#query fieldset").disabled = false;
