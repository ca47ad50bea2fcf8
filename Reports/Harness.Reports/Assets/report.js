// The files beside this one follow it, all in one function of strict mode; this is what they share.
const root = document.documentElement, { dataset, classList } = root, all = (css, from) => [...(from ?? document).querySelectorAll(css)], find = (css, from) => all(css, from)[0];
const byId = id => document.getElementById(id), style = part => getComputedStyle(part), text = part => part.textContent;
const element = name => document.createElement(name), on = (part, types, act) => types.split(" ").forEach(type => part.addEventListener(type, act));
// A page opened from a file may be refused storage: the choice then lasts as long as the page.
const stored = value => { try { if (value) localStorage.theme = value; return localStorage.theme; } catch { /* kept in the page only */ } };
if (/^(dark|light)$/.test(stored())) dataset.theme = stored();

const actions = {
  theme() {
    const dark = dataset.theme ? dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    stored(dataset.theme = dark ? "light" : "dark");
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

// Of a page in several languages one is shown.
const choose = part => {
  const page = part?.closest(".page");
  if (!page) return;
  byId(`in-${page.id}`).checked = true;
  root.lang = page.lang;
  document.title = page.dataset.title;
};
for (const choice of all("[name=language]")) on(choice, "change", () => choose(byId(choice.value)));
choose(byId(navigator.language.slice(0, 2)));

// A link into the other language shows that one, and so does #lang=zh; not every browser opens what a link leads into.
const reveal = (hash = location.hash) => {
  const target = byId(decodeURIComponent(hash.replace(/^#(lang=)?/, "")));
  choose(target);
  for (let part = target; part = part?.closest("details"); part = part.parentNode) part.open = true;
  const drawing = find(":scope > .figure-body", target);
  if (drawing) drawing.open = true;
};
on(window, "hashchange", () => reveal());
on(window, "click", e => reveal(e.target.closest?.('a[href^="#"]')?.hash ?? ""));
reveal();

for (const label of all("[data-filter]")) {
  const rows = all("tbody tr", byId(label.dataset.filter));
  const input = find("input", label);
  label.hidden = false;
  on(input, "input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of rows) row.hidden = !words.every(word => text(row).toLowerCase().includes(word));
  });
}

// Absent values sort last in both directions.
const compare = (a, b, numeric, sign) => {
  if (!numeric) return sign * text(a).localeCompare(text(b), undefined, { numeric: true });
  const [x, y] = [a, b].map(cell => +cell.dataset.sort);
  return isNaN(x) || isNaN(y) ? isNaN(x) - isNaN(y) : sign * (x - y) || 0;
};
for (const table of all("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  heads.forEach((head, column) => {
    const button = element("button");
    button.type = "button";
    button.append(head.firstChild);
    head.prepend(button);
    on(button, "click", () => {
      const sign = head.ariaSort === "ascending" ? -1 : 1;
      for (const other of heads) other.ariaSort = null;
      head.ariaSort = sign > 0 ? "ascending" : "descending";
      body.append(...[...body.rows].sort((a, b) => compare(a.cells[column], b.cells[column], head.matches(".numeric"), sign)));
    });
  });
}
