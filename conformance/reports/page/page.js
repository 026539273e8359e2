"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const form = document.getElementById("filter");
const search = document.getElementById("search");
const items = all(".item");
const words = new WeakMap();
let narrowed = false;

function textOf(item) {
  if (!words.has(item)) {
    words.set(item, all(".searched", item).map((part) => part.textContent).join(" ").toLowerCase());
  }
  return words.get(item);
}

function asked() {
  const data = new FormData(form);
  return {
    outcomes: data.getAll("outcome"),
    level: data.get("level"),
    area: data.get("area"),
    terms: data.get("search").toLowerCase().split(/\s+/).filter(Boolean),
  };
}

function fits(item, { outcomes, level, area, terms }) {
  return (
    (!outcomes.length || outcomes.includes(item.dataset.outcome)) &&
    (!level || item.dataset.level === level) &&
    (!area || item.dataset.area === area) &&
    terms.every((term) => textOf(item).includes(term))
  );
}

function filter() {
  const wanted = asked();
  const before = narrowed;
  narrowed = Boolean(wanted.outcomes.length || wanted.level || wanted.area || wanted.terms.length);
  for (const item of items) item.hidden = !fits(item, wanted);
  for (const part of all(".group, .outcome-section")) part.hidden = !part.querySelector(".item:not([hidden])");
  if (narrowed || before) all(".group").forEach((group) => (group.open = narrowed && !group.hidden));
  const shown = items.filter((item) => !item.hidden).length;
  document.getElementById("found").textContent =
    `${shown.toLocaleString("en")} of ${items.length.toLocaleString("en")} requirements`;
  form.querySelector("[type=reset]").hidden = !narrowed;
}

function offerFilter() {
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    }
  });
  filter();
}

function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest("[hidden]")) {
    form.reset();
    filter();
  }
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target.scrollIntoView();
}

function bring(fold) {
  const kept = document.getElementById(fold.dataset.exchange).cloneNode(true);
  kept.removeAttribute("id");
  fold.querySelector(".elsewhere").replaceWith(kept);
  delete fold.dataset.exchange;
}

async function copy(button) {
  const command = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(command.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(command);
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

if (form) offerFilter();
for (const button of all("[data-copies]")) button.hidden = false;
addEventListener("hashchange", reveal);
addEventListener("toggle", ({ target }) => target.open && target.dataset.exchange && bring(target), true);
addEventListener("beforeprint", () => all(".finding > details").forEach((fold) => (fold.open = true)));
addEventListener("click", ({ target }) => target.matches("[data-copies]") && copy(target));
reveal();
