// Stars on entries and answers, and the Saved tab: what has one, the reading list, the table of what is chosen.
(() => {
  const { act, escaped, on, part, read, readNewest, say, write } = paperrag;
  const at = (id) => document.getElementById(id);
  const given = { entry: new Set(), answer: new Set() };
  let place = null;

  // --- stars, wherever they are drawn ---

  async function load() {
    const stars = await read("stars").catch(() => null);
    if (!stars) return;
    for (const kind of ["entry", "answer"]) given[kind] = new Set(stars[kind]);
    fill();
  }

  // A turn of the conversation on screen is numbered; what is kept names its conversation too.
  const keyOf = ({ kind, id }) => (kind === "answer" && !id.includes("/") ? `${paperrag.chat.conversation}/${id}` : id);

  function fill() {
    for (const star of document.querySelectorAll("[data-act=star]")) {
      const pressed = String(given[star.dataset.kind].has(keyOf(star.dataset)));
      if (star.getAttribute("aria-pressed") !== pressed) star.setAttribute("aria-pressed", pressed);
    }
  }

  let isAhead = false;
  new MutationObserver(() => {
    if (isAhead) return;
    isAhead = true;
    requestAnimationFrame(() => { isAhead = false; fill(); });
  }).observe(document.documentElement, { childList: true, subtree: true });

  act("star", async ({ kind, id }) => {
    const key = keyOf({ kind, id });
    const isWanted = !given[kind].has(key);
    try {
      await write("star", { kind, id: key, wanted: isWanted ? "yes" : "" });
      given[kind][isWanted ? "add" : "delete"](key);
      fill();
      draw();
    } catch (error) {
      paperrag.toast(`<p class="pr-error" role="alert">${escaped(error.message)}</p>`);
    }
  });

  // --- the tab ---

  part("collect", (where) => {
    place = where;
    const words = (key) => escaped(say(key));
    const before = choices();
    const isCompared = Boolean(at("pr-compare")?.querySelector("table"));
    place.innerHTML = `<div id="pr-saved"><div id="pr-saved-lists" tabindex="0" role="region" aria-label="${words("tab_collect")}"></div>
      <div id="pr-saved-side"><div id="pr-saved-tools"><button class="pr-go" data-act="compare">${words("compare")}</button>
      <button class="pr-quiet" data-act="export-saved" data-form="md">${words("export_md")}</button>
      <button class="pr-quiet" data-act="export-saved" data-form="bib">${words("export_bib")}</button></div>
      <div id="pr-saved-said" role="alert"></div><div id="pr-compare"><p class="pr-faint">${words("compare_hint")}</p></div></div></div>`;
    draw(before).then(() => { if (isCompared) compare(); });
    load();
  });

  async function draw(before = choices()) {
    if (!at("pr-saved-lists")) return;
    const chosen = new Set(before);
    const opened = new Set([...document.querySelectorAll(".pr-group[open] > summary")].map((one) => one.textContent));
    const reply = await readNewest("saved", "saved").catch((error) => ({ html: `<p class="pr-error" role="alert">${escaped(error.message)}</p>` }));
    if (!reply) return;
    at("pr-saved-lists").innerHTML = reply.html;
    for (const box of document.querySelectorAll(".pr-choice")) box.checked = chosen.has(box.value);
    for (const one of document.querySelectorAll(".pr-group > summary")) one.parentElement.open = opened.has(one.textContent);
    fill();
  }

  const choices = () => [...new Set([...document.querySelectorAll(".pr-choice:checked")].map((box) => box.value))];
  const tell = (words) => { at("pr-saved-said").textContent = words; };

  act("compare", compare);

  async function compare() {
    tell("");
    try {
      const { html, text } = await write("compare", { ids: choices() });
      at("pr-compare").innerHTML = `${html}<button class="pr-quiet" data-act="copy" data-done="${escaped(say("copied"))}">${escaped(say("copy"))}</button>`;
      at("pr-compare").querySelector("[data-act=copy]").dataset.text = text;
    } catch (error) {
      tell(error.message);
    }
  }

  act("export-saved", async ({ form }) => {
    tell("");
    try {
      const { text } = await write("export-saved", { form, ids: choices() });
      const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
      Object.assign(document.createElement("a"), { href: address, download: form === "bib" ? "saved.bib" : "saved.md" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    } catch (error) {
      tell(error.message);
    }
  });

  on("index", () => draw());
  load();
})();
