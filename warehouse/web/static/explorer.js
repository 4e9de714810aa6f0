// What pages gain where scripts run; all of them can be read without.
"use strict";

// A click on the head of a column sorts the table by it; a second one turns the order round.
function sortable(table) {
  const body = table.tBodies[0];
  for (const [column, head] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const turn = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", turn > 0 ? "ascending" : "descending");
      const isNumber = head.classList.contains("number");
      const key = (row) => {
        const text = row.cells[column].textContent.trim();
        return isNumber ? parseFloat(text.replaceAll(",", "")) : text;
      };
      const order = (a, b) => {
        if (isNumber && (isNaN(a) || isNaN(b))) return isNaN(a) - isNaN(b); // what is no number stays behind
        return turn * (isNumber ? a - b : a.localeCompare(b, "en", { numeric: true }));
      };
      const rows = [...body.rows].map((row) => [key(row), row]);
      body.append(...rows.sort(([a], [b]) => order(a, b)).map(([, row]) => row));
    });
  }
}

// While one types into a search field, it offers names of datasets, tasks, metrics and papers; one that is taken opens its page.
function suggesting(input) {
  const list = input.list;
  let names = [];
  let timer;
  input.addEventListener("input", () => {
    const taken = names.find(({ kind, name }) => `${name} (${kind})` === input.value);
    if (taken) {
      location.href = taken.page;
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(input.value)}`);
      if (!answer.ok) return;
      names = (await answer.json()).names;
      list.replaceChildren(...names.map(({ kind, name }) => new Option("", `${name} (${kind})`)));
    }, 150);
  });
}

// Escape closes the cards of claims until the pointer or the focus moves on (WCAG 1.4.13).
function dismissible(body) {
  document.addEventListener("keydown", ({ key }) => key === "Escape" && body.classList.add("dismissed"));
  for (const move of ["pointerover", "focusin"]) document.addEventListener(move, () => body.classList.remove("dismissed"));
}

document.querySelectorAll("table.sortable").forEach(sortable);
document.querySelectorAll("input[data-suggest]").forEach(suggesting);
dismissible(document.body);

// On the page of one row that waits for an answer, a key presses the button that it stands on.
function answering(form) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    form.querySelector(`button[data-key="${CSS.escape(event.key)}"]`)?.click();
  });
}

document.querySelectorAll("form[data-keys]").forEach(answering);
