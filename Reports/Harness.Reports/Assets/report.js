// The files beside this one follow it, all in one function of strict mode; this is what they share.
const root = document.documentElement, { dataset, classList } = root, all = (selector, from = document) => [...from.querySelectorAll(selector)], style = part => getComputedStyle(part);
const element = name => document.createElement(name), on = (part, types, act) => types.split(" ").forEach(type => part.addEventListener(type, act));
// A page opened from a file may be refused storage: the choice then lasts as long as the page.
const stored = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
                 set: value => { try { localStorage.setItem("theme", value); } catch { /* kept in the page only */ } } };
if (/^(dark|light)$/.test(stored.get())) dataset.theme = stored.get();

const actions = {
  theme() {
    const dark = dataset.theme ? dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    dataset.theme = dark ? "light" : "dark";
    stored.set(dataset.theme);
  },
  print() { print(); },
  present() { location.hash = "present"; },
};
for (const button of all("button[data-action]")) {
  button.hidden = false;
  on(button, "click", actions[button.dataset.action]);
}

// Escape closes a definition without moving the pointer; the next part that the pointer enters may open one again.
on(window, "keydown pointerover", e => classList.toggle("quiet", e.key === "Escape"));

on(window, "beforeprint", () => { for (const details of all("details:not(.take)")) details.open = true; });

// Not every browser opens what a link leads into.
const reveal = hash => {
  const target = hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
  for (let part = target; part; part = part.parentElement) if (part.localName === "details") part.open = true;
  const drawing = target?.querySelector(":scope > .figure-body");
  if (drawing) drawing.open = true;
};
on(window, "hashchange", () => reveal(location.hash));
on(window, "click", e => { const link = e.target.closest?.('a[href^="#"]'); if (link) reveal(link.hash); });
reveal(location.hash);

for (const label of all("[data-filter]")) {
  const rows = [...document.getElementById(label.dataset.filter).tBodies[0].rows];
  const input = label.querySelector("input");
  label.hidden = false;
  on(input, "input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of rows) row.hidden = !words.every(word => row.textContent.toLowerCase().includes(word));
  });
}

// Absent values sort last in both directions.
const compare = (a, b, numeric, sign) => {
  if (!numeric) return sign * a.textContent.localeCompare(b.textContent, undefined, { numeric: true });
  const [x, y] = [a, b].map(cell => parseFloat(cell.dataset.sort));
  return isNaN(x) || isNaN(y) ? isNaN(x) - isNaN(y) : sign * (x - y) || 0;
};
for (const table of all("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  if (table.tBodies[0].rows.length < 2) continue;
  heads.forEach((head, column) => {
    const button = element("button");
    button.type = "button";
    button.append(head.firstChild);
    head.prepend(button);
    on(button, "click", () => {
      const sign = head.ariaSort === "ascending" ? -1 : 1;
      for (const other of heads) other.ariaSort = null;
      head.ariaSort = sign > 0 ? "ascending" : "descending";
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => compare(a.cells[column], b.cells[column], head.classList.contains("numeric"), sign));
      table.tBodies[0].append(...rows);
    });
  });
}
