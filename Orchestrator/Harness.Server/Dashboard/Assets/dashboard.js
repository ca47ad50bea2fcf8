"use strict";
(() => {
  const parts = [...document.querySelectorAll("[data-live]")];
  const status = document.querySelector(".stream");
  let latest = 0;

  // Selected text stays as it is until it is selected no more: whoever copies an error message or a hash has to get it.
  const isSelecting = () => { const selected = getSelection(); return selected !== null && !selected.isCollapsed && selected.rangeCount > 0; };
  const isHeld = node => isSelecting() && getSelection().containsNode(node, true);

  // The server writes the page; here only what differs is changed, so that focus, typing, opened panels, scrolling and selection stay where they are.
  let owes = false;
  const keyOf = node => node.nodeType === Node.ELEMENT_NODE ? node.dataset.key || node.id || null : null;
  const patch = (now, next) => {
    if (now.nodeType !== Node.ELEMENT_NODE) {
      if (now.data === next.data) return;
      if (isHeld(now)) owes = true;
      else now.data = next.data;
      return;
    }
    for (const { name } of [...now.attributes]) if (!next.hasAttribute(name) && !(name === "open" && now.id)) now.removeAttribute(name);
    for (const { name, value } of next.attributes) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
    patchChildren(now, next);
  };
  const patchChildren = (now, next) => {
    const keyed = new Map([...now.childNodes].filter(keyOf).map(node => [keyOf(node), node]));
    let at = now.firstChild;
    for (const wanted of [...next.childNodes]) {
      const known = keyOf(wanted) ? keyed.get(keyOf(wanted)) : at && !keyOf(at) ? at : null;
      if (!known || known.nodeName !== wanted.nodeName) {
        now.insertBefore(wanted, at);
        continue;
      }
      if (known === at) at = at.nextSibling;
      else now.insertBefore(known, at);
      if (!known.isEqualNode(wanted)) patch(known, wanted);
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      if (isHeld(gone)) owes = true;
      else gone.remove();
    }
  };
  const place = (part, html) => {
    if (part.written === html) return;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    owes = false;
    patchChildren(part, new DOMParser().parseFromString(html, "text/html").body);
    part.owes = owes;
    part.written = owes ? null : html;
    if (!focused || focused.isConnected) return;
    const again = focused.id ? document.getElementById(focused.id) : [...part.querySelectorAll("a[href]")].find(link => link.getAttribute("href") === focused.getAttribute("href"));
    again?.focus({ preventScroll: true });
  };
  document.addEventListener("selectionchange", () => {
    if (isSelecting()) return;
    for (const part of parts.filter(part => part.owes)) {
      part.version = 0;
      refresh(part);
    }
  });

  // A press has to end on what it began on: nothing is put in place meanwhile.
  let pressed = 0;
  addEventListener("pointerdown", () => { pressed = Date.now(); }, true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { setTimeout(() => { pressed = 0; }, 50); }, true);
  const released = async () => { while (Date.now() - pressed < 10000) await new Promise(done => setTimeout(done, 30)); };

  const refresh = async part => {
    if (part.busy) return;
    part.busy = true;
    let patience = 100;
    try {
      while ((part.isAsked || (part.version ?? 0) < latest) && document.visibilityState === "visible") {
        part.isAsked = false;
        const address = part.dataset.live;
        const answer = await fetch(address, { headers: { "Accept": "text/html" } });
        if (!answer.ok) break;
        const version = Number(answer.headers.get("X-Live-Version"));
        const html = await answer.text();
        await released();
        // Another search was typed meanwhile.
        if (address !== part.dataset.live) continue;
        place(part, html);
        part.version = version;
        document.documentElement.dataset.version = version;
        // An answer that others were given a moment ago: the newest comes in a moment.
        if (version < latest) await new Promise(done => setTimeout(done, patience));
        patience = Math.min(2 * patience, 2000);
      }
    } catch { /* the stream says that the server is gone */ } finally {
      part.busy = false;
    }
  };

  let stream = null;
  const watch = () => {
    if (stream || parts.length === 0) return;
    stream = new EventSource("/live");
    stream.addEventListener("change", message => {
      latest = JSON.parse(message.data).version;
      for (const part of parts) refresh(part);
    });
    stream.addEventListener("open", () => {
      // A server that was started again counts from the beginning.
      for (const part of parts) part.version = 0;
      status.hidden = true;
    });
    stream.addEventListener("error", () => { status.hidden = false; });
  };
  // Nobody looks: nothing is asked for.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") watch();
    else { stream?.close(); stream = null; }
  });
  watch();

  // Relative times go on while nothing else happens.
  const ago = seconds => seconds < 5 ? "just now" : seconds < 60 ? `${Math.floor(seconds / 5) * 5} s ago` : seconds < 3600 ? `${Math.floor(seconds / 60)} min ago`
    : seconds < 172800 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86400)} days ago`;
  setInterval(() => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const text = ago(Math.max(0, (Date.now() - Date.parse(time.dateTime)) / 1000));
      if (time.textContent !== text && !isHeld(time)) time.textContent = text;
    }
  }, 5000);

  // A list follows its search and its choices, and the address says what it shows.
  const filters = document.querySelector("form.list-filters");
  if (filters) {
    let waiting = 0;
    const show = () => {
      clearTimeout(waiting);
      const wanted = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value !== ""));
      const address = wanted.size > 0 ? `${location.pathname}?${wanted}` : location.pathname;
      history.replaceState(null, "", address);
      for (const part of parts) {
        const name = new URL(part.dataset.live, location.href).searchParams.get("part");
        part.dataset.live = `${address}${wanted.size > 0 ? "&" : "?"}part=${name}`;
        part.isAsked = true;
        refresh(part);
      }
    };
    filters.addEventListener("input", event => {
      clearTimeout(waiting);
      waiting = setTimeout(show, event.target.type === "search" ? 250 : 0);
    });
    filters.addEventListener("submit", event => {
      event.preventDefault();
      show();
    });
  }

  // The submit page says what is wrong while one writes.
  const form = document.getElementById("submit-form");
  if (form) {
    const [text, file, result] = ["text", "file", "result"].map(id => document.getElementById(id));
    let waiting = 0, asked = 0;
    const check = async () => {
      const turn = ++asked;
      const body = new FormData(form);
      body.set("action", "check");
      body.delete("file");
      const answer = await fetch("/submit", { method: "POST", body, headers: { "X-Part": "result", "Accept": "text/html" } });
      const html = await answer.text();
      if (turn === asked && answer.ok) result.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    };
    const soon = () => { clearTimeout(waiting); waiting = setTimeout(check, 400); };
    text.addEventListener("input", soon);
    file.addEventListener("change", async () => {
      if (file.files.length === 0) return;
      text.value = await file.files[0].text();
      file.value = "";
      soon();
    });
  }
})();
