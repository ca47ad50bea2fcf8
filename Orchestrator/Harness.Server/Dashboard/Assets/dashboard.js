"use strict";
(() => {
  const parts = [...document.querySelectorAll("[data-live]")];
  const status = document.querySelector(".stream");
  let latest = 0;

  // The server writes the page; here only what has changed of it is put in place, and what the reader has opened or is at stays.
  const place = (part, html) => {
    if (part.written === html) return;
    part.written = html;
    const open = [...part.querySelectorAll("details[open][id]")].map(details => details.id);
    const focused = part.contains(document.activeElement) ? document.activeElement.id || document.activeElement.getAttribute("href") : null;
    const typed = [...part.querySelectorAll("input[id]")].filter(input => input.value !== input.defaultValue).map(input => [input.id, input.value]);
    const scrolled = [...part.querySelectorAll(".scroll")].map(box => box.scrollLeft);
    part.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    for (const [id, value] of typed) { const input = document.getElementById(id); if (input) input.value = value; }
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    [...part.querySelectorAll(".scroll")].forEach((box, i) => { box.scrollLeft = scrolled[i] ?? 0; });
    if (focused) (document.getElementById(focused) ?? [...part.querySelectorAll("a[href]")].find(link => link.getAttribute("href") === focused))?.focus({ preventScroll: true });
  };

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
      while ((part.version ?? 0) < latest && document.visibilityState === "visible") {
        const answer = await fetch(part.dataset.live, { headers: { "Accept": "text/html" } });
        if (!answer.ok) break;
        const version = Number(answer.headers.get("X-Live-Version"));
        const html = await answer.text();
        await released();
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
      if (time.textContent !== text) time.textContent = text;
    }
  }, 5000);

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
