"use strict";
// Before anything is drawn: the reader's choice, where there is one.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch { /* storage is refused: the system's choice holds */ }
