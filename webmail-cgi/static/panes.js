// From list to message without a full load: our own pages are fetched, and the part that changed takes its place.
// What comes is our server's HTML, parsed without running anything (Trusted Types: this policy is the only one).
import { continueSearch, searchFurther } from "./search.js";

const policy = window.trustedTypes?.createPolicy("caducee", { createHTML: (text) => text }) ?? { createHTML: (text) => text };
export const parsePage = (text) => new DOMParser().parseFromString(policy.createHTML(text), "text/html");

export const announce = (words) => {
  const live = document.getElementById("annonce");
  if (!live) return;
  live.textContent = words;
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => { live.textContent = ""; }, 6000);
};

// A session that is over or locked, or a page of another build: the browser loads it whole.
const fetchPage = async (url, options = {}) => {
  const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
  if (answer.status === 401) { location.assign("/"); return null; }
  if (!answer.headers.get("content-type")?.startsWith("text/html")) { location.assign(url); return null; }
  return { page: parsePage(await answer.text()), url: answer.url, ok: answer.ok };
};

const swap = (page, selector) => {
  const fresh = page.querySelector(selector);
  const old = document.querySelector(selector);
  if (!fresh || !old) return false;
  old.replaceWith(document.adoptNode(fresh));
  return true;
};

const isMessage = (path) => /^\/b\/\d+\/d\/\d+\/m\/\d+$/.test(path);
const isSearch = (path) => /^\/b\/\d+\/recherche$/.test(path);
const folderOf = (path) => /^\/b\/\d+\/d\/\d+/.exec(path)?.[0];
let turn = 0;

const markOpen = (uid) => {
  for (const row of document.querySelectorAll(".row")) {
    const open = row.dataset.uid === uid;
    row.classList.toggle("open", open);
    if (open && row.classList.contains("unread")) { row.classList.remove("unread"); setTimeout(() => poll().catch(() => {}), 400); }
    row.querySelector("a").toggleAttribute("aria-current", open);
  }
};

// A message of the folder on screen: only the reading pane changes.
const openMessage = async (url, mine) => {
  const got = await fetchPage(url, { headers: { "X-Caducee-Fragment": "1" } });
  if (!got || mine !== turn) return;
  if (!got.ok || !swap(got.page, ".reading")) { location.assign(url); return; }
  document.body.className = "view-message";
  const pane = document.querySelector(".reading");
  markOpen(pane.dataset.uid);
  pane.focus({ preventScroll: true });
  if (matchMedia("(max-width: 800px)").matches) scrollTo(0, 0);
};

const openWhole = async (url, mine, options) => {
  const got = await fetchPage(url, options);
  if (!got || mine !== turn) return;
  if (!got.page.querySelector("#panes")) { location.assign(got.url); return; }
  swap(got.page, "#panes");
  swap(got.page, ".switcher");
  document.title = got.page.title;
  document.body.className = got.page.body.className;
  continueSearch();
  return got.url;
};

export const go = async (url, { push = true } = {}) => {
  const target = new URL(url, location.href);
  const mine = ++turn;
  const searching = document.querySelector(".list[data-search]");
  const here = searching || folderOf(location.pathname) === folderOf(target.pathname);
  if (searching && !push && isSearch(target.pathname)) { document.body.className = "view-list"; return; } // back to what was found
  document.documentElement.classList.add("busy");
  try {
    if (here && isMessage(target.pathname) && document.querySelector(".list")) await openMessage(target, mine);
    else await openWhole(target, mine);
    if (push && mine === turn) history.pushState({}, "", target);
  } catch {
    announce(navigator.onLine ? "Le serveur ne répond pas." : "Hors connexion.");
  } finally {
    document.documentElement.classList.remove("busy");
  }
};

const sendForm = async (form, button) => {
  const body = new URLSearchParams(new FormData(form, button));
  const mine = ++turn;
  const searches = isSearch(new URL(form.action).pathname);
  const url = await openWhole(form.action, mine, { method: "POST", body, headers: searches ? { "X-Caducee-Fragment": "1" } : {} });
  if (url && searches && url !== location.href) history.pushState({}, "", url);
  else if (url) history.replaceState({}, "", url);
  const notice = document.querySelector(".notice p");
  if (notice) announce(notice.textContent);
};

const clicked = (event) => {
  const link = event.target.closest("a[href]");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.origin !== location.origin || event.defaultPrevented) return;
  if (!document.getElementById("panes") || !folderOf(link.pathname) || /\/(p|html|source)\b/.test(link.pathname.replace(folderOf(link.pathname), ""))) return;
  event.preventDefault();
  go(link.href);
};

const submitted = (event) => {
  const form = event.target;
  if (!document.getElementById("panes") || !form.matches("#panes form, form.search") || form.method !== "post") return;
  event.preventDefault();
  if (searchFurther(form)) return;
  sendForm(form, event.submitter).catch(() => announce("Le serveur ne répond pas."));
};

// New mail: one cheap question every 20 s while the page is seen; the answer is mostly 304.
let known = "";
const poll = async () => {
  const list = document.querySelector(".list[data-poll]");
  if (!list || document.hidden) return;
  const answer = await fetch(list.dataset.poll, { headers: known ? { "If-None-Match": known } : {}, cache: "no-store" });
  if (answer.status === 401) { location.assign("/"); return; }
  if (answer.status !== 200) return;
  known = answer.headers.get("etag") ?? "";
  const { modseq } = await answer.json();
  const busy = document.querySelector(".list input[name=uid]:checked");
  if (String(modseq) === list.dataset.modseq || busy) return;
  const got = await fetchPage(location.href);
  const rows = document.querySelector(".rows");
  const scroll = rows?.scrollTop ?? 0;
  if (!got || !swap(got.page, ".list")) return;
  swap(got.page, ".folders");
  const fresh = document.querySelector(".rows");
  if (fresh) fresh.scrollTop = scroll;
};

// "Undo send" goes when its time is over.
const watchUndo = () => {
  const button = document.querySelector("[data-seconds]");
  if (button) setTimeout(() => button.remove(), Number(button.dataset.seconds) * 1000);
};

export const startPanes = () => {
  watchUndo();
  continueSearch();
  document.addEventListener("click", clicked);
  document.addEventListener("submit", submitted);
  addEventListener("popstate", () => go(location.href, { push: false }));
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-all]");
    if (!all) return;
    for (const box of document.querySelectorAll(`.row input[name="${all.dataset.all}"]`)) box.checked = all.checked;
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  setInterval(() => poll().catch(() => {}), 20000);
};
