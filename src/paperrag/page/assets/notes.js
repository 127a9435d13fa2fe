// Notes as a place: the list of files, editing in the drawer, files dropped anywhere. What is typed into a note stays in the browser
// until it is saved, and nothing is written over what another program wrote meanwhile.
(() => {
  const { COLLECTIONS, act, address, collectionChoice, escaped, go, on, part, post, read, readNewest, say, write } = paperrag;
  const DRAFT = "paperrag-note-draft ";
  const MOST_BYTES = 20_000_000;
  const at = (id) => document.getElementById(id);

  // --- the list of files ---

  let next = null;
  let isFetching = false;
  let words = "";
  let collection = "";

  part("files", (place) => {
    place.innerHTML = `<div id="pr-files"><h2 class="pr-head">${escaped(say("files"))}</h2>
      <div id="pr-files-tools"><input type="search" id="pr-files-find" maxlength="200" aria-label="${escaped(say("files_find"))}" placeholder="${escaped(say("files_find"))}">${collectionChoice("pr-files-collection", collection)}</div>
      <div id="pr-files-list" tabindex="0" role="region" aria-label="${escaped(say("files"))}"></div></div>`;
    const field = at("pr-files-find");
    field.value = words;
    field.addEventListener("input", () => { words = field.value; list(); });
    at("pr-files-collection")?.addEventListener("change", (event) => { collection = event.target.value; list(); });
    at("pr-files-list").addEventListener("scroll", more, { passive: true });
    list();
  });

  async function list() {
    if (!at("pr-files-list")) return; // Gradio draws a tab when it is opened first
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

  on("index", list);

  // --- editing ---

  const view = () => document.querySelector("#pr-viewer .pr-view");
  const editor = () => document.querySelector("#pr-editor");
  const draftOf = (source) => JSON.parse(localStorage.getItem(DRAFT + source) ?? "null");
  let open = null; // { source, stamp, text } of the note that is edited

  function tell(html, isTrouble = false) {
    const place = at("pr-note-said");
    if (place) place.innerHTML = isTrouble ? `<p class="pr-error" role="alert">${escaped(html)}</p>` : html;
  }

  act("edit-note", async ({ source }) => {
    try {
      const note = await read("source", { source });
      const draft = draftOf(source);
      open = { source, stamp: draft?.stamp ?? note.stamp, text: note.text };
      const isOther = draft && draft.text !== note.text;
      showEditor(isOther ? draft.text : note.text);
      if (isOther) tell(`<p class="pr-weak">${escaped(say("draft_kept"))}</p>`);
    } catch (error) {
      tell(error.message, true);
    }
  });

  function showEditor(text) {
    document.querySelector("#pr-viewer").classList.add("pr-editing");
    const whole = view().querySelector(".pr-whole");
    whole.innerHTML = `<textarea id="pr-editor" spellcheck="false" aria-label="${escaped(say("note_body"))}"></textarea>
      <div class="pr-edit-buttons"><button class="pr-go" data-act="save-note">${escaped(say("save"))}</button>
      <button class="pr-quiet" data-act="leave-note">${escaped(say("cancel"))}</button><span class="pr-faint">Ctrl+S</span></div>`;
    const area = editor();
    area.value = text;
    area.addEventListener("input", () => {
      localStorage.setItem(DRAFT + open.source, JSON.stringify({ text: area.value, stamp: open.stamp }));
    });
    area.focus();
    area.setSelectionRange(0, 0);
  }

  function forget() {
    localStorage.removeItem(DRAFT + open.source);
    open = null;
    document.querySelector("#pr-viewer").classList.remove("pr-editing");
  }

  async function save() {
    const { source, stamp } = open;
    const text = editor().value;
    try {
      const reply = await write("save-note", { source, text, stamp });
      if (reply.conflict) return conflict(reply);
      forget();
      await paperrag.drawer.refresh();
      tell(reply.said);
      list();
    } catch (error) {
      tell(error.message, true);
    }
  }

  function conflict(theirs) {
    open = { ...open, stamp: theirs.stamp, text: theirs.text };
    tell(`<p class="pr-error" role="alert">${escaped(say("note_changed"))}</p>
      <button class="pr-quiet" data-act="save-note">${escaped(say("save_over"))}</button>
      <button class="pr-quiet" data-act="take-theirs">${escaped(say("take_theirs"))}</button>`);
  }

  act("save-note", save);
  act("take-theirs", () => {
    localStorage.removeItem(DRAFT + open.source);
    editor().value = open.text;
    tell("");
  });
  act("leave-note", () => {
    forget();
    paperrag.drawer.refresh();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.target.id !== "pr-editor") return;
    event.preventDefault();
    save();
  });

  // --- renaming and deleting ---

  act("rename-note", ({ source }) => {
    tell(`<input id="pr-note-rename" maxlength="200" aria-label="${escaped(say("rename_note"))}">`);
    const field = at("pr-note-rename");
    field.value = source;
    field.focus();
    field.addEventListener("keydown", async (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        tell("");
      }
      if (event.key !== "Enter" || event.isComposing) return;
      try {
        const reply = await write("rename-note", { source, name: field.value });
        go("note", reply.source, true);
        await paperrag.drawer.refresh();
        tell(reply.said);
        list();
      } catch (error) {
        tell(error.message, true);
      }
    });
  });

  act("delete-note", async ({ source }, button) => {
    if (button.dataset.sure !== "yes") { // the second click means it
      button.dataset.sure = "yes";
      button.textContent = say("delete_note_sure");
      return;
    }
    try {
      const reply = await write("delete-note", { source });
      localStorage.removeItem(DRAFT + source);
      paperrag.drawer.close();
      toast(reply.said);
      list();
    } catch (error) {
      tell(error.message, true);
    }
  });

  act("restore-note", async ({ source, lying }) => {
    try {
      toast((await write("restore-note", { source, lying })).said);
      list();
    } catch (error) {
      toast(`<p class="pr-error" role="alert">${escaped(error.message)}</p>`);
    }
  });

  // --- what is told below everything, until it is closed ---

  function toast(html) {
    const place = at("pr-toast");
    place.innerHTML = html ? `<div>${html}</div><button class="pr-close" data-act="untoast" aria-label="${escaped(say("close"))}">×</button>` : "";
    place.hidden = !html;
  }
  act("untoast", () => toast(""));
  paperrag.toast = toast;

  // --- files dropped anywhere ---

  let waiting = []; // files that exist and were not replaced
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files") && !event.target.closest?.("#pr-upload");

  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    at("pr-drop").hidden = false;
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) at("pr-drop").hidden = true; });
  document.addEventListener("drop", (event) => {
    at("pr-drop").hidden = true;
    if (!holdsFiles(event)) return;
    event.preventDefault();
    dropped = [...event.dataTransfer.files];
    if (COLLECTIONS.length) askInto();
    else add(dropped);
  });

  let dropped = [];
  let into = ""; // the collection that is added to, "" where there is only one

  function askInto() {
    const buttons = COLLECTIONS.map((name) => `<button class="pr-quiet" data-act="drop-into" data-name="${escaped(name)}">${escaped(name)}</button>`);
    toast(`<p>${escaped(say("drop_into"))}</p>${buttons.join("")}`);
  }

  act("drop-into", ({ name }) => {
    into = name;
    add(dropped);
  });

  async function add(files, replace = "") {
    waiting = [];
    const told = [];
    for (const file of files) {
      toast(`<p class="pr-faint">${escaped(say("adding"))} ${escaped(file.name)}</p>`);
      told.push(await addOne(file, replace));
    }
    const again = waiting.length ? `<button class="pr-quiet" data-act="replace-dropped">${escaped(say("replace"))}</button>` : "";
    toast(told.join("") + again);
    list();
  }

  async function addOne(file, replace) {
    const trouble = (words) => `<p class="pr-error" role="alert">${escaped(words)}</p>`;
    if (file.size > MOST_BYTES) return trouble(say("too_large", { name: file.name }));
    try {
      const reply = await paperrag.send("add", { name: file.name, replace, collection: into }, file);
      if (reply.conflict) waiting.push(file);
      return reply.html;
    } catch (error) {
      return trouble(`${file.name}: ${error.message}`);
    }
  }
  act("replace-dropped", () => add(waiting, "yes"));
})();
