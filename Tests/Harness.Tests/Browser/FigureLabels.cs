using Microsoft.Playwright;

namespace Harness.Tests.Browser;

/// <summary>Whether every word of every drawing of a report can be read.</summary>
internal static class FigureLabels
{
    /// <summary>Opens everything and measures every text of every drawing: words that meet, are cut, leave their drawing, or are smaller than 11 pixels.</summary>
    public static Task<string[]> Faults(IPage page) => page.EvaluateAsync<string[]>(
        """
        () => {
          for (const closed of document.querySelectorAll("details")) closed.open = true;
          const faults = [];
          let measured = 0;
          const measure = () => {
            for (const svg of document.querySelectorAll("figure svg[viewBox]")) {
              const frame = svg.getBoundingClientRect();
              if (frame.width === 0) continue;
              const texts = [...svg.querySelectorAll("text")], boxes = texts.map(text => text.getBoundingClientRect());
              const say = (what, i) => faults.push(`${svg.getAttribute("aria-labelledby").split("-title")[0]}: ${what} '${texts[i].textContent}'`);
              measured += texts.length;
              boxes.forEach((a, i) => {
                if (parseFloat(getComputedStyle(texts[i]).fontSize) * frame.width / svg.viewBox.baseVal.width < 11) say("small", i);
                if (texts[i].textContent.endsWith("…")) say("cut", i);
                if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.top < frame.top - 1 || a.bottom > frame.bottom + 1) say("outside", i);
                boxes.slice(i + 1).forEach((b, j) => {
                  // Boxes of text have air above and below the letters.
                  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                  if (across > 1 && down > 2.5) say(`over '${texts[i + 1 + j].textContent}'`, i);
                });
              });
            }
          };
          measure();
          const switches = [...document.querySelectorAll("input[value=linear]")];
          for (const other of switches) other.checked = true;
          if (switches.length > 0) measure();
          if (measured === 0 && document.querySelector("figure svg[viewBox]")) faults.push("no drawing is seen");
          return [...new Set(faults)];
        }
        """);
}
