// The drawer: one entry or its note, beside every tab. Its address is the page's, so Back closes it.
(() => {
  const { act, address, go, on, part, readNewest, say, escaped } = paperrag;
  let drawer = null;
  let opener = null;
  let depth = 0; // addresses of the drawer behind one another

  part("drawer", (place) => {
    const label = escaped(say("close"));
    place.innerHTML =
      `<aside id="pr-viewer" role="dialog" aria-labelledby="pr-view-title" tabindex="-1" hidden>
        <button class="pr-close" data-act="close" title="Esc" aria-label="${label}">×</button>
        <div class="pr-view"></div></aside>`;
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

  async function follow() {
    if (!wanted()) return hide();
    const { kind, id } = address();
    try {
      const reply = await readNewest("drawer", kind, { id });
      if (reply && wanted()) show(reply.html);
    } catch (error) {
      if (wanted()) show(`<h3 id="pr-view-title">${escaped(say("close"))}</h3><p class="pr-error" role="alert">${escaped(error.message)}</p>`);
    }
  }

  function show(html) {
    const wasHidden = drawer.hidden;
    drawer.hidden = false;
    drawer.querySelector(".pr-view").innerHTML = html;
    drawer.scrollTop = 0;
    document.body.classList.add("pr-viewing");
    const line = drawer.querySelector(".pr-lines .pr-here");
    if (line) line.closest(".pr-lines").scrollTop = line.offsetTop - 120;
    if (wasHidden || !drawer.contains(document.activeElement)) drawer.focus({ preventScroll: true });
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
    if (depth > 0) history.go(-depth);
    else {
      const base = paperrag.chat?.conversation;
      go(base ? "c" : null, base, true);
      follow();
    }
  }

  act("close", close);
  act("ask-about", ({ question }) => {
    paperrag.chat.send(question);
    close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  addEventListener("popstate", () => {
    depth = wanted() ? Math.max(depth - 1, 0) : 0;
    follow();
  });
  on("index", () => { if (drawer && !drawer.hidden) follow(); });
})();
