// What all parts of the page share: words, language, theme, requests, clicks, addresses. Sends nothing anywhere but to its own server.
window.paperrag = (() => {
  const BASE = new URL("paperrag/", location.href.split(/[?#]/)[0]);
  const COLLECTIONS = window.paperragCollections; // [] where there is only one
  const NARROW = matchMedia("(max-width: 760px)");
  const parts = {}; // name → { draw(place), placed }
  const acts = {}; // data-act → what a click on it does
  const listeners = { index: [], theme: [] };
  let language = localStorage.getItem("paperrag-words") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";

  // --- words ---

  function say(key, values = {}) {
    const text = window.paperragWords[key][language];
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

  // --- focus ---

  // Draw a part of the page anew; the focus stays on what it was on: the element there that does the same to the same.
  function redrawn(place, draw) {
    const held = place.contains(document.activeElement) ? document.activeElement : null;
    const sign = [...(held?.attributes ?? [])].filter(({ name }) => name.startsWith("data-"))
      .map(({ name, value }) => `[${name}="${CSS.escape(value)}"]`).join("");
    draw();
    if (sign) place.querySelector(sign)?.focus({ preventScroll: true });
  }

  // Hide what was opened by a button; a focus inside goes back to it.
  function folded(menu, button) {
    const isHeld = menu.contains(document.activeElement);
    menu.hidden = true;
    if (isHeld) button.focus({ preventScroll: true });
  }

  // --- parts ---

  function part(name, draw) {
    parts[name] = { draw, place: null };
  }

  function mount(name, element) {
    parts[name].place = element.querySelector("[data-part]");
    parts[name].draw(parts[name].place);
  }

  function on(signal, listener) {
    listeners[signal].push(listener);
  }

  function tell(signal) {
    for (const listener of listeners[signal]) listener();
  }

  function switchLanguage() {
    language = language === "zh" ? "en" : "zh";
    localStorage.setItem("paperrag-words", language);
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    for (const { draw, place } of Object.values(parts)) if (place) draw(place);
    return language;
  }

  // --- requests ---

  const reached = (...request) => fetch(...request).catch(() => { throw new Error(say("unreachable")); });

  async function answered(reply) {
    if (!reply.ok) throw new Error(await reply.text());
    const told = await reply.json();
    if (told?.refused) throw new Error(told.refused);
    return told;
  }

  function read(name, given = {}) {
    const address = new URL(name, BASE);
    for (const [key, value] of Object.entries({ ...given, lang: language })) {
      if (value !== null && value !== undefined && value !== "") address.searchParams.set(key, value);
    }
    return reached(address).then(answered);
  }

  function post(name, given) {
    const body = JSON.stringify({ ...given, lang: language });
    return reached(new URL(name, BASE), { method: "POST", headers: { "Content-Type": "application/json" }, body });
  }

  const write = (name, given) => post(name, given).then(answered);

  // A file goes as it is, what is said of it in the address.
  function send(name, given, file) {
    const address = new URL(name, BASE);
    for (const [key, value] of Object.entries({ ...given, lang: language })) address.searchParams.set(key, value);
    return reached(address, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file }).then(answered);
  }

  // Only the newest of several requests of one kind counts, whichever answer comes last.
  const newest = {};

  async function readNewest(kind, name, given) {
    const number = (newest[kind] = (newest[kind] ?? 0) + 1);
    const reply = await read(name, given);
    return newest[kind] === number ? reply : null;
  }

  // What takes a while answers in one JSON line a step; an empty line says that it goes on.
  async function* steps(reply) {
    if (!reply.ok) throw new Error(await reply.text());
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) if (line) yield JSON.parse(line);
    }
  }

  // --- clicks ---

  function act(name, handler) {
    acts[name] = handler;
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-act]");
    const handler = target && acts[target.dataset.act];
    if (!handler) return;
    if (target.tagName === "A") event.preventDefault();
    handler(target.dataset, target);
  });

  act("copy", ({ text, done }, button) => copied(button, text, done));

  async function copied(button, text, done) {
    await copyText(text);
    const label = button.textContent;
    button.textContent = done;
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  async function copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // a page that is not on this machine or behind TLS has no clipboard
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }

  act("unfold", (_, button) => {
    button.closest(".pr-long").classList.add("pr-whole-question");
    button.remove();
  });

  // The choice of a collection, "" where there is only one. chosen: what is shown now, "" for all.
  function collectionChoice(id, chosen) {
    if (!COLLECTIONS.length) return "";
    const label = escaped(say("collection"));
    const options = COLLECTIONS.map((name) => `<option${name === chosen ? " selected" : ""}>${escaped(name)}</option>`);
    return `<select id="${id}" class="pr-collections" aria-label="${label}"><option value="">${label}: ${escaped(say("all"))}</option>${options.join("")}</select>`;
  }

  // --- keys ---

  document.addEventListener("keydown", (event) => {
    const isWriting = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || isWriting || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = document.querySelector("#pr-question textarea");
    if (!box) return;
    event.preventDefault();
    showTab("ask");
    setTimeout(() => box.focus(), 0);
  });

  function showTab(name) {
    document.querySelector(`#pr-tab-${name}-button`)?.click();
  }

  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  // --- addresses: #/c/CONVERSATION and #/entry/ENTRY, #/note/ENTRY ---

  function address() {
    const [, kind, id] = location.hash.match(/^#\/(c|entry|note)\/(.+)$/) ?? [];
    return { kind, id: id && decodeURIComponent(id) };
  }

  function go(kind, id, replace = false) {
    const plain = location.pathname + location.search;
    const next = kind ? `#/${kind}/${encodeURIComponent(id)}` : plain;
    if (kind ? location.hash === next : !location.hash) return;
    history[replace ? "replaceState" : "pushState"]({ ours: true }, "", next);
  }

  // --- theme ---

  function toggleTheme() {
    const dark = !document.body.classList.contains("dark");
    localStorage.setItem("paperrag-theme", dark ? "dark" : "light");
    document.body.classList.toggle("dark", dark);
  }

  // Gradio sets its own theme class when it starts; the remembered one stays.
  let wasDark = null;

  function keepTheme() {
    const wanted = localStorage.getItem("paperrag-theme");
    const dark = wanted ? wanted === "dark" : document.body.classList.contains("dark");
    document.body.classList.toggle("dark", dark);
    if (wasDark !== null && wasDark !== dark) tell("theme");
    wasDark = dark;
  }

  function watchTheme() {
    keepTheme();
    new MutationObserver(keepTheme).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  }
  if (document.body) watchTheme();
  else document.addEventListener("DOMContentLoaded", watchTheme);

  return {
    COLLECTIONS, NARROW, act, address, calm, collectionChoice, copied, escaped, folded, go, mount, on, part, post, read, readNewest, redrawn, say, send, showTab,
    steps, switchLanguage, tell, toggleTheme, write,
    get language() { return language; },
  };
})();
