// Writing: completion from the directory, autosave, files by paste and drop, progress of an upload.
import { announce, parsePage } from "./panes.js";

const form = () => document.getElementById("ecrire");

// --- completion -------------------------------------------------------------------------------------------------------
const lastPart = (value) => /[^,;]*$/.exec(value)[0];
let asked = 0;

const closeList = (input) => {
  input.parentElement.querySelector(".suggest")?.remove();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
};

const choose = (input, item) => {
  const before = input.value.slice(0, input.value.length - lastPart(input.value).length);
  input.value = `${before}${before && !before.endsWith(" ") ? " " : ""}${item.dataset.value}, `;
  closeList(input);
  input.focus();
  judge(input).catch(() => {});
};

const line = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

const showList = (input, entries) => {
  closeList(input);
  if (entries.length === 0) return;
  const list = Object.assign(document.createElement("ul"), { className: "suggest", id: `${input.id}-liste` });
  list.setAttribute("role", "listbox");
  for (const [index, entry] of entries.entries()) {
    const item = document.createElement("li");
    item.id = `${input.id}-${index}`;
    item.setAttribute("role", "option");
    const group = entry.address.includes(",");
    item.dataset.value = entry.name && !group ? `"${entry.name.replace(/["\\]/g, "")}" <${entry.address}>` : entry.address;
    item.append(Object.assign(line("span", entry.kind), { className: "kind" }), line("strong", entry.name || entry.address),
      line("small", [entry.about, entry.shown].filter(Boolean).join(" · ")));
    item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(input, item); });
    list.append(item);
  }
  input.parentElement.append(list);
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", list.id);
};

const complete = async (input) => {
  const words = lastPart(input.value).trim();
  const mine = ++asked;
  if (words.length < 2 || words.includes("@") && words.endsWith(".fr")) { closeList(input); return; }
  const body = new URLSearchParams({ csrf: document.body.dataset.csrf, mots: words.slice(0, 100) });
  const answer = await fetch(input.dataset.complete, { method: "POST", body });
  if (mine !== asked || !answer.ok) return;
  showList(input, (await answer.json()).entries ?? []);
};

const moveIn = (event) => {
  const input = event.target;
  const items = [...input.parentElement.querySelectorAll(".suggest li")];
  if (items.length === 0) return;
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) {
    const next = items[(at + by + items.length) % items.length];
    for (const item of items) item.setAttribute("aria-selected", item === next);
    input.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  } else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) {
    choose(input, items[at]);
  } else if (event.key === "Escape") {
    closeList(input);
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
};

const startCompletion = (input) => {
  let timer;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => complete(input).catch(() => {}), 160); });
  input.addEventListener("keydown", moveIn);
  input.addEventListener("change", () => judge(input).catch(() => {}));
  input.addEventListener("blur", () => setTimeout(() => closeList(input), 150));
};

// --- who may be written to: said at once ------------------------------------------------------------------------------
// Answers may overtake each other: only that to the newest question is shown.
const judged = new WeakMap();
const judge = async (input) => {
  const line = input.closest(".line");
  const mine = (judged.get(input) ?? 0) + 1;
  judged.set(input, mine);
  line.querySelector(".refused")?.remove();
  if (!input.value.trim()) return;
  const body = new URLSearchParams({ csrf: document.body.dataset.csrf, adresses: input.value });
  const answer = await fetch(input.dataset.judge, { method: "POST", body });
  if (!answer.ok) return;
  const { refused } = await answer.json();
  if (judged.get(input) !== mine) return;
  line.querySelector(".refused")?.remove();
  if (refused.length === 0) { input.removeAttribute("aria-invalid"); return; }
  const words = Object.assign(document.createElement("p"), { className: "refused", id: `${input.id}-refus` });
  words.textContent = refused.map((each) => `${each.address} : ${each.words}`).join(" ");
  words.setAttribute("role", "alert");
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", words.id);
  line.append(words);
};

// --- drafts -----------------------------------------------------------------------------------------------------------
// The form goes out as it is; of the page that comes back only the files and the draft's number are taken.
let saved = "";
const snapshot = (target) => {
  const data = new FormData(target);
  data.delete("fichier");
  return new URLSearchParams(data).toString();
};

const save = async (target, act, files) => {
  const data = new FormData(target);
  data.set("acte", act);
  if (!files) data.delete("fichier");
  const answer = await fetch(target.action, { method: "POST", body: data });
  if (answer.status === 401) { location.assign("/"); return false; }
  const page = parsePage(await answer.text());
  const parts = page.getElementById("pieces");
  const error = page.getElementById("erreur");
  if (error) { announce(error.textContent); return false; }
  if (!answer.ok || !parts) return false;
  document.getElementById("pieces").replaceWith(document.adoptNode(parts));
  saved = snapshot(target);
  const words = document.documentElement.lang === "fr" ? "Brouillon enregistré à " : "Draft saved at ";
  document.getElementById("enregistre").textContent = words + new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return true;
};

// --- files ------------------------------------------------------------------------------------------------------------
const upload = (target) => new Promise((resolve) => {
  const request = new XMLHttpRequest();
  const data = new FormData(target);
  const bar = document.createElement("progress");
  data.set("acte", "joindre");
  target.querySelector(".attach").append(bar);
  request.upload.onprogress = (event) => { bar.max = event.total; bar.value = event.loaded; };
  request.onloadend = () => { bar.remove(); resolve(request); };
  request.open("POST", target.action);
  request.send(data);
});

const attach = async (target, files) => {
  const input = target.querySelector("input[type=file]");
  if (files) {
    const box = new DataTransfer();
    for (const file of files) box.items.add(file);
    input.files = box.files;
  }
  if (input.files.length === 0) return;
  const size = document.getElementById("taille");
  const wanted = [...input.files].reduce((sum, file) => sum + file.size, Number(size?.dataset.used ?? 0));
  if (size && wanted > Number(size.dataset.limit)) {
    input.value = "";
    size.classList.add("bad");
    announce(document.documentElement.lang === "fr" ? "Trop volumineux pour ces destinataires." : "Too large for these recipients.");
    return;
  }
  const request = await upload(target);
  input.value = "";
  if (request.status === 401) { location.assign("/"); return; }
  const page = parsePage(request.responseText);
  const error = page.getElementById("erreur");
  const parts = page.getElementById("pieces");
  if (request.status >= 400 || error || !parts) { announce(error?.textContent ?? page.querySelector("h1")?.textContent ?? ""); return; }
  document.getElementById("pieces").replaceWith(document.adoptNode(parts));
  saved = snapshot(target);
};

const startFiles = (target) => {
  target.querySelector(".attach").classList.add("ready");
  target.querySelector("button[value=joindre]").hidden = true;
  target.querySelector("input[type=file]").addEventListener("change", () => attach(target));
  target.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("Files")) { event.preventDefault(); target.classList.add("dropping"); } });
  target.addEventListener("dragleave", () => target.classList.remove("dropping"));
  target.addEventListener("drop", (event) => {
    target.classList.remove("dropping");
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    attach(target, event.dataTransfer.files);
  });
  target.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length > 0) { event.preventDefault(); attach(target, event.clipboardData.files); }
  });
};

export const startCompose = () => {
  const target = form();
  if (!target) return;
  for (const input of target.querySelectorAll("[data-complete]")) startCompletion(input);
  startFiles(target);
  saved = snapshot(target);
  let leaving = false;
  target.addEventListener("submit", () => { leaving = true; });
  setInterval(() => {
    if (!leaving && !document.hidden && snapshot(target) !== saved) save(target, "enregistrer", false).catch(() => {});
  }, 10000);
  document.addEventListener("caducee-lock", ({ detail }) => {
    if (!leaving && snapshot(target) !== saved) detail.push(save(target, "enregistrer", false));
    leaving = true;
  });
  addEventListener("beforeunload", (event) => { if (!leaving && snapshot(target) !== saved) event.preventDefault(); });
};
