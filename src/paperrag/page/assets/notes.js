// Notes are edited, renamed and deleted in the drawer. What is typed into a note stays in the browser until it is saved, and nothing is
// written over what another program wrote meanwhile.
(() => {
  const { act, escaped, go, read, say, write } = paperrag;
  const DRAFT = "paperrag-note-draft ";
  const at = (id) => document.getElementById(id);

  // --- editing ---

  const view = () => document.querySelector("#pr-viewer .pr-view");
  const editor = () => document.querySelector("#pr-editor");
  const draftOf = (source) => JSON.parse(localStorage.getItem(DRAFT + source) ?? "null");
  let open = null; // { source, stamp, text } of the note that is edited

  function tell(html, isTrouble = false) {
    const place = at("pr-note-said");
    if (place) place.innerHTML = isTrouble ? `<p class="pr-error" role="alert">${escaped(html)}</p>` : html;
  }

  act("edit-note", async ({ source, line }) => {
    try {
      const note = await read("source", { source });
      const draft = draftOf(source);
      open = { source, stamp: draft?.stamp ?? note.stamp, text: note.text };
      const isOther = draft && draft.text !== note.text;
      showEditor(isOther ? draft.text : note.text, Number(line));
      if (isOther) tell(`<p class="pr-weak">${escaped(say("draft_kept"))}</p>`);
    } catch (error) {
      tell(error.message, true);
    }
  });

  // It opens at the line that was read.
  function showEditor(text, line) {
    document.querySelector("#pr-viewer").classList.add("pr-editing");
    const whole = view().querySelector(".pr-whole");
    whole.innerHTML = `<textarea id="pr-editor" spellcheck="false" aria-label="${escaped(say("note_body"))}"></textarea>
      <div class="pr-edit-buttons"><button class="pr-go" data-act="save-note">${escaped(say("save"))}</button>
      <button class="pr-quiet" data-act="leave-note">${escaped(say("cancel"))}</button><span class="pr-faint">Ctrl+S</span></div>`;
    const area = editor();
    const before = text.split("\n", line - 1).join("\n");
    area.value = before;
    const above = area.scrollHeight; // how high the lines before it are
    area.value = text;
    area.addEventListener("input", () => {
      localStorage.setItem(DRAFT + open.source, JSON.stringify({ text: area.value, stamp: open.stamp }));
    });
    area.focus();
    const start = line > 1 ? Math.min(before.length + 1, text.length) : 0;
    area.setSelectionRange(start, start);
    area.scrollTop = line > 1 ? above - area.clientHeight / 2 : 0; // where the focus went to the end
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
      paperrag.header.look();
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
        paperrag.header.look();
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
      paperrag.header.look();
    } catch (error) {
      tell(error.message, true);
    }
  });

  act("restore-note", async ({ source, lying }) => {
    try {
      toast((await write("restore-note", { source, lying })).said);
      paperrag.header.look();
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
})();
