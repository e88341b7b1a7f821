// Progressive results: the search page goes on by itself, a short answer at a time, and its button stops it.
import { announce, parsePage } from "./panes.js";

const french = () => document.documentElement.lang === "fr";
let running = null;

const count = () => document.querySelectorAll(".list[data-search] .row").length;
const say = () => {
  const found = count();
  announce(french() ? `${found} message${found > 1 ? "s" : ""} trouvé${found > 1 ? "s" : ""}` : `${found} message${found === 1 ? "" : "s"} found`);
};

// What one answer found is put behind what is there; its own form tells from where to go on.
const take = (page, form) => {
  const rows = document.querySelector(".list[data-search] .rows ul");
  const fresh = page.querySelector(".list[data-search] .rows");
  if (!rows || !fresh) return null;
  for (const row of fresh.querySelectorAll("ul > .row")) rows.append(document.adoptNode(row));
  const next = fresh.querySelector("form.more");
  const empty = document.querySelector(".list[data-search] .rows .empty");
  if (empty && count() > 0) empty.remove();
  else if (empty && !next) empty.replaceWith(document.adoptNode(fresh.querySelector(".empty") ?? empty));
  if (next) form.replaceWith(document.adoptNode(next));
  else form.remove();
  return next;
};

// While it runs its button stops it; then the button is again the one that goes on.
const showStop = (form) => {
  const button = form.querySelector("button");
  button.textContent = button.dataset.stop;
  button.onclick = (event) => { event.preventDefault(); running?.abort(); resume(); };
};

const resume = () => {
  running = null;
  const button = document.querySelector(".list[data-search] form.more button");
  if (!button) return;
  button.onclick = null;
  button.textContent = button.dataset.more;
  say();
};

const run = async (form) => {
  const mine = running = new AbortController();
  while (form && running === mine) {
    showStop(form);
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Caducee-Fragment": "1" }, signal: mine.signal });
    if (answer.status === 401) { location.assign("/"); return; }
    if (!answer.ok || running !== mine || !form.isConnected) return;
    const next = take(parsePage(await answer.text()), form);
    form = next?.matches("[data-continue]") ? next : null;
  }
  if (running === mine) { running = null; say(); }
};

// A search page that has not ended goes on; any other page ends the search that ran.
export const continueSearch = () => {
  running?.abort();
  running = null;
  const form = document.querySelector(".list[data-search] form.more[data-continue]");
  if (form) run(form).catch((error) => { if (error.name !== "AbortError") resume(); });
};

// The reader asks for more after a full page, or after a stop.
export const searchFurther = (form) => {
  if (!form.matches(".list[data-search] form.more")) return false;
  run(form).catch((error) => { if (error.name !== "AbortError") resume(); });
  return true;
};
