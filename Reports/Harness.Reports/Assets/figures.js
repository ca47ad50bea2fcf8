// Figures: series on and off, values under the pointer and by keyboard, and files to take away.
{
  const set = (part, given) => { for (const key in given) part.setAttribute(key, given[key]); return part; };
  // The page names no address: a drawing that is there knows the namespace.
  const make = (name, given, words = "") => { const part = set(document.createElementNS(find("svg").namespaceURI, name), given); part.textContent = words; return part; };
  const powers = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  // As the page writes numbers: three digits, powers of ten for what is very small or very large.
  const short = value => {
    const [digits, power] = value.toExponential(2).split("e");
    return power < -3 || power > 5 ? `${+digits}×10${[...`${+power}`].map(c => powers[c] ?? "⁻").join("")}` : value.toLocaleString("en", { maximumSignificantDigits: value % 1 ? 3 : 21 });
  };
  const csv = rows => rows.map(row => row.map(cell => /[",\n]/.test(cell ??= "") ? `"${cell.replaceAll('"', '""')}"` : cell).join() + "\r\n").join("");
  const words = cell => [...cell.childNodes].map(node => node.localName === "small" ? ` (${text(node).trim()})` : text(node)).join("").replace(/\s+/g, " ").trim();
  const signs = { "×": "times", "★": "star", "∞": "infty", "·": "cdot", "≈": "approx", "≥": "geq", "≤": "leq" };
  const latex = cell => words(cell).replace(/[\\^~&%$#_{}]/g, c => /[\\^~]/.test(c) ? `\\char${c.charCodeAt()}{}` : "\\" + c).replaceAll("\u202f", "\\,")
    .replace(/[×−★∞·≈≥≤]/g, c => `$${signs[c] ? "\\" + signs[c] : "-"}$`).replace(/[⁻¹²³⁰-⁹]+/g, run => `$^{${[...run].map(c => c === "⁻" ? "-" : powers.indexOf(c)).join("")}}$`);

  for (const figure of all("figure.figure")) {
    const parts = css => all(css, figure), off = new Set(), seeds = find("[value=seeds]", figure);
    const of = key => parts("[data-series]").filter(part => part.dataset.series === key), isDrawn = key => of(key).some(part => part.closest("svg"));
    // Of two drawings with different axes, the one that the reader chose.
    const isChosen = svg => style(svg.parentNode).display !== "none";
    const titleOf = svg => text(find(".panel-title", svg.closest(".panel")) ?? {}) ?? "";

    // Pointing at a series fades the others; its name in the legend hides and shows it.
    const mark = key => { for (const part of parts("[data-series]")) part.classList.toggle("active", part.dataset.series === key); };
    for (const item of parts(".annotations [data-series], text[data-series]")) {
      const key = item.dataset.series, label = find(".key", item);
      on(item, "pointerenter pointerleave", e => mark(/enter/.test(e.type) && key));
      if (!label || !isDrawn(key)) continue;
      on(set(label, { role: "button", tabindex: 0, "aria-pressed": true }), "click keydown", e => {
        if (e.key && !/^(Enter| )$/.test(e.key)) return;
        e.preventDefault();
        if (!off.delete(key)) off.add(key);
        for (const part of of(key)) part.classList.toggle("off", off.has(key));
        label.ariaPressed = !off.has(key);
      });
    }

    // Values: of the point nearest to the pointer; arrow keys go along a line and from line to line.
    const numbers = parts("script.numbers").map(script => [find("svg", script.parentNode), JSON.parse(text(script))]);
    // A drawing with another axis has the lines of the one before it.
    numbers.forEach(([, own], i) => { own.lines ??= numbers[i - 1][1].lines; });
    for (const [svg, { x: across, y: up, seed, lines }] of numbers) {
      const place = (axis, value) => axis.from + ((axis.log ? Math.log10(value) : value) - axis.min) / (axis.max - axis.min) * (axis.to - axis.from);
      const curves = lines.filter(line => line.x.length > 1 && !up.names)
        .map(line => ({ ...line, at: line.x.map((x, i) => [place(across, x), Math.min(Math.max(place(up, line.y[i]), up.to), up.from)]) }));
      if (!curves[0]) continue;
      const ring = make("circle", { r: 5, class: "ring off" }), tip = set(element("p"), { class: "tip", role: "status" });
      svg.append(ring);
      svg.after(tip);
      svg.tabIndex = 0;
      let shown;
      const hide = () => { shown = null; tip.textContent = ""; ring.classList.add("off"); };
      const show = (line, at) => {
        const [cx, cy] = line.at[at], scale = svg.getScreenCTM().a, low = line.low?.[at];
        shown = [line, at];
        set(ring, { cx, cy, class: "ring" });
        tip.textContent = [line.name, line.seed >= 0 && `${seed} ${line.seed}`, `${across.title} ${short(line.x[at])}`, `${up.title} ${short(line.y[at])}`, low != null && `${short(low)} – ${short(line.high[at])}`].filter(part => part).join(" · ");
        tip.style.cssText = `top:${svg.offsetTop + cy * scale + 12}px;left:${Math.max(0, Math.min(cx * scale + 12, svg.clientWidth - tip.offsetWidth))}px`;
      };
      const seen = () => curves.filter(line => !off.has(line.key) && !(line.seed >= 0 && seeds?.checked == 0));
      const nearest = (items, distance) => items.reduce((best, item) => { const far = distance(item); return far < best[0] ? [far, item] : best; }, [Infinity, null]);
      on(svg, "pointermove", e => {
        const { x, y } = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
        // A median wins over a seed that is hardly nearer.
        const [far, point] = nearest(seen().flatMap(line => line.at.map((at, i) => [line, i, at])), ([line, , at]) => Math.hypot(at[0] - x, at[1] - y) + (line.seed >= 0 ? 3 : 0));
        far < 40 ? show(...point) : hide();
      });
      on(svg, "pointerleave blur", hide);
      on(svg, "keydown", e => {
        const open = seen(), [step, turn] = { ArrowLeft: [-1], ArrowRight: [1], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key] ?? [];
        if (e.key === "Escape") hide();
        if (!open[0] || step === undefined) return;
        e.preventDefault();
        const [line, at] = open.includes(shown?.[0]) ? shown : [open[0], open[0].x.length - 1];
        if (step) return show(line, Math.min(Math.max(at + step, 0), line.x.length - 1));
        const next = open[(open.indexOf(line) + turn + open.length) % open.length];
        show(next, nearest(next.x.keys().toArray(), i => Math.abs(next.x[i] - line.x[at]))[1]);
      });
    }

    const menu = find(".take", figure);
    if (!menu) continue;
    const title = text(find("h3", figure).firstChild).trim(), caption = text(find("figcaption", figure)).trim();
    const save = (content, type) => {
      const link = element("a");
      link.href = URL.createObjectURL(new Blob([content], { type }));
      link.download = `${menu.dataset.name}.${type.match(/\w+/g)[1]}`;
      link.click();
    };

    // The figure as it is seen now: its colours, its legend, without hidden series.
    const picture = () => {
      const page = style(document.body), svgs = parts(".drawing svg").filter(isChosen), sheet = make("svg", { "font-family": page.fontFamily, "font-size": 12 });
      const columns = Math.min(2, svgs.length), each = Math.max(...svgs.map(svg => svg.viewBox.baseVal.width)) + 24, width = columns * each;
      const write = (x, y, words, weight = 400, fill = page.color) => sheet.append(make("text", { x, y, "font-weight": weight, fill }, words));
      write(12, 20, title, 600);
      let x = 12, y = 40;
      for (const item of new Map(parts(".annotations [data-series]:not(.off)").filter(item => isDrawn(item.dataset.series)).map(item => [item.dataset.series, item])).values()) {
        const label = text(find(".key", item)), glyph = item.firstElementChild, room = label.length * 7 + 40;
        if (x > 12 && x + room > width) { x = 12; y += 18; }
        write(x, y, text(glyph).trim(), 600, style(glyph).color);
        write(x + 16, y, label);
        x += room;
      }
      for (let bottom = y; svgs[0]; y = bottom) {
        svgs.splice(0, columns).forEach((svg, i) => {
          const copy = svg.cloneNode(true), from = all("*", svg), { width, height } = svg.viewBox.baseVal;
          all("*", copy).forEach((part, k) => {
            for (const paint of ["fill", "stroke"]) if (/^var/.test(part.getAttribute(paint))) set(part, { [paint]: style(from[k])[paint] });
          });
          for (const hidden of all(".off,.ring" + (seeds?.checked == 0 ? ",[stroke-opacity]" : ""), copy)) hidden.remove();
          write(12 + i * each, y + 26, titleOf(svg), 600);
          sheet.append(set(copy, { x: 12 + i * each, y: y + 34, width, height, overflow: "visible" }));
          bottom = Math.max(bottom, y + 40 + height);
        });
      }
      sheet.prepend(make("title", {}, title), make("desc", {}, caption), make("rect", { width: "100%", height: "100%", fill: page.backgroundColor }));
      return [new XMLSerializer().serializeToString(set(sheet, { width, height: y, viewBox: `0 0 ${width} ${y}` })), width, y];
    };
    const rows = () => parts("table tr").map(row => [...row.cells]);
    const actions = {
      svg: () => save(picture()[0], "image/svg+xml"),
      png: () => {
        const [drawn, width, height] = picture(), image = new Image(), canvas = set(element("canvas"), { width: width * 3, height: height * 3 });
        image.onload = () => {
          canvas.getContext("2d").drawImage(image, 0, 0, width * 3, height * 3);
          canvas.toBlob(blob => save(blob, "image/png"));
        };
        image.src = `data:image/svg+xml,${encodeURIComponent(drawn)}`;
      },
      csv: () => {
        const drawn = numbers.filter(([svg]) => isChosen(svg)).flatMap(([svg, { lines }]) => lines.flatMap(line => line.x.map((x, i) => [titleOf(svg), line.kind, line.name, line.seed, x, line.y[i], line.low?.[i], line.high?.[i]])));
        save(csv(drawn[0] ? ["panel kind series seed x y low high".split(" "), ...drawn] : rows().map(row => row.map(words))), "text/csv");
      },
      tex: () => {
        const [head, ...body] = rows(), line = cells => cells.map(latex).join(" & ") + " \\\\\n";
        save(`% \\usepackage{booktabs}\n\\begin{tabular}{${head.map(cell => "lr"[+cell.matches(".numeric")]).join("")}}\n\\toprule\n${line(head)}\\midrule\n${body.map(line).join("")}\\bottomrule\n\\end{tabular}\n`, "text/tex");
      },
      // A page opened from a file may be refused the clipboard.
      caption: async words => { try { await navigator.clipboard.writeText(words); } catch { save(words, "text/txt"); } },
    };
    menu.hidden = false;
    on(menu, "click", async e => {
      const action = e.target.dataset.take, said = menu.lastElementChild;
      said.textContent = "";
      if (!action) return;
      await actions[action](title + ". " + caption);
      said.textContent = said.dataset.done;
    });
    on(menu, "keydown", e => { if (e.key === "Escape") { menu.open = false; menu.firstElementChild.focus(); } });
  }
}
