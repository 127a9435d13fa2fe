// Notes are added by one way, whether they are pasted, chosen as files, or dropped anywhere on the page; what one pastes stays in the
// browser until it is added.
paperrag.adding = (() => {
  const { COLLECTIONS, act, escaped, say, toast } = paperrag;
  const DRAFT = "paperrag-new-note";
  const MOST_BYTES = 20_000_000;
  const at = (id) => document.getElementById(id);
  const trouble = (words) => `<p class="pr-error" role="alert">${escaped(words)}</p>`;
  let last = null; // what was added last, told where, and what of it waits for an answer to "replace them?"

  // --- the form ---

  const FIELDS = { into: "pr-add-into", name: "pr-note-name", body: "pr-note-body" };

  function draw(place) {
    const words = (key) => escaped(say(key));
    const options = COLLECTIONS.map((name) => `<option>${escaped(name)}</option>`);
    const into = `<label><span>${words("collection")}</span><select id="pr-add-into">${options.join("")}</select></label>`;
    place.innerHTML = `${COLLECTIONS.length ? into : ""}
      <label><span>${words("note_name")}</span><input id="pr-note-name" type="text" maxlength="300" placeholder="${words("note_name_hint")}"></label>
      <label><span>${words("note_body")}</span><textarea id="pr-note-body" rows="9" spellcheck="false"></textarea></label>
      <div class="pr-buttons"><button id="pr-add" class="pr-go" data-act="add-pasted">${words("add")}</button>
      <label id="pr-upload"><input type="file" multiple accept="${escaped(window.paperragNoteFiles)}"><span>${words("upload")}</span></label></div>
      <div id="pr-added"></div>`;
    const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "{}");
    for (const [name, id] of Object.entries(FIELDS)) {
      if (at(id) && draft[name]) at(id).value = draft[name];
      at(id)?.addEventListener("input", keep);
    }
    const files = at("pr-upload").querySelector("input");
    files.addEventListener("change", () => {
      add([...files.files].map(ofFile), chosen(), tellHere);
      files.value = "";
    });
  }

  const typed = () => Object.fromEntries(Object.entries(FIELDS).map(([name, id]) => [name, at(id)?.value ?? ""]));
  const keep = () => sessionStorage.setItem(DRAFT, JSON.stringify(typed()));
  const chosen = () => at("pr-add-into")?.value ?? "";
  const tellHere = (html) => { at("pr-added").innerHTML = html; };

  act("add-pasted", async () => {
    const { name, body, into } = typed();
    if (!body.trim()) return tellHere(trouble(say("nothing_to_add")));
    if (await add([{ name, data: new Blob([body]), pasted: "yes" }], into, tellHere)) clear();
  });

  function clear() {
    for (const id of ["pr-note-name", "pr-note-body"]) at(id).value = "";
    keep();
  }

  // --- adding ---

  const ofFile = (file) => ({ name: file.name, data: file });

  // Returns whether all is written.
  async function add(notes, into, tell, replace = "") {
    const [told, waiting] = [[], []];
    let isWhole = true;
    for (const note of notes) {
      tell(`<p class="pr-faint">${escaped(say("adding"))} ${escaped(note.name)}</p>`);
      const reply = await addOne(note, into, replace);
      told.push(reply.html);
      if (reply.conflict) waiting.push(note);
      isWhole &&= Boolean(reply.written);
    }
    last = { waiting, into, tell };
    const again = waiting.length ? `<button class="pr-quiet" data-act="replace-notes">${escaped(say("replace"))}</button>` : "";
    tell(told.join("") + again);
    paperrag.header.look();
    return isWhole;
  }

  async function addOne({ name, data, pasted }, collection, replace) {
    if (data.size > MOST_BYTES) return { html: trouble(say("too_large", { name })) };
    try {
      return await paperrag.send("add", { name, replace, collection, pasted: pasted ?? "" }, data);
    } catch (error) {
      return { html: trouble(`${name} ${error.message}`.trim()) };
    }
  }

  act("replace-notes", async () => {
    const { waiting, into, tell } = last;
    const isWhole = await add(waiting, into, tell, "yes");
    if (isWhole && waiting.some(({ pasted }) => pasted)) clear();
  });

  // --- files dropped anywhere ---

  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let dropped = [];

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
    dropped = [...event.dataTransfer.files].map(ofFile);
    if (COLLECTIONS.length) askInto();
    else add(dropped, "", toast);
  });

  function askInto() {
    const buttons = COLLECTIONS.map((name) => `<button class="pr-quiet" data-act="drop-into" data-name="${escaped(name)}">${escaped(name)}</button>`);
    toast(`<p>${escaped(say("drop_into"))}</p>${buttons.join("")}`);
  }

  act("drop-into", ({ name }) => add(dropped, name, toast));

  return { draw };
})();
