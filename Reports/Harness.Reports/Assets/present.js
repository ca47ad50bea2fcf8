// A drawing a screen, as large as it fits, its figure's caption as the title.
// The dashboard has no screens.
for (const bar of all(".slides")) {
  const [back, count, forth, close] = bar.children, slides = all("figure .pane.chart > :not(.low)").filter(part => part.querySelector("svg"));
  let at = 0;
  const show = index => {
    for (const part of all(".shown, .at")) {
      part.classList.remove("shown", "at");
      part.style.width = "";
    }
    const part = slides[index], figure = part?.closest("figure"), body = figure?.querySelector(".figure-body");
    if (!part) return;
    at = index;
    if (body) body.open = true;
    figure.classList.add("shown");
    part.classList.add("at");
    count.textContent = `${at + 1} / ${slides.length}`;
    for (let width = innerWidth - 64; width > 240; width *= .97) {
      part.style.width = `${width}px`;
      if (figure.scrollHeight <= innerHeight) break;
    }
  };
  const follow = () => {
    const isOn = classList.toggle("presenting", location.hash === "#present");
    show(isOn ? slides.findIndex(part => part.closest("figure").getBoundingClientRect().bottom > 0) : -1);
    if (isOn) forth.focus();
  };
  on(window, "hashchange", follow);
  on(window, "resize", () => { if (classList.contains("presenting")) show(at); });
  back.onclick = () => show(at - (at > 0));
  forth.onclick = () => show(at + (at < slides.length - 1));
  close.onclick = () => { location.hash = slides[at].closest("figure").id; };
  on(window, "keydown", e => {
    if (classList.contains("presenting") && !e.defaultPrevented) ({ ArrowLeft: back, PageUp: back, ArrowRight: forth, PageDown: forth, Escape: close })[e.key]?.click();
  });
  follow();
}
