// A drawing a screen, as large as it fits, its figure's caption as the title.
// The dashboard has no screens.
for (const bar of all(".slides")) {
  const [back, count, forth, close] = bar.children, page = bar.parentNode, slides = all("figure .pane.chart > :not(.low)", page).filter(part => find("svg", part));
  // Each language has its own.
  const isShown = () => page.checkVisibility(), isOn = () => isShown() && location.hash === "#present";
  let at = 0;
  const show = index => {
    for (const part of all(".shown, .at")) {
      part.classList.remove("shown", "at");
      part.style.width = "";
    }
    const part = slides[index], figure = part?.closest("figure"), body = find(".figure-body", figure);
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
    if (!isShown()) return;
    const starts = classList.toggle("presenting", isOn());
    show(starts ? slides.findIndex(part => part.closest("figure").getBoundingClientRect().bottom > 0) : -1);
    if (starts) forth.focus();
  };
  on(window, "hashchange", follow);
  on(window, "resize", () => { if (isOn()) show(at); });
  back.onclick = () => show(at - (at > 0));
  forth.onclick = () => show(at + (at < slides.length - 1));
  close.onclick = () => { location.hash = slides[at].closest("figure").id; };
  on(window, "keydown", e => {
    if (isOn() && !e.defaultPrevented) ({ ArrowLeft: back, PageUp: back, ArrowRight: forth, PageDown: forth, Escape: close })[e.key]?.click();
  });
  follow();
}
