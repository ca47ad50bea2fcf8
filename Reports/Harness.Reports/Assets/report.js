"use strict";
(() => {
  const root = document.documentElement;
  // A page opened from a file may be refused storage: the choice then lasts as long as the page.
  const stored = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
                   set: value => { try { localStorage.setItem("theme", value); } catch { /* kept in the page only */ } } };
  if (stored.get() === "dark" || stored.get() === "light") root.dataset.theme = stored.get();

  const actions = {
    theme() {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      stored.set(root.dataset.theme);
    },
    print() { print(); },
  };
  for (const button of document.querySelectorAll("button[data-action]")) {
    button.hidden = false;
    button.addEventListener("click", actions[button.dataset.action]);
  }

  addEventListener("beforeprint", () => { for (const details of document.querySelectorAll("details:not(.take)")) details.open = true; });

  // Not every browser opens what a link leads into.
  const reveal = hash => {
    const target = hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
    for (let part = target; part; part = part.parentElement) if (part.localName === "details") part.open = true;
    const drawing = target?.querySelector(":scope > .figure-body");
    if (drawing) drawing.open = true;
  };
  addEventListener("hashchange", () => reveal(location.hash));
  addEventListener("click", event => { const link = event.target.closest?.('a[href^="#"]'); if (link) reveal(link.hash); });
  reveal(location.hash);

  for (const label of document.querySelectorAll("[data-filter]")) {
    const rows = [...document.getElementById(label.dataset.filter).tBodies[0].rows];
    const input = label.querySelector("input");
    label.hidden = false;
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(word => word);
      for (const row of rows) row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word));
    });
  }

  // Absent values sort last in both directions.
  const compare = (a, b, numeric, sign) => {
    if (!numeric) return sign * a.textContent.localeCompare(b.textContent, undefined, { numeric: true });
    const [x, y] = [a, b].map(cell => cell.dataset.sort === undefined ? NaN : Number(cell.dataset.sort));
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
    return x === y ? 0 : sign * (x < y ? -1 : 1);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    if (table.tBodies[0].rows.length < 2) continue;
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(head.firstChild);
      head.prepend(button);
      button.addEventListener("click", () => {
        const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => compare(a.cells[column], b.cells[column], head.classList.contains("numeric"), sign));
        table.tBodies[0].append(...rows);
      });
    });
  }
})();
