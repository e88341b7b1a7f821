// Shortcuts: j and k go from row to row; the rest press what carries data-key on the page.
import { go } from "./panes.js";

const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

const step = (by) => {
  const rows = [...document.querySelectorAll(".row")];
  if (rows.length === 0) return;
  const at = rows.findIndex((row) => row.classList.contains("open"));
  const focused = rows.findIndex((row) => row.contains(document.activeElement));
  const from = focused >= 0 ? focused : at;
  const row = rows[Math.min(rows.length - 1, Math.max(0, from + by))];
  const link = row.querySelector("a");
  link.focus();
  row.scrollIntoView({ block: "nearest" });
  if (document.querySelector(".reading")?.offsetParent) go(link.href);
};

const tick = () => {
  const row = document.activeElement.closest(".row") ?? document.querySelector(".row.open");
  const box = row?.querySelector("input[name=uid]");
  if (box) box.checked = !box.checked;
};

const pressed = (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.closest("form.compose")) {
    event.preventDefault();
    event.target.closest("form").querySelector("[data-key=send]").click();
    return;
  }
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const named = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key && each.offsetParent !== null);
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "x") tick();
  else if (event.key === "/") document.querySelector(".search input[type=search]")?.focus();
  else if (event.key === "?") location.assign("/aide");
  else if (named) named.click();
  else return;
  event.preventDefault();
};

export const startKeys = () => document.addEventListener("keydown", pressed);
