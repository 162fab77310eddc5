// The week grid by keyboard, and the boxes of a list all at once. Without it, both
// are plain forms that work.
"use strict";
for (const all of document.querySelectorAll("[data-check-all]")) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const one of all.form.querySelectorAll("[name=week]")) one.checked = all.checked;
  });
}
for (const form of document.querySelectorAll(".timegrid")) {
  const table = form.querySelector("table");
  const bar = form.querySelector(".notebar");
  if (!table || !bar) continue;
  const french = form.dataset.language.startsWith("fr");
  const cells = [...table.querySelectorAll("td input:not(.note)")];
  const noteOf = (cell) => cell.parentElement.querySelector(".note");
  let changed = false;

  // The server's reading (rules/hours.py) is the one that counts: this one only
  // shows the sums at once. null: it cannot be read.
  const read = (text) => {
    const typed = text.trim().toLowerCase().replace(/\s+/g, " ");
    if (/^[-–—]?$/.test(typed)) return 0;
    const hour = "(?:h|hrs?|heures?|hours?)\\.?", minute = "(?:m|mn|mins?|minutes?)\\.?";
    const number = "(\\d+(?:[.,]\\d*)?|[.,]\\d+)";
    const decimal = (one) => parseFloat(one.replace(",", "."));
    let found;
    if ((found = typed.match(`^${number} ?(?:${hour})?$`))) return Math.round(decimal(found[1]) * 60);
    if ((found = typed.match(`^${number} ?${minute}$`))) return Math.round(decimal(found[1]));
    if ((found = typed.match(/^(\d*) ?: ?(\d\d)$/) || typed.match(`^(\\d+) ?${hour} ?(?:et |and )?(\\d{1,2}) ?(?:${minute})?$`)))
      return found[2] > 59 ? null : Number(found[1]) * 60 + Number(found[2]);
    return null;
  };
  const write = (minutes) => {
    const rest = String(minutes % 60).padStart(2, "0"), hours = Math.floor(minutes / 60);
    return french ? `${hours}\u00a0h\u00a0${rest}` : `${hours}:${rest}`;
  };

  const add = () => {
    const sums = { week: 0 };
    for (const td of table.querySelectorAll("tbody td[data-day]")) {
      const cell = td.querySelector("input:not(.note)");
      const minutes = cell ? read(cell.value) || 0 : Number(td.dataset.minutes || 0);
      for (const name of ["week", `d${td.dataset.day}`, td.parentElement.dataset.row])
        sums[name] = (sums[name] || 0) + minutes;
    }
    for (const out of form.querySelectorAll("[data-total]")) {
      const text = write(sums[out.dataset.total] || 0);
      if (out.firstChild.nodeType === Node.TEXT_NODE) out.firstChild.data = text;
    }
    const missing = form.querySelector("[data-missing]");
    if (missing) missing.hidden = sums.week !== startingTotal;
  };
  const startingTotal = cells.reduce((sum, cell) => sum + (read(cell.value) || 0), 0)
    + [...table.querySelectorAll("td[data-minutes]")].reduce((sum, td) => sum + Number(td.dataset.minutes), 0);

  const shown = (cell) => cell.offsetParent !== null;
  const step = (cell, rows, columns) => {
    const td = cell.parentElement, tr = td.parentElement;
    let at = td;
    const line = [...table.tBodies[0].rows];
    if (rows) {
      for (let i = line.indexOf(tr) + rows; line[i]; i += rows) {
        const next = line[i].cells[td.cellIndex].querySelector("input:not(.note)");
        if (next && shown(next)) return next.focus();
      }
      return undefined;
    }
    while ((at = columns > 0 ? at.nextElementSibling : at.previousElementSibling)) {
      const next = at.querySelector("input:not(.note)");
      if (next && shown(next)) return next.focus();
    }
    return undefined;
  };
  const below = (cell, rows) => {
    const before = document.activeElement;
    step(cell, rows, 0);
    if (document.activeElement !== before) return;
    // At the foot of a day, the head of the next one.
    const day = Number(cell.parentElement.dataset.day) + rows;
    const column = cells.filter((one) => Number(one.parentElement.dataset.day) === day && shown(one));
    if (column.length) column[rows > 0 ? 0 : column.length - 1].focus();
  };

  // One note line for the cell in hand, instead of one under each cell.
  const note = bar.querySelector("input"), where = bar.querySelector("[data-where]");
  let inHand = null;
  form.dataset.live = "";
  bar.hidden = false;
  const take = (cell) => {
    inHand = cell;
    const td = cell.parentElement;
    note.disabled = false;
    note.value = noteOf(cell).value;
    const row = td.parentElement.cells[0].firstChild.data.trim();
    const day = table.tHead.rows[0].cells[td.cellIndex].firstChild.data.trim();
    where.textContent = `· ${row}, ${day}`;
    cell.dataset.before = cell.value;
    cell.select();
  };
  note.addEventListener("input", () => {
    changed = true;
    noteOf(inHand).value = note.value;
    noteOf(inHand).setAttribute("value", note.value);
  });
  note.addEventListener("keydown", (event) => {
    if (!inHand) return;
    if (event.key === "Escape" || (event.key === "Enter" && !event.ctrlKey)) {
      event.preventDefault();
      inHand.focus();
    }
  });

  table.addEventListener("focusin", ({ target }) => cells.includes(target) && take(target));
  table.addEventListener("input", () => { changed = true; add(); });
  table.addEventListener("change", ({ target }) => {
    if (!cells.includes(target)) return;
    const minutes = read(target.value);
    if (minutes !== null && minutes <= 1440) target.value = minutes ? write(minutes) : "";
  });
  table.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cells.includes(cell) || event.metaKey) return;
    const start = cell.selectionStart === 0, end = cell.selectionEnd === cell.value.length;
    const go = (...arguments_) => { event.preventDefault(); step(cell, ...arguments_); };
    if (event.altKey && event.key.toLowerCase() === "n") { event.preventDefault(); note.focus(); }
    else if (event.altKey || event.ctrlKey) return;
    else if (event.key === "ArrowUp") go(-1, 0);
    else if (event.key === "ArrowDown") go(1, 0);
    else if (event.key === "ArrowLeft" && start) go(0, -1);
    else if (event.key === "ArrowRight" && end) go(0, 1);
    else if (event.key === "Enter") { event.preventDefault(); below(cell, event.shiftKey ? -1 : 1); }
    else if (event.key === "Escape") { cell.value = cell.dataset.before; cell.select(); add(); }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.button[value=save]"));
    }
  });
  const line = form.querySelector("#line");
  line?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=add]"));
    }
  });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}
