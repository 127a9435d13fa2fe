// The Notes tab: the list of files, where notes are added, what is indexed and how it is built.
(() => {
  const { act, collectionChoice, escaped, on, part, post, read, readNewest, say, steps, write } = paperrag;
  const at = (id) => document.getElementById(id);
  let next = null;
  let isFetching = false;
  let words = "";
  let collection = "";

  part("notes", (place) => {
    const said = (key) => escaped(say(key));
    place.innerHTML = `<div id="pr-notes"><section id="pr-files"><h2 class="pr-head">${said("files")}</h2>
      <div id="pr-files-tools"><input type="search" id="pr-files-find" maxlength="200" aria-label="${said("files_find")}" placeholder="${said("files_find")}">${collectionChoice("pr-files-collection", collection)}</div>
      <div id="pr-files-list" tabindex="0" role="region" aria-label="${said("files")}"></div></section>
      <section id="pr-desk"><h2 class="pr-head">${said("add_title")}</h2><div id="pr-adding"></div>
      <h2 class="pr-head">${said("index_title")}</h2><div id="pr-facts"></div>
      <div class="pr-buttons"><button id="pr-update" data-act="build">${said("update")}</button>
      <button id="pr-rebuild" data-act="build" data-rebuild="yes">${said("rebuild")}</button>
      <button id="pr-cancel" data-act="cancel-build">${said("cancel")}</button></div><div id="pr-report"></div></section></div>`;
    const field = at("pr-files-find");
    field.value = words;
    field.addEventListener("input", () => { words = field.value; list(); });
    at("pr-files-collection")?.addEventListener("change", (event) => { collection = event.target.value; list(); });
    at("pr-files-list").addEventListener("scroll", more, { passive: true });
    paperrag.adding.draw(at("pr-adding"));
    show();
  });

  function show() {
    if (!at("pr-notes")) return; // Gradio draws a tab when it is opened first
    list();
    facts();
  }

  // --- the list of files ---

  async function list() {
    const reply = await readNewest("files", "files", { words, collection }).catch((error) => ({ html: `<p class="pr-error" role="alert">${escaped(error.message)}</p>`, next: null }));
    if (!reply) return;
    at("pr-files-list").innerHTML = reply.html;
    next = reply.next;
  }

  async function more() {
    const box = at("pr-files-list");
    if (next === null || isFetching || box.scrollTop + 2 * box.clientHeight < box.scrollHeight) return;
    isFetching = true;
    const reply = await readNewest("files", "files", { words, collection, first: next }).catch(() => null);
    isFetching = false;
    if (!reply) return;
    box.querySelector("ul").insertAdjacentHTML("beforeend", reply.html);
    next = reply.next;
  }

  // --- the index ---

  async function facts() {
    const { html } = await read("facts").catch((error) => ({ html: `<p class="pr-error" role="alert">${escaped(error.message)}</p>` }));
    at("pr-facts").innerHTML = html;
  }

  act("build", async ({ rebuild }) => {
    const tell = (html) => { at("pr-report").innerHTML = html; };
    try {
      for await (const { html } of steps(await post("build", { rebuild }))) tell(html);
    } catch (error) {
      tell(`<p class="pr-error" role="alert">${escaped(error.message)}</p>`);
    }
    paperrag.header.look();
  });
  act("cancel-build", () => write("cancel-build", {}).catch(() => {}));

  on("index", show);
})();
