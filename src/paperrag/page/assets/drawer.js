// The drawer: one entry or a whole note, beside every tab. Its address is the page's, so Back closes it.
paperrag.drawer = (() => {
  const FORM = "paperrag-note-form"; // "lines": notes are shown as they stand in the file
  const { act, address, go, on, part, readNewest, say, escaped } = paperrag;
  let drawer = null;
  let opener = null;
  let depth = 0; // addresses of the drawer behind one another

  part("drawer", (place) => {
    const label = escaped(say("close"));
    place.innerHTML =
      `<aside id="pr-viewer" role="dialog" aria-labelledby="pr-view-title" tabindex="-1" hidden>
        <div class="pr-drawer-bar"><div class="pr-drawer-place"></div><button class="pr-back" data-act="drawer-back" aria-label="${escaped(say("back"))}" title="${escaped(say("back"))}" hidden>‹</button>
        <button class="pr-close" data-act="close" title="Esc" aria-label="${label}">×</button></div>
        <div class="pr-view"></div></aside>
      <div id="pr-toast" role="status" hidden></div><div id="pr-drop" hidden><p>${escaped(say("drop_here"))}</p></div>`;
    drawer = place.firstElementChild;
    follow();
  });

  for (const kind of ["open", "note"]) {
    act(kind, ({ entry }, button) => {
      if (drawer.hidden) opener = button;
      go(kind === "open" ? "entry" : "note", entry);
      depth += 1;
      follow();
    });
  }

  // The address says whether the drawer is wanted; what is on screen may lag behind a slow reply.
  const wanted = () => ["entry", "note"].includes(address().kind);

  async function follow(draw = show) {
    if (!wanted()) return hide();
    const { kind, id } = address();
    try {
      const form = kind === "note" ? localStorage.getItem(FORM) : null;
      const reply = await readNewest("drawer", kind, { id, form });
      if (reply && wanted()) draw(reply.html);
    } catch (error) {
      if (wanted()) show(`<h3 id="pr-view-title">${escaped(say("close"))}</h3><p class="pr-error" role="alert">${escaped(error.message)}</p>`);
    }
  }

  let drawn = ""; // as the server sent it

  function fill(html) {
    drawn = html;
    const view = drawer.querySelector(".pr-view");
    view.innerHTML = html;
    const place = view.querySelector(":scope > :is(.pr-file, .pr-crumbs)"); // where it stands is always in sight
    if (place) place.title = place.innerText;
    drawer.querySelector(".pr-drawer-place").replaceChildren(...(place ? [place] : []));
  }

  function show(html) {
    const wasHidden = drawer.hidden;
    drawer.hidden = false;
    drawer.querySelector(".pr-back").hidden = depth < 2; // what was read before it in the drawer
    drawer.classList.remove("pr-editing");
    fill(html);
    drawer.scrollTop = 0;
    document.body.classList.add("pr-viewing");
    const place = drawer.querySelector(".pr-here");
    const lines = place?.closest(".pr-lines");
    if (lines) lines.scrollTop = place.offsetTop - 120;
    else place?.scrollIntoView({ block: "center" });
    if (wasHidden || !drawer.contains(document.activeElement)) drawer.focus({ preventScroll: true });
  }

  // Another index is served: where one reads stays, and so does what was said or is typed above the note.
  function renew(html) {
    if (html === drawn || isEdited()) return;
    const said = drawer.querySelector("#pr-note-said");
    const top = drawer.scrollTop;
    fill(html);
    if (said) drawer.querySelector("#pr-note-said")?.replaceWith(said);
    drawer.scrollTop = top;
  }

  function hide() {
    if (!drawer || drawer.hidden) return;
    drawer.hidden = true;
    document.body.classList.remove("pr-viewing");
    depth = 0;
    if (opener?.isConnected) opener.focus({ preventScroll: true });
    opener = null;
  }

  // Closing goes back to where the drawer was opened from; a page that began with it has nothing behind.
  function close() {
    if (!wanted()) return;
    if (document.activeElement?.id === "pr-editor") document.activeElement.blur();
    if (depth > 0) history.go(-depth);
    else {
      const base = paperrag.chat?.conversation;
      go(base ? "c" : null, base, true);
      follow();
    }
  }

  act("close", close);
  act("drawer-back", () => history.back());
  act("ask-about", ({ question }) => {
    paperrag.chat.send(question);
    close();
  });
  act("ask-file", ({ source }) => {
    close();
    paperrag.chat.askIn({ file: source });
  });
  act("note-form", () => {
    localStorage.setItem(FORM, localStorage.getItem(FORM) === "lines" ? "" : "lines");
    follow();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.id !== "pr-editor") close(); // who edits means the text
  });
  addEventListener("popstate", () => {
    depth = wanted() ? Math.max(depth - 1, 0) : 0;
    follow();
  });
  const isEdited = () => drawer.classList.contains("pr-editing");
  on("index", () => { if (drawer && !drawer.hidden && !isEdited()) follow(renew); });

  return { close, refresh: () => follow() };
})();
